// Package typed gives STIX 2.1 objects Go types: a view to read each type of object, and a builder to make it.
//
// # Reading
//
// A view is made from an object that came through package stix. It notes where the properties stand and decodes them when they are
// asked for; the bytes stay as they are. There is one for every type of the standard and for those that the known extensions define.
//
//	i, err := typed.IndicatorOf(&o)
//	if err != nil {
//		return err // o is no indicator, or of STIX 2.0
//	}
//	fmt.Println(i.Name(), i.Pattern(), i.ValidFrom())
//	for phase := range i.KillChainPhases() {
//		fmt.Println(phase.KillChainName(), phase.PhaseName())
//	}
//
// An accessor returns the zero value when the property is absent. So it does when the value is not of the kind that STIX 2.1 demands, since
// a view does not ask whether its object is valid. What it returns depends on the kind:
//
//   - a string, a reference: string, or a type of package vocab; "" if it is absent
//   - a timestamp: [stix.Timestamp], whose IsZero tells
//   - binary and hexadecimal data: the decoded []byte
//   - a number, true or false: int64, float64 or bool. Where these are absent, 0 and false say too little: HasX beside each X tells
//   - an object: its view, and whether it is there
//   - a list of any of these: a slice without the elements of another kind, nil if it is absent; of objects a sequence
//   - a dictionary, hashes: a sequence of keys and values, in the order of the bytes
//   - anything else: its JSON, nil if it is absent
//
// Extensions that are known have accessors ([File.ArchiveExt], [MarkingDefinition.TLP2]); the others are found by key
// ([Object.Extension]). Property returns any property by name, also a custom one.
//
// A view is a small value and keeps the object's bytes alive. It is not changed by anything and may be used from any goroutine.
//
// # Building
//
// A builder has one method for each property. Build fills in what can be filled in, and refuses an object that is not valid:
//
//	o, err := typed.NewIndicator().
//		Name("Beacon of Example Bear").
//		Pattern("[domain-name:value = 'c2.example']").
//		PatternType(vocab.PatternTypeSTIX).
//		ValidFrom(stix.TimestampOf(now)).
//		Build()
//
// An error of type [*InvalidError] lists what contradicts a MUST; what the standard merely advises against is in Findings. A setter that is called
// again replaces the value; an empty list, an empty map or the zero timestamp removes it. Dictionaries are written in the order of
// their keys, properties in the order of the standard, so that equal calls give equal bytes.
//
// Objects within objects have builders too, and are written when they are handed over:
//
//	typed.NewFile().Name("a.zip").ArchiveExt(typed.NewArchiveExt().ContainsRefs(inner.ID))
//
// Custom sets properties of no standard, Extension the members of an extension that has no builder. A [stix.Validator] that
// knows it judges the object if it is given to Validator.
//
// A builder belongs to one goroutine.
package typed
