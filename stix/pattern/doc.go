// Package pattern is the patterning language of STIX 2.1 (section 9): it parses, prints, judges and matches the patterns of indicators.
//
// # Reading
//
// [Parse] makes a tree of a pattern. It takes what the standard and the grammar that OASIS publishes beside it take, and nothing more:
//
//	p, err := pattern.Parse("[file:name = 'x' AND file:size > 5] REPEATS 3 TIMES WITHIN 60 SECONDS")
//	var bad *pattern.SyntaxError
//	if errors.As(err, &bad) {
//		log.Print(bad) // line 1, column 8: found "]", expected a constant
//	}
//
// FOLLOWEDBY binds least, then OR, then AND (section 9.5.2); a qualifier belongs to the observation expression in brackets, or to the
// group in parentheses, before it. Within brackets AND binds stronger than OR (section 9.6). Where the texts leave room:
//
//   - Keywords are in upper case, true and false in lower case. A keyword is a property only in quotes.
//   - NOT stands before any operator and before EXISTS, and nowhere else.
//   - A number has no plus sign (section 9.2); the operators == and <> are none (section 9.6.1).
//   - An integer has 64 bits. What does not fit is refused.
//   - IN () and a negative index are patterns, though they find nothing. So are REPEATS 0 TIMES, WITHIN 0 SECONDS, and the same
//     qualifier twice, which break rules of the standard but none of its grammar. The checker says so.
//   - Comments are those of the grammar: from // to the end of the line, and from /* to */.
//
// [Parse20] reads patterns of STIX 2.0, whose START and STOP took strings.
//
// # The tree
//
// A [Pattern] is made of [Observation], [ObservationOp] and [Qualified]; what stands in brackets is made of [Test], [Exists] and
// [ComparisonOp]. [Walk] goes over all nodes. Each node knows where it begins in the text. [Same] compares trees without regard to places.
//
// Some things a walker wants to know:
//
//   - What one joint joins in a row is one node with two operands or more. Parentheses that change nothing leave no trace; a group
//     within a row of the same joint is a node of its own.
//   - Qualifiers are in the order in which they stand. A Qualified within a Qualified is one in parentheses.
//   - Strings have lost their escapes, hex and binary are octets; a timestamp stays as it was written, and may name a day that does not
//     exist ([Constant.Time]).
//   - Strings are as they came, not normalised: comparing (section 9.6.2) is left to who matches.
//   - The strings of a tree are parts of the text that was parsed, and keep it in memory.
//
// A tree may also be made by hand. It then holds what Parse would have put there: at least one step, which is a key, at least two
// operands, valid UTF-8, a type that is a name. Otherwise what is printed may be no pattern.
//
// # Printing
//
// [Pattern.String] and [Append] write the canonical form, which loses nothing: it parses to the same tree, whatever tree that is.
// Two patterns that differ only in spaces, comments, needless parentheses, needless quotes, or the form of a number have the same.
//
// # Judging
//
// A [Checker] tells what is wrong with a pattern although it can be parsed, and is the [stix.PatternChecker] of a validator:
//
//	v := stix.NewValidator(stix.Patterns(pattern.NewChecker(nil)))
//
// It must be that a constant has the data type of the property, the constants of IN one type, and ISSUBSET and ISSUPERSET an address
// (section 9.6.1); that a regular expression is one; that days exist, START is before STOP, and each qualifier stands once and asks for
// more than nothing (section 9.5.1). It should be that type and properties are known, that a hash has the length of its algorithm, and
// that a comparison can hold at all. AND joins tests of one object (section 9.6): across types it never holds, yet it is a pattern.
//
// The standard wants regular expressions of PCRE. Those that RE2 does not take are a matter of policy: they are valid, but not everybody
// can match them.
//
// # Matching
//
// [Compile] makes a [Matcher] of a pattern, and [Matcher.Match] looks for observations that satisfy it together:
//
//	m, err := pattern.Compile(p)
//	…
//	result := m.Match(observations)
//
// docs/patterns.md says when they do, in all cases that the standard leaves open; testdata/conformance has over a thousand of them. A [Scene] makes
// observations of observed-data objects and of the cyber-observables that they name. Anything else that can answer a look-up may be matched
// as well: see [Event].
//
// The answer is true, false, or [Undecided] where the budget of steps ended or a regular expression ran out of time. Sequences, windows, and
// repetitions take polynomial time as long as each observation has one instant; the general question is NP-complete.
//
// [Matcher.Atoms] are the look-ups of which a pattern needs at least one, to be put into an index of many patterns.
//
// # Bounds
//
// A pattern has at most [MaxBytes] bytes and [MaxDepth] groups within each other; beyond, parsing fails with [ErrLimit]. All work is
// linear in the bytes, but for matching, which has its budget. A tree takes up to some fifty times the bytes of its text. Regular
// expressions have at most 4 KiB, those of one pattern 16 KiB together. Everything may be called from any goroutine, as long as nobody
// changes the tree; a Scene belongs to one goroutine until all objects are in it.
package pattern
