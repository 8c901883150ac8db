package account

import (
	"context"
	"crypto/fips140"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/wagasa/wagasa/internal/fault"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/secure/precis"
)

// The bounds of a password.
const (
	minPassword   = 12  // characters
	maxPassword   = 256 // bytes
	minDifferent  = 5   // characters in it
	saltSize      = 16
	hashSize      = 32
	maxHashAtOnce = 2 // each takes argonMemory
)

// hash is a password as kept, in the form $algorithm$parameters$salt$hash.
type hash struct {
	algorithm        string
	memory           uint32 // KiB
	time, iterations uint32
	threads          uint8
	salt, sum        []byte
}

const (
	argon     = "argon2id"
	pbkdf     = "pbkdf2-sha256"
	argonForm = "v=19,m=%d,t=%d,p=%d"
	pbkdfForm = "i=%d"
)

// cost is what a hash shall take.
type cost struct {
	fips                     bool
	memory, time, iterations uint32
}

// usualCost takes about a tenth of a second. In FIPS mode only PBKDF2 is approved.
func usualCost() cost {
	return cost{fips: fips140.Enabled(), memory: 64 << 10, time: 2, iterations: 600_000}
}

func (c cost) shape() hash {
	if c.fips {
		return hash{algorithm: pbkdf, iterations: c.iterations}
	}
	return hash{algorithm: argon, memory: c.memory, time: c.time, threads: 1}
}

func (h hash) parameters() string {
	if h.algorithm == pbkdf {
		return fmt.Sprintf(pbkdfForm, h.iterations)
	}
	return fmt.Sprintf(argonForm, h.memory, h.time, h.threads)
}

func (h hash) String() string {
	enc := base64.RawStdEncoding
	return "$" + h.algorithm + "$" + h.parameters() + "$" + enc.EncodeToString(h.salt) + "$" + enc.EncodeToString(h.sum)
}

// parseHash reads what String writes, and nothing that would take much longer than usual.
func parseHash(s string) (h hash, err error) {
	fail := func() (hash, error) { return hash{}, fault.New(fault.Internal, "stored password hash is malformed") }
	parts := strings.Split(s, "$")
	if len(s) > 256 || len(parts) != 5 || parts[0] != "" {
		return fail()
	}
	h.algorithm = parts[1]
	switch h.algorithm {
	case argon:
		_, err = fmt.Sscanf(parts[2], argonForm, &h.memory, &h.time, &h.threads)
	case pbkdf:
		_, err = fmt.Sscanf(parts[2], pbkdfForm, &h.iterations)
	default:
		return fail()
	}
	if err != nil || h.memory > 1<<18 || h.time > 10 || h.threads > 4 || h.iterations > 10_000_000 ||
		h.algorithm == argon && (h.memory == 0 || h.time == 0 || h.threads == 0) || h.algorithm == pbkdf && h.iterations == 0 {
		return fail()
	}
	enc := base64.RawStdEncoding.Strict()
	if h.salt, err = enc.DecodeString(parts[3]); err != nil || len(h.salt) != saltSize {
		return fail()
	}
	if h.sum, err = enc.DecodeString(parts[4]); err != nil || len(h.sum) != hashSize {
		return fail()
	}
	if h.String() != s { // also what Sscanf overlooks
		return fail()
	}
	return h, nil
}

// hasher makes and checks hashes, few at a time: each takes memory and a processor.
type hasher struct {
	cost  cost
	slots chan struct{}
	made  atomic.Int64 // hashes computed
}

func newHasher() *hasher {
	return &hasher{cost: usualCost(), slots: make(chan struct{}, maxHashAtOnce)}
}

func (h *hasher) sum(ctx context.Context, shape hash, password string) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("password: %w", context.Cause(ctx))
	}
	h.made.Add(1)
	if shape.algorithm == pbkdf {
		return pbkdf2.Key(sha256.New, password, shape.salt, int(shape.iterations), hashSize)
	}
	return argon2.IDKey([]byte(password), shape.salt, shape.time, shape.memory, shape.threads, hashSize), nil
}

// hash hashes a new password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	prepared, ok := preparePassword(password)
	if !ok {
		return "", fault.New(fault.Invalid, "password: it cannot be read")
	}
	shape := h.cost.shape()
	shape.salt = make([]byte, saltSize)
	_, _ = rand.Read(shape.salt) // never fails
	var err error
	if shape.sum, err = h.sum(ctx, shape, prepared); err != nil {
		return "", err
	}
	return shape.String(), nil
}

// check says whether a password has this hash, and whether it should be hashed anew. Without a hash it takes as long, and says no.
func (h *hasher) check(ctx context.Context, kept, password string) (ok, outdated bool, err error) {
	shape := h.cost.shape()
	shape.salt, shape.sum = make([]byte, saltSize), make([]byte, hashSize)
	if kept != "" {
		if shape, err = parseHash(kept); err != nil {
			return false, false, err
		}
	}
	prepared, readable := preparePassword(password)
	sum, err := h.sum(ctx, shape, prepared)
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(sum, shape.sum) == 1 && kept != "" && readable
	usual := h.cost.shape()
	return ok, shape.algorithm != usual.algorithm || shape.parameters() != usual.parameters(), nil
}

// preparePassword brings a password into the one form that counts (RFC 8265), so that it can be typed on any keyboard. What is too long or
// unreadable becomes "".
func preparePassword(password string) (prepared string, ok bool) {
	if len(password) > maxPassword || !utf8.ValidString(password) {
		return "", false
	}
	prepared, err := precis.OpaqueString.String(password)
	if err != nil || prepared == "" {
		return "", false
	}
	return prepared, true
}

// checkPassword refuses passwords that are guessed first.
func checkPassword(password, name string) error {
	refused := func(key string, args ...string) error { return refuse(fault.Invalid, "password", key, args...) }
	prepared, ok := preparePassword(password)
	if !ok {
		return refused("why-password-form", fmt.Sprint(maxPassword))
	}
	different := map[rune]bool{}
	for _, r := range prepared {
		different[r] = true
	}
	switch {
	case utf8.RuneCountInString(prepared) < minPassword:
		return refused("why-password-short", fmt.Sprint(minPassword))
	case len(different) < minDifferent, sequence(prepared):
		return refused("why-password-plain")
	case len([]rune(name)) >= 3 && strings.Contains(strings.ToLower(prepared), strings.ToLower(name)):
		return refused("why-password-name")
	}
	return nil
}

// sequence says whether a password is mostly neighbours in the alphabet, in digits or on a keyboard.
func sequence(password string) bool {
	const rows = "abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm qazwsxedcrfvtgbyhnujmikolp 1qaz2wsx3edc4rfv5tgb6yhn"
	lower := []rune(strings.ToLower(password))
	near := 0
	for i := 1; i < len(lower); i++ {
		pair := string(lower[i-1 : i+1])
		back := string([]rune{lower[i], lower[i-1]})
		if lower[i] == lower[i-1] || strings.Contains(rows, pair) || strings.Contains(rows, back) {
			near++
		}
	}
	return near*4 >= (len(lower)-1)*3
}
