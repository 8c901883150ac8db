package demo

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// opening says what is to come.
func (p *play) opening() {
	for _, l := range wrap(p.text("demo.title"), p.columns) {
		p.line(l)
	}
}

// finish sums up, and leaves the nodes to the visitor if that was asked for.
func (p *play) finish(ctx context.Context) error {
	_, jpn, err := p.jpn.status(ctx)
	if err != nil {
		return err
	}
	p.line("")
	p.line(p.paint(green, p.text("demo.held-all", len(steps()), fmt.Sprintf("%.1f", time.Since(p.began).Seconds()))))
	for _, l := range wrap(p.text("demo.summary", jpn.Receipted, p.kept, len(jpn.StillHeld)), p.columns) {
		p.line(l)
	}
	if !p.Stay {
		if p.Dir != "" {
			p.line(p.text("demo.kept", p.folder))
		}
		return nil
	}
	p.invite()
	p.wait(ctx)
	return nil
}

// invite prints the commands with which a visitor can look for themselves.
func (p *play) invite() {
	p.line("")
	p.line(p.paint(bold, p.text("demo.look")))
	binary, lang := shortest(p.Binary), ""
	if p.Lang != "en" {
		lang = " --lang " + string(p.Lang)
	}
	for _, command := range []string{
		"status --dir " + shell(p.jpn.dir),
		"preview --dir " + shell(p.jpn.dir) + " USA --why" + lang,
		"partner list --dir " + shell(p.jpn.dir),
		"status --dir " + shell(p.usa.dir),
		"export --dir " + shell(p.usa.dir),
		"ledger verify --dir " + shell(p.usa.dir),
	} {
		p.line("  " + shell(binary) + " " + command)
	}
	p.line("")
	if p.Dir == "" {
		p.line(p.text("demo.end-removes", p.folder))
	} else {
		p.line(p.text("demo.end-keeps", p.folder))
	}
}

// wait returns when somebody presses Enter, or ctx ends.
func (p *play) wait(ctx context.Context) {
	pressed := make(chan struct{})
	go func() { // ends with the process if nobody presses: a read of a terminal cannot be called back
		defer close(pressed)
		bufio.NewReader(p.In).ReadString('\n')
	}()
	select {
	case <-pressed:
	case <-ctx.Done():
	}
}

// shortest is a path as it is typed in the present folder, if that is shorter.
func shortest(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if relative, err := filepath.Rel(here, path); err == nil && !strings.HasPrefix(relative, "..") {
		return "." + string(filepath.Separator) + relative
	}
	return path
}

// shell quotes a word for a shell where that is needed.
func shell(word string) string {
	if !strings.ContainsFunc(word, func(r rune) bool {
		return !strings.ContainsRune("/._-+=:@%", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
