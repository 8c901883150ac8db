package partner

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"path/filepath"
	"time"

	"github.com/wagasa/wagasa/internal/fault"
	"github.com/wagasa/wagasa/internal/store"
)

const (
	signFile = "sign.key"
	kemFile  = "kem.key"
	tlsFile  = "tls.key"

	pemPKCS8 = "PRIVATE KEY"
	pemKEM   = "WAGASA MLKEM768-P256 PRIVATE KEY" // the RFC 9180 form; PKCS#8 has none for it yet
	pemCert  = "CERTIFICATE"
)

// SPKI is the fingerprint by which cards pin a TLS certificate: the SHA-256 of its SubjectPublicKeyInfo.
func SPKI(cert *x509.Certificate) store.Hash { return sha256.Sum256(cert.RawSubjectPublicKeyInfo) }

// newCertificate makes a P-256 key and its certificate. Partners pin the key, so that the certificate never expires and
// claims nothing: its name is for people who look at it.
func newCertificate(name string, now time.Time, random io.Reader) (tls.Certificate, error) {
	key, err := newP256(random)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial := make([]byte, 16)
	if _, err := io.ReadFull(random, serial); err != nil {
		return tls.Certificate{}, fmt.Errorf("randomness: %w", err)
	}
	serial[0] = serial[0]&0x7f | 0x40 // positive, and of constant length
	if runes := []rune(name); len(runes) > 64 {
		name = string(runes[:64]) // the bound of a common name
	}
	template := &x509.Certificate{
		SerialNumber:          new(big.Int).SetBytes(serial),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.UTC().Add(-24 * time.Hour).Truncate(time.Second), // clocks differ
		NotAfter:              time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),     // RFC 5280: has no well-defined end
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// newP256 takes a key from random. The library's generator would not use ours.
func newP256(random io.Reader) (*ecdsa.PrivateKey, error) {
	raw := make([]byte, 32)
	for range 100 {
		if _, err := io.ReadFull(random, raw); err != nil {
			return nil, fmt.Errorf("randomness: %w", err)
		}
		// All but about one in 2^32 numbers are keys.
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw); err == nil {
			return key, nil
		}
	}
	return nil, fmt.Errorf("the source of randomness is broken")
}

func (id *Identity) keyFiles() (map[string][]byte, error) {
	sign, err := x509.MarshalPKCS8PrivateKey(id.Sign)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", signFile, err)
	}
	kem, err := id.KEM.Bytes()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kemFile, err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(id.TLS.PrivateKey)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", tlsFile, err)
	}
	block := func(kind string, content []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content})
	}
	return map[string][]byte{
		signFile: block(pemPKCS8, sign),
		kemFile:  block(pemKEM, kem),
		tlsFile:  append(block(pemPKCS8, key), block(pemCert, id.TLS.Certificate[0])...),
	}, nil
}

func (id *Identity) readKeys(folder string) error {
	for name, read := range map[string]func([]byte) error{
		signFile: id.readSign,
		kemFile:  id.readKEM,
		tlsFile:  id.readTLS,
	} {
		path := filepath.Join(folder, name)
		content, err := readPrivate(path)
		if err != nil {
			return fmt.Errorf("identity: %w", err)
		}
		if err := read(content); err != nil {
			return fault.New(fault.Invalid, "identity: %s: %w", path, err)
		}
	}
	return nil
}

// takeBlock reads the next PEM block, which must be of the kind.
func takeBlock(content []byte, kind string) (block, rest []byte, err error) {
	b, rest := pem.Decode(content)
	if b == nil || b.Type != kind {
		return nil, nil, fmt.Errorf("no PEM block %q", kind)
	}
	return b.Bytes, rest, nil
}

func (id *Identity) readSign(content []byte) error {
	block, _, err := takeBlock(content, pemPKCS8)
	if err != nil {
		return err
	}
	key, err := x509.ParsePKCS8PrivateKey(block)
	if err != nil {
		return err
	}
	var ok bool
	if id.Sign, ok = key.(ed25519.PrivateKey); !ok {
		return fmt.Errorf("not an Ed25519 key")
	}
	return nil
}

func (id *Identity) readKEM(content []byte) error {
	block, _, err := takeBlock(content, pemKEM)
	if err != nil {
		return err
	}
	id.KEM, err = hpke.MLKEM768P256().NewPrivateKey(block)
	return err
}

func (id *Identity) readTLS(content []byte) error {
	block, rest, err := takeBlock(content, pemPKCS8)
	if err != nil {
		return err
	}
	key, err := x509.ParsePKCS8PrivateKey(block)
	if err != nil {
		return err
	}
	secret, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return fmt.Errorf("not an ECDSA key")
	}
	der, _, err := takeBlock(rest, pemCert)
	if err != nil {
		return err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return err
	}
	if !secret.PublicKey.Equal(leaf.PublicKey) {
		return fmt.Errorf("the key does not belong to the certificate")
	}
	id.TLS = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: secret, Leaf: leaf}
	return nil
}
