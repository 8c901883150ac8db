package stix

import (
	"unicode/utf8"

	"github.com/wagasa/wagasa/stix/internal/cursor"
)

// mostTitle bounds the bytes of a title.
const mostTitle = 100

// titles say which property tells people what an object is: the one with the least number.
var titles = map[string]int{
	"name": 0, "value": 1, "path": 2, "key": 3, "subject": 4, "display_name": 5, "account_login": 6, "user_id": 7, "command_line": 8,
	"abstract": 9, "statement": 10, "relationship_type": 11, "explanation": 12, "number": 13, "content": 14,
}

// Title is what people call an object: its name, value, path or the like, cut short behind some 100 bytes; "" if it has nothing of that
// kind. It is foreign text.
func Title(raw []byte) string {
	best, title := len(titles), ""
	for name, value := range cursor.Members(raw) {
		if string(name) == "definition" { // of a marking-definition
			for name, value := range cursor.Members(value) {
				titled(name, value, &best, &title)
			}
			continue
		}
		titled(name, value, &best, &title)
	}
	return title
}

// titled takes a value if it makes a better title.
func titled(name, value []byte, best *int, title *string) {
	rank, ok := titles[string(name)]
	if !ok || rank >= *best || len(value) == 0 {
		return
	}
	text := value
	if value[0] == '"' {
		if text, ok = cursor.Unquote(value); !ok {
			return
		}
	} else if value[0] == '{' || value[0] == '[' {
		return
	}
	if len(text) == 0 {
		return
	}
	*best, *title = rank, string(text)
	if len(text) > mostTitle {
		n := mostTitle
		for n > 0 && !utf8.RuneStart(text[n]) {
			n--
		}
		*title = string(text[:n]) + "…"
	}
}
