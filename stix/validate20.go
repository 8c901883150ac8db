package stix

import "github.com/wagasa/wagasa/stix/internal/spec"

// judge20 judges an object of STIX 2.0 as [Upgrade] makes it. What only STIX 2.1 demands is a Should.
func (v *Validator) judge20(o *Object) {
	up, err := Upgrade(o)
	if err != nil {
		v.path = v.path[:0]
		v.report(spec.CodeNotObject, []byte(err.Error()), "")
		return
	}
	v.older = true
	defer func() { v.older = false }()
	v.judge(up.Object.Raw, up.Object.Type)
	for i := range up.Extracted {
		before := len(v.findings)
		v.judge(up.Extracted[i].Raw, up.Extracted[i].Type)
		for k := before; k < len(v.findings); k++ {
			v.findings[k].Pointer = up.places[i] + v.findings[k].Pointer
		}
	}
}
