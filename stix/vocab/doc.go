// Package vocab has the vocabularies of STIX 2.1 (section 10) as constants, one string type each. A vocabulary is closed (an
// enumeration: other values are invalid) or open (other values are allowed, and Valid reports false for them).
//
// The package is generated from the table that the validator interprets.
package vocab
