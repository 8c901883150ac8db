package spec

import "math"

// observableObjects are the SCOs (section 6).
var observableObjects = []*Struct{
	artifact, autonomousSystem, directory, domainName, emailAddr, emailMessage, file, ipv4Addr, ipv6Addr, macAddr, mutex,
	networkTraffic, process, software, urlObject, userAccount, windowsRegistryKey, x509Certificate,
}

// notNegative is a number from 0 upwards.
var notNegative = &Range{0, math.Inf(1)}

// extensionsContribute makes the extensions of an SCO part of its deterministic id.
func extensionsContribute(list []Property) []Property {
	for i := range list {
		if list[i].Kind == Extensions {
			list[i].Contributing = true
		}
	}
	return list
}

// anyOf demands one of some properties, own or common.
func anyOf(names ...string) Rule { return Rule{Op: AtLeastOne, Props: names} }

// anyOwn demands one of the properties of its own that a struct has.
func anyOwn(list []Property) Rule {
	r := Rule{Op: AtLeastOne}
	for _, p := range list {
		r.Props = append(r.Props, p.Name)
	}
	return r
}
