// Package generate makes random valid STIX objects, and breaks them.
//
// A [Generator] interprets the table of package spec. What it returns follows every row and rule: a validator that finds anything in
// it is wrong, or the generator is. [Mutations] lists the ways to break one rule of the table in an object that is valid otherwise,
// with the findings that must follow.
//
// No type is known here by its name. What the table leaves to a named check of the validator has its counterpart in check.go and
// break_check.go; implied.go tells what the checks find besides when something else is broken.
//
// A Generator belongs to one goroutine. The same seed, table and options give the same objects.
package generate
