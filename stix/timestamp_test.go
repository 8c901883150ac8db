package stix_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wagasa/wagasa/stix"
)

func TestParseTimestamp(t *testing.T) {
	for _, c := range []struct {
		in, out string
		ns      int64
	}{
		{"1970-01-01T00:00:00Z", "", 0},
		{"1969-12-31T23:59:59.9Z", "", -1e8},
		{"2022-10-01T00:00:00.000Z", "", 1664582400e9},
		{"2022-10-01T00:00:00.123456789Z", "", 1664582400123456789},
		{"2022-10-01T00:00:00.1234567891234Z", "2022-10-01T00:00:00.123456789Z", 1664582400123456789},
		{"2000-02-29T23:59:59.10Z", "", 951868799.1e9},
		{"1678-01-01T00:00:00Z", "", -9214560000e9},
		{"2261-12-31T23:59:59.999999999Z", "", 9214646400e9 - 1},
	} {
		ts, err := stix.ParseTimestamp(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if c.out == "" {
			c.out = c.in
		}
		if ts.UnixNano() != c.ns || ts.String() != c.out || ts.IsZero() {
			t.Errorf("%s: got %d %s, want %d %s", c.in, ts.UnixNano(), ts, c.ns, c.out)
		}
		if want, err := time.Parse(time.RFC3339Nano, c.in); err == nil && !want.Equal(ts.Time()) {
			t.Errorf("%s: got %v, want %v", c.in, ts.Time(), want)
		}
	}
}

func TestParseTimestampErrors(t *testing.T) {
	for in, why := range map[string]string{
		"":                                "form",
		"2022-10-01":                      "form",
		"2022-101-27T13:49:54.326Z":       "form",
		"2022-10-01T00:00:00.Z":           "form",
		"2022-10-01T00:00:00,1Z":          "form",
		"2022-10-01T00:00:00.1e3Z":        "form",
		"2022-10-01 00:00:00Z":            "form",
		"2022-10-01t00:00:00Z":            "form",
		"+022-10-01T00:00:00Z":            "form",
		"2022-10-01T00:00:00z":            "UTC",
		"2022-10-01T00:00:00+00:00":       "UTC",
		"2022-10-01T00:00:00.000":         "UTC",
		"2022-13-01T00:00:00Z":            "month",
		"2022-00-01T00:00:00Z":            "month",
		"2022-02-29T00:00:00Z":            "day",
		"2100-02-29T00:00:00Z":            "day",
		"2022-04-31T00:00:00Z":            "day",
		"2022-04-00T00:00:00Z":            "day",
		"2022-10-01T24:00:00Z":            "time of day",
		"2022-10-01T00:60:00Z":            "time of day",
		"2022-10-01T00:00:61Z":            "time of day",
		"2016-12-31T23:59:60Z":            "leap second",
		"1677-12-31T23:59:59Z":            "year",
		"2262-01-01T00:00:00Z":            "year",
		"0000-01-01T00:00:00Z":            "year",
		"2022-10-01T00:00:00.000\x1b[2JZ": `\x1b`,
	} {
		ts, err := stix.ParseTimestamp(in)
		if !errors.Is(err, stix.ErrTimestamp) || !strings.Contains(err.Error(), why) || !ts.IsZero() {
			t.Errorf("%q: got %v, %v, want an error about %s", in, ts, err, why)
		}
	}
}

func TestTimestampCompare(t *testing.T) {
	a, _ := stix.ParseTimestamp("1970-01-01T00:00:00Z")
	b, _ := stix.ParseTimestamp("1970-01-01T00:00:00.000Z")
	c, _ := stix.ParseTimestamp("1969-01-01T00:00:00Z")
	if a.Compare(b) != 0 || a.Compare(c) <= 0 || c.Compare(a) >= 0 || c.Compare(stix.Timestamp{}) <= 0 ||
		(stix.Timestamp{}).Compare(c) >= 0 || (stix.Timestamp{}).String() != "" || !(stix.Timestamp{}).Time().IsZero() {
		t.Error("instants are not ordered")
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 678_999_999, time.FixedZone("JST", 9*3600))
	if got := stix.TimestampOf(now).String(); got != "2026-01-01T18:04:05.678Z" {
		t.Error(got)
	}
	if !stix.TimestampOf(time.Time{}).IsZero() {
		t.Error("the year 1 has become a timestamp")
	}
}
