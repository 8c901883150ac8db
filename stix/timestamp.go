package stix

import (
	"cmp"
	"fmt"
	"time"
)

// Timestamp is an instant in UTC (STIX 2.1 section 2.15), from the years 1678 to 2261, which is what a count of
// nanoseconds can hold. Digits beyond the ninth are dropped. The zero Timestamp means that there is none.
type Timestamp struct {
	ns     int64
	digits uint8 // of the fraction as written, at most 9
	set    bool
}

// ParseTimestamp reads an RFC 3339 timestamp with the letters T and Z in upper case. A leap second is refused: it has
// no place in a count of seconds since 1970.
func ParseTimestamp(s string) (Timestamp, error) { return parseTimestamp(s) }

func parseTimestamp[T string | []byte](s T) (Timestamp, error) {
	const form = "2006-01-02T15:04:05Z"
	if len(s) < len(form) || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return Timestamp{}, badTime(s, "want the form 2006-01-02T15:04:05.000Z")
	}
	if s[len(s)-1] != 'Z' {
		return Timestamp{}, badTime(s, "want UTC, with an upper-case Z at the end")
	}
	year, ok1 := number(s, 0, 4)
	month, ok2 := number(s, 5, 7)
	day, ok3 := number(s, 8, 10)
	hour, ok4 := number(s, 11, 13)
	minute, ok5 := number(s, 14, 16)
	second, ok6 := number(s, 17, 19)
	ns, digits, ok7 := fraction(s, 19, len(s)-1)
	switch {
	case !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7):
		return Timestamp{}, badTime(s, "want the form 2006-01-02T15:04:05.000Z")
	case year < 1678 || year > 2261:
		return Timestamp{}, badTime(s, "want a year from 1678 to 2261")
	case month < 1 || month > 12:
		return Timestamp{}, badTime(s, "there is no such month")
	case day < 1 || day > daysIn(year, month):
		return Timestamp{}, badTime(s, "there is no such day")
	case second == 60:
		return Timestamp{}, badTime(s, "leap seconds (:60) cannot be represented")
	case hour > 23 || minute > 59 || second > 59:
		return Timestamp{}, badTime(s, "there is no such time of day")
	}
	sec := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC).Unix()
	return Timestamp{ns: sec*1e9 + ns, digits: digits, set: true}, nil
}

func badTime[T string | []byte](s T, why string) error {
	return fmt.Errorf("%w %s: %s", ErrTimestamp, printable(string(s[:min(len(s), 64)])), why)
}

func number[T string | []byte](s T, from, to int) (n int, ok bool) {
	for i := from; i < to; i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int(c)
	}
	return n, true
}

func fraction[T string | []byte](s T, from, to int) (ns int64, digits uint8, ok bool) {
	if from == to {
		return 0, 0, true
	}
	if s[from] != '.' || from+1 == to {
		return 0, 0, false
	}
	unit := int64(1e9)
	for i := from + 1; i < to; i++ {
		c := s[i] - '0'
		if c > 9 {
			return 0, 0, false
		}
		if unit > 1 {
			unit /= 10
			ns += int64(c) * unit
			digits++
		}
	}
	return ns, digits, true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// TimestampOf is t with millisecond precision, as STIX 2.0 requires and 2.1 allows. It is the zero Timestamp if t lies
// outside the years 1678 to 2261.
func TimestampOf(t time.Time) Timestamp {
	t = t.UTC().Truncate(time.Millisecond)
	if t.Year() < 1678 || t.Year() > 2261 {
		return Timestamp{}
	}
	return Timestamp{ns: t.UnixNano(), digits: 3, set: true}
}

// IsZero reports whether there is no timestamp. 1970-01-01T00:00:00Z is one.
func (t Timestamp) IsZero() bool { return !t.set }

// UnixNano is the number of nanoseconds since 1970 in UTC, 0 for the zero Timestamp.
func (t Timestamp) UnixNano() int64 { return t.ns }

// Time is the instant in UTC, the zero time for the zero Timestamp.
func (t Timestamp) Time() time.Time {
	if !t.set {
		return time.Time{}
	}
	return time.Unix(0, t.ns).UTC()
}

// Compare orders instants, whatever the number of digits they were written with.
func (t Timestamp) Compare(u Timestamp) int {
	if t.set != u.set {
		if t.set {
			return 1
		}
		return -1
	}
	return cmp.Compare(t.ns, u.ns)
}

// String is the timestamp as it was written (its first nine digits of a second), "" for the zero Timestamp.
func (t Timestamp) String() string {
	if !t.set {
		return ""
	}
	const form = "2006-01-02T15:04:05.000000000"
	n := len(form) - 9 + int(t.digits)
	if t.digits == 0 {
		n--
	}
	return t.Time().Format(form)[:n] + "Z"
}
