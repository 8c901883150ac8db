package stix_test

import (
	"errors"
	"testing"

	"github.com/wagasa/wagasa/stix"
)

// The ids were computed apart from this package, with Python's uuid.uuid5 and json.dumps. The examples printed in the
// specification do not follow from its own rule and are no use here.
func TestDeterministicID(t *testing.T) {
	for raw, want := range map[string]string{
		`{"type":"ipv4-addr","value":"192.0.2.1"}`:                                           "ipv4-addr--8dded90c-40c0-545a-8027-5b212bb37e8e",
		`{"value":"192.0.2.\u0031","id":"x","spec_version":"2.1","type":"ipv4-addr"}`:        "ipv4-addr--8dded90c-40c0-545a-8027-5b212bb37e8e",
		`{"type":"domain-name","value":"事件.example"}`:                                        "domain-name--83230a37-aa97-5c9d-8656-b6df08c24414",
		`{"type":"autonomous-system","number":64496.0,"name":"x"}`:                           "autonomous-system--9ad79ee3-2fde-5015-b0cc-7a96404effca",
		`{"type":"windows-registry-key","key":"HKLM\\a","values":[{"name":"b","data":"c"}]}`: "windows-registry-key--474035ee-ad5a-54cd-8b75-b7caa80ac4c1",
		`{"type":"email-message","is_multipart":false,"subject":"s","body":"b"}`:             "email-message--a997e674-22e8-5726-8c77-d87d7802be38",
		// One hash counts: MD5 before the others, SHA3-256 before SSDEEP by name.
		`{"name":"a.exe","type":"file","hashes":{"SHA-256":"00","MD5":"11"},"size":5,"parent_directory_ref":"directory--1"}`:                  "file--fe825787-9f38-5969-be52-4e140b1f2fc4",
		`{"type":"file","hashes":{"SSDEEP":"3:a","SHA3-256":"00"}}`:                                                                           "file--77f62d8d-97d5-5243-8e3c-a044d8d72371",
		`{"type":"network-traffic","protocols":["tcp","http"],"src_port":1,"dst_port":443,"src_byte_count":3,"start":"2026-01-01T00:00:00Z"}`: "network-traffic--b5101bad-1126-55b4-baf1-eae8c45f3bea",
	} {
		if got, err := stix.DeterministicID([]byte(raw)); err != nil || got != want || !stix.ValidID(got) {
			t.Errorf("%s: got %s, %v, want %s", raw, got, err, want)
		}
	}
}

func TestDeterministicIDErrors(t *testing.T) {
	for raw, want := range map[string]error{
		`{"type":"process","pid":1}`:             stix.ErrNoDeterministicID,
		`{"type":"file","size":1}`:               stix.ErrNoDeterministicID,
		`{"type":"file","hashes":{}}`:            stix.ErrNoDeterministicID,
		`{"type":"tool","name":"x"}`:             stix.ErrNoDeterministicID,
		`{"type":"x-thing","value":"x"}`:         stix.ErrNoDeterministicID,
		`{"value":"x"}`:                          stix.ErrNoDeterministicID,
		`{"type":1}`:                             stix.ErrNoDeterministicID,
		`{"type":"url","value":"a","value":"b"}`: stix.ErrSyntax,
		`{"type":"url","value":"a"`:              stix.ErrSyntax,
		`{"type":"url","value":}`:                stix.ErrSyntax,
		`["type"]`:                               stix.ErrNotObject,
	} {
		if got, err := stix.DeterministicID([]byte(raw)); !errors.Is(err, want) || got != "" {
			t.Errorf("%s: got %s, %v, want %v", raw, got, err, want)
		}
	}
}
