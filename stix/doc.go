// Package stix is STIX 2.1 for Go: it reads, judges, marks, versions and writes objects without losing a byte, and brings those of
// STIX 2.0 up to date.
//
// An [Object] is the bytes that came and a [Header] of the common properties read from them. The bytes are what is
// stored, signed and forwarded; a change is made by splicing into them, and nothing here ever writes the rest anew. A type or property
// that this package does not know therefore passes unharmed, and costs nothing.
//
// # Reading
//
// A [Reader] takes bundles, lists, JSON Lines and single objects, packed with gzip or not, of any size, and returns
// their objects one by one:
//
//	r := stix.NewReader(f)
//	for {
//		o, err := r.Next()
//		if err == io.EOF {
//			break
//		}
//		var bad *stix.ObjectError
//		if errors.As(err, &bad) {
//			log.Print(bad) // names the object; the others are not concerned
//			continue
//		}
//		if err != nil {
//			return err // final: cut short, no JSON, or the reader of f failed
//		}
//		…
//	}
//
// [Parse] reads one object that is at hand. Both check the syntax of all of it (RFC 8259, and of RFC 7493: valid UTF-8
// and no name twice), the id, and the kinds and references of the header's properties; they bound size, depth and lists.
// Whether the rest follows the specification is asked next.
//
// # Judging
//
// A [Validator] holds an object against the whole of STIX 2.1 in one pass over its bytes, and returns a [Finding] for each
// departure: a stable [Code], a JSON pointer, the rule in words, and the level [Must], [Should] or [Policy].
//
//	v := stix.NewValidator()
//	for _, f := range v.Validate(&o) {
//		fmt.Printf("%s %s %q %s\n", f.Level, f.Code, f.Pointer, f.Message())
//	}
//
// What it knows is one table, which [Types] and [Vocabularies] describe. A [Registry] adds extensions by their extension-definitions;
// TLP 2.0, ACS 3.0, IEP 2.0, and the incident, event, impact and task extensions are known from the start. An object of STIX 2.0 is
// judged as [Upgrade] makes it, for what STIX 2.0 demands. [ValidateTranslation] holds a language-content against the object that it translates. Patterns
// are judged by the [PatternChecker] that the validator is given.
//
// # Identity
//
// The id and [Object.Version] name a version of an object. [Object.Digest] and [Same] tell whether two have the same content (RFC 8785).
// [DeterministicID] computes the id of a cyber-observable, [Object.Observables] finds those that an object names.
//
// # Changing
//
// [Object.Apply] makes edits ([Set], [Remove], [AddMarkings] and others) and leaves every other byte as it was. [NewVersion] does so and moves
// modified on; [Revoke] ends an object's life; [CheckSuccessor] tells what may not change from one version to the next. New objects are made
// with the builders of package typed, which refuses to make an invalid one, and put into a bundle by a [BundleWriter].
//
// [Upgrade] brings an object of STIX 2.0 to 2.1 and lists each [Change].
//
// # Markings
//
// [Header.Markings], [Header.IsMarked] and the edits work on whole objects and on parts that a selector selects (granular markings).
// [Object.Effective] tells what is in force at a place, with what it inherits from the places around it. [TLPOf] knows the predefined
// marking-definitions of TLP 1 and 2.0, and [ParseMarking] interprets others as far as it can be sure. It says so when it cannot: what it
// does not know is Unknown and must not be taken for harmless.
//
// # Bounds
//
// Whatever arrives is foreign. An object has at most [MaxDepth] levels, [MaxMarkings] markings and lists of [MaxList] in its header, and in a
// Reader at most the bytes of [MaxObject]; a judgement has at most [MaxFindings] findings, and a pointer some 1,000 bytes. All work is linear in the bytes.
//
// # Concurrency
//
// Functions may be called from any goroutine, and so may the methods of an Object that nobody changes. A Reader, a [Validator] and a
// [BundleWriter] belong to one goroutine each.
package stix
