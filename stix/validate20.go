package stix

import (
	"errors"

	"github.com/wagasa/wagasa/stix/internal/spec"
)

// judge20 judges an object of STIX 2.0 as [Upgrade] makes it. What only STIX 2.1 demands is a Should.
func (v *Validator) judge20(o *Object) {
	if o.Type == "bundle" { // its objects stand by themselves, and there is nothing else to upgrade
		v.judgeOlder(o.Raw, o.Type)
		return
	}
	up, err := Upgrade(o)
	if err != nil {
		v.path = v.path[:0]
		if errors.Is(err, ErrTooMany) || errors.Is(err, ErrTooLarge) {
			v.add(Finding{Code: spec.CodeLimit, Level: Must, Value: reason(err)})
		} else {
			v.say(spec.CodeNotObject, reason(err))
		}
		return
	}
	v.judgeOlder(up.Object.Raw, up.Object.Type)
	for i := range up.Extracted {
		before := len(v.findings)
		v.judgeOlder(up.Extracted[i].Raw, up.Extracted[i].Type)
		for k := before; k < len(v.findings); k++ {
			v.findings[k].Pointer = up.places[i] + v.findings[k].Pointer
		}
	}
}

// judgeOlder is judge for what was written for STIX 2.0.
func (v *Validator) judgeOlder(raw []byte, typ string) {
	v.older = true
	v.judge(raw, typ)
	v.older = false
}
