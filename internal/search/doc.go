// Package search finds objects by their words, in Latin script and in Japanese, and by what they are. In flow the entries of the feed about
// objects; out flow pages of hits with counts. It decides nothing about release: whoever may ask sees whatever the node holds.
//
// # What is found
//
// A text is folded first (NFKC, case, invisible characters; see [fold]). A word is a run of letters and digits; Chinese characters, kana and
// Hangul are found character by character. What a person types without a space is one phrase of words: 198.51.100.7 and CVE-2026-12345 are found
// whole and by their parts, 電力会社 only where these four characters follow each other, and neither punctuation nor brackets between the
// parts keep it from being found (198[.]51[.]100[.]7). The translations of an object (language-content) belong to its text.
//
// # How it is kept
//
// The index is a number of segments, as in a log-structured store. A segment is immutable: documents ordered by object id, and for each
// term, in order, the documents that have it and where. A document is the current version of one object at one time. Each batch of the feed
// becomes a small segment; what it replaces is marked dead in older ones; segments of one size are merged in the background. So a write
// transaction is some dozen puts, however many terms it is about, and what is costly happens outside of it. All of it is Records (see
// manifest.go), and the feed can rebuild it. docs/adr/0013-search.md tells why one record an object with its words as terms does not do.
//
// # Concurrency
//
// An [Index] may be used by many goroutines, and many processes may have one each on the same store: whoever indexes prepares on a snapshot, and what it
// prepared counts only if nobody was faster. The work itself is best done by one ([Index.Run]).
package search
