package pattern

import "time"

// Observed is an observation, or several with the same content, as an observed-data object has them.
type Observed struct {
	ID string // for the caller
	// First and Last are the span in which it was observed, both included. A zero Last is First. A zero First, or one after Last, is a time that
	// is not known: then it satisfies nothing that asks for one.
	First, Last time.Time
	// Number is how often it was observed; less than 1 is 1.
	Number int64
	Event  Event
}

// Event is what was observed: objects of types, with values at paths. Whatever can answer this can be matched; it need not be STIX.
// A Matcher may ask the same again and again, from the goroutine that called it.
type Event interface {
	// Objects is how many objects of a type there are.
	Objects(typ string) int
	// Lookup appends to dst the values to which a path leads in the i-th of the objects of its type, from 0. It appends none where the
	// path leads nowhere. The path is a part of the pattern's tree: its address is the same each time.
	Lookup(p *Path, i int, dst []Value) []Value
}

// Value is a value at a path: what a [Constant] is compared with. The zero Value is something that is there but has no value to be
// compared, such as a list or a dictionary.
type Value struct {
	Kind Kind
	// Text is the string, a timestamp as STIX writes it, or the octets of the kind Hex or Binary. Octets are compared only at paths whose last
	// key ends in _hex or _bin (section 3.1).
	Text  string
	Int   int64 // of Integer; 1 of the Boolean true
	Float float64
}
