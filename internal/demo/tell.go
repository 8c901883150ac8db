package demo

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"golang.org/x/text/width"

	"github.com/wagasa/wagasa/internal/locale"
)

// How wide the play writes at most and at least.
const (
	widest    = 100
	narrowest = 60
)

// teller writes what people read. Its methods may be called by one goroutine; the one that spins is its own.
type teller struct {
	out              io.Writer
	lang             locale.Lang
	terminal, colour bool
	columns          int

	spin chan struct{} // closed to end the spinning
	spun chan struct{} // closed when it has ended
}

func newTeller(c Config) *teller {
	return &teller{out: c.Out, lang: c.Lang, terminal: c.Terminal, colour: c.Colour, columns: max(narrowest, min(widest, cmp.Or(c.Columns, widest)))}
}

// Escape sequences of colours.
const (
	bold  = "1"
	faint = "2"
	red   = "31"
	green = "32"
	amber = "33"
	blue  = "34"
)

// paint colours text, where colours are wanted.
func (t *teller) paint(colour, text string) string {
	if !t.colour || colour == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// text is a text in the play's language.
func (t *teller) text(code string, args ...any) string { return locale.Text(t.lang, code, args...) }

// line writes a line as it is.
func (t *teller) line(text string) {
	t.idle()
	fmt.Fprintln(t.out, text)
}

// quiet writes what need not be read.
func (t *teller) quiet(text string) { t.line("      " + t.paint(faint, text)) }

// say writes a text, wrapped.
func (t *teller) say(code string, args ...any) {
	for _, l := range wrap(t.text(code, args...), t.columns-6) {
		t.line("      " + l)
	}
}

// today writes what today's platforms do.
func (t *teller) today(code string) {
	for _, l := range wrap(t.text("demo.today")+" "+t.text(code), t.columns-6) {
		t.quiet(l)
	}
}

// step writes the headline of a step.
func (t *teller) step(number, of int, title string) {
	t.line("")
	t.line(t.paint(bold, fmt.Sprintf("[%d/%d] %s", number, of, title)))
}

// claim writes a sentence that holds only if got is want, and returns an error otherwise.
func (t *teller) claim(want, got any, code string, args ...any) error {
	mark, text := t.paint(green, "✓"), t.text(code, args...)
	held := reflect.DeepEqual(want, got)
	if !held {
		mark = t.paint(red, "✗")
	}
	for i, l := range wrap(text, t.columns-6) {
		if i > 0 {
			mark = " "
		}
		t.line("    " + mark + " " + l)
	}
	if held {
		return nil
	}
	failure := t.text("demo.expected", want, got)
	t.line("      " + failure)
	return errors.New(text + " — " + failure)
}

// busy shows on a terminal that something is under way, and since when, until the next line is written.
func (t *teller) busy(code string, args ...any) {
	if !t.terminal {
		return
	}
	t.idle()
	text, began := t.text(code, args...), time.Now()
	t.spin, t.spun = make(chan struct{}), make(chan struct{})
	go func(end, ended chan struct{}) { // idle ends it
		defer close(ended)
		tick := time.NewTicker(80 * time.Millisecond)
		defer tick.Stop()
		for i := 0; ; i++ {
			frame := []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")[i%10]
			fmt.Fprintf(t.out, "\r\x1b[K    %c %s (%.1f s)", frame, text, time.Since(began).Seconds())
			select {
			case <-end:
				fmt.Fprint(t.out, "\r\x1b[K")
				return
			case <-tick.C:
			}
		}
	}(t.spin, t.spun)
}

// idle ends what busy began.
func (t *teller) idle() {
	if t.spin != nil {
		close(t.spin)
		<-t.spun
		t.spin = nil
	}
}

// columnsOf is how many columns of a terminal a text takes: East Asian wide characters take two.
func columnsOf(s string) (n int) {
	for _, r := range s {
		n += columnsOfRune(r)
	}
	return n
}

func columnsOfRune(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// pad fills a text up to a number of columns.
func pad(s string, to int) string { return s + strings.Repeat(" ", max(0, to-columnsOf(s))) }

// wrap breaks a text into lines of at most so many columns: at spaces, and beside wide characters, but not before closing punctuation.
func wrap(s string, most int) (lines []string) {
	line := ""
	for _, chunk := range chunks(s) {
		if line != "" && columnsOf(line)+columnsOf(strings.TrimRight(chunk, " ")) > most {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += chunk
	}
	return append(lines, strings.TrimRight(line, " "))
}

// chunks cuts a text where a line may end.
func chunks(s string) (parts []string) {
	runes := []rune(s)
	start := 0
	for i := 1; i < len(runes); i++ {
		before, after := runes[i-1], runes[i]
		next := columnsOfRune(after) == 2
		space := before == ' ' && after != ' ' && !next // a number stays with what it counts
		wide := columnsOfRune(before) == 2 && after != ' ' || next && before != ' '
		if !space && !wide || strings.ContainsRune("、。）」』：・ーっゃゅょァィゥェォッャュョ,.)", after) || strings.ContainsRune("（「『(", before) {
			continue
		}
		parts = append(parts, string(runes[start:i]))
		start = i
	}
	return append(parts, string(runes[start:]))
}

// table writes rows below heads; the last column is wrapped, the one before it coloured by row.
func (t *teller) table(heads []string, rows [][]string, colour func(row int) string) {
	widths := make([]int, len(heads))
	for _, row := range append([][]string{heads}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], columnsOf(cell))
		}
	}
	last, used := len(heads)-1, 6
	for _, w := range widths[:last] {
		used += w + 2
	}
	t.row(heads, widths, max(24, t.columns-used), faint, faint)
	for i, row := range rows {
		t.row(row, widths, max(24, t.columns-used), "", colour(i))
	}
}

func (t *teller) row(cells []string, widths []int, room int, plain, decision string) {
	last := len(cells) - 1
	var head, blank strings.Builder
	for i, cell := range cells[:last] {
		colour := plain
		if i == last-1 {
			colour = decision
		}
		head.WriteString(t.paint(colour, pad(cell, widths[i])) + "  ")
		blank.WriteString(strings.Repeat(" ", widths[i]+2))
	}
	for i, l := range wrap(cells[last], room) {
		prefix := blank.String()
		if i == 0 {
			prefix = head.String()
		}
		t.line("      " + prefix + t.paint(plain, l))
	}
}
