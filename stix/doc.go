// Package stix reads and writes STIX 2.1 (and 2.0) without losing a byte.
//
// An [Object] is the bytes that came and a [Header] of the common properties read from them. The bytes are what is
// stored, signed and forwarded; nothing here ever writes them anew. A type or property that this package does not know
// therefore passes unharmed, and costs nothing.
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
// Whether the rest follows the specification they do not ask.
//
// # Identity
//
// The id and [Object.Version] name a version of an object. [Object.Digest] tells whether two have the same content.
// [DeterministicID] computes the id of a cyber-observable, [Object.Observables] finds those that an object names.
//
// # Markings
//
// [TLPOf] knows the predefined marking-definitions of TLP 1 and 2.0. [ParseMarking] interprets others as far as it can
// be sure, and says so when it cannot: what it does not know is Unknown and must not be taken for harmless.
//
// # Concurrency
//
// Functions may be called from any goroutine, and so may the methods of an Object that nobody changes. A Reader and a
// [BundleWriter] belong to one goroutine each.
package stix
