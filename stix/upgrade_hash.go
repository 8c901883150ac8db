package stix

// hashNames are the algorithms by their name in upper case, without hyphens and underscores.
var hashNames = map[string]string{
	"MD5": "MD5", "MD6": "MD6", "RIPEMD160": "RIPEMD-160", "SHA1": "SHA-1", "SHA224": "SHA-224", "SHA256": "SHA-256", "SHA384": "SHA-384",
	"SHA512": "SHA-512", "SHA3224": "SHA3-224", "SHA3256": "SHA3-256", "SHA3384": "SHA3-384", "SHA3512": "SHA3-512", "SSDEEP": "SSDEEP",
	"TLSH": "TLSH", "WHIRLPOOL": "WHIRLPOOL",
}

// hashName is the name of a hash in STIX 2.1, its own if it is of no algorithm that either version lists.
func hashName(name string) string {
	if len(name) > 16 {
		return name
	}
	plain := make([]byte, 0, 16)
	for i := range len(name) {
		switch c := name[i]; {
		case c == '-' || c == '_':
		case 'a' <= c && c <= 'z':
			plain = append(plain, c-'a'+'A')
		default:
			plain = append(plain, c)
		}
	}
	if to, ok := hashNames[string(plain)]; ok {
		return to
	}
	return name
}

// renamedHashes is an object of hashes with the names of STIX 2.1, nil if it has them already. A name that is taken is left to the one
// that has it. It reports false for too many hashes.
func renamedHashes(v []byte, renamed func(from, to string)) ([]byte, bool) {
	list, ok := split(v)
	if !ok || len(list) == 0 || list[0].name == nil {
		return nil, !crowded(v, ok)
	}
	touched := false
	var taken map[string]bool
	for i := range list {
		from := list[i].key()
		to := hashName(from)
		if from == to {
			continue
		}
		if taken == nil {
			taken = make(map[string]bool, len(list))
			for j := range list {
				taken[list[j].key()] = true
			}
		}
		if !taken[to] {
			taken[to], touched = true, true
			list[i].rename(to)
			renamed(from, to)
		}
	}
	if !touched {
		return nil, true
	}
	return joined(list, 0), true
}
