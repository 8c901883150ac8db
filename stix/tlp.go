package stix

import (
	"fmt"
	"strings"
)

// TLP is a level of the Traffic Light Protocol. A greater one is stricter. TLP 1 levels are the 2.0 level of the same
// name, white is clear.
type TLP uint8

// The levels of TLP 2.0. TLPNone means that there is no TLP marking, which is not the same as clear.
const (
	TLPNone TLP = iota
	TLPClear
	TLPGreen
	TLPAmber
	TLPAmberStrict
	TLPRed
)

var tlpNames = [...]string{"", "clear", "green", "amber", "amber+strict", "red"}

// ParseTLP reads the name of a level in any case, with or without "TLP:" before it.
func ParseTLP(s string) (TLP, error) {
	name := s
	if len(name) >= 4 && strings.EqualFold(name[:4], "tlp:") {
		name = name[4:]
	}
	if strings.EqualFold(name, "white") {
		return TLPClear, nil
	}
	for t := TLPClear; t <= TLPRed; t++ {
		if strings.EqualFold(name, tlpNames[t]) {
			return t, nil
		}
	}
	return TLPNone, fmt.Errorf("TLP %q: want clear, green, amber, amber+strict or red", s)
}

// String is the name in lower case, "none" for TLPNone.
func (t TLP) String() string {
	switch {
	case t == TLPNone:
		return "none"
	case t > TLPRed:
		return fmt.Sprintf("TLP(%d)", uint8(t))
	}
	return tlpNames[t]
}

// Label is the name as people write it: "TLP:AMBER+STRICT". TLPNone has none.
func (t TLP) Label() string {
	if t == TLPNone || t > TLPRed {
		return ""
	}
	return "TLP:" + strings.ToUpper(tlpNames[t])
}

// TLPOf is the level of a predefined marking-definition: those of TLP 1 (STIX 2.1 section 7.2.1.4) and of the TLP 2.0
// extension, the UUID in any case. It is TLPNone for every other id.
func TLPOf(markingID string) TLP {
	uuid, ok := strings.CutPrefix(markingID, "marking-definition--")
	if !ok || len(uuid) != uuidLen {
		return TLPNone
	}
	switch strings.ToLower(uuid) {
	case "613f2e26-407d-48c7-9eca-b8e91df99dc9", "94868c89-83c2-464b-929b-a1a8aa3c8487":
		return TLPClear
	case "34098fce-860f-48ae-8e50-ebd3cc5e41da", "bab4a63c-aed9-4cf5-a766-dfca5abac2bb":
		return TLPGreen
	case "f88d31f6-486f-44da-b317-01333bde0b82", "55d920b0-5e8b-4f79-9ee9-91f868d9b421":
		return TLPAmber
	case "939a9414-2ddd-4d32-a0cd-375ea402b003":
		return TLPAmberStrict
	case "5e57c739-391a-4eb3-b6be-7d15ca92d5ed", "e828b379-4e03-4974-9ac4-e53a884c97c1":
		return TLPRed
	}
	return TLPNone
}

// MarkingID is the id of the level's TLP 2.0 marking-definition, "" for TLPNone.
func (t TLP) MarkingID() string {
	switch t {
	case TLPClear:
		return "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
	case TLPGreen:
		return "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	case TLPAmber:
		return "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
	case TLPAmberStrict:
		return "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"
	case TLPRed:
		return "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
	}
	return ""
}
