// Package authoring is the pages on which people write: an advisory that is pasted becomes indicators and a report, own objects get new
// versions, and objects of anybody are answered. It shows what internal/author finds, drafts and says of who would get it, and hands on what
// was chosen. Nothing is decided here, and nothing is remembered between two requests: a draft stands in its form until it is submitted.
//
// Pages may answer any number of requests at once. What they share is a cache of the names that the store knows.
package authoring

import (
	"embed"
	"time"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/author"
	"github.com/wagasa/wagasa/internal/store"
	"github.com/wagasa/wagasa/internal/web/page"
)

// Templates are those of these pages.
//
//go:embed *.html
var Templates embed.FS

// Config is what the pages need of a node.
type Config struct {
	Store  store.Store
	Author *author.Author
	Now    func() time.Time
}

// Pages are the pages of one node.
type Pages struct {
	Config
	known cache
}

// New makes the pages.
func New(c Config) *Pages { return &Pages{Config: c} }

// Routes are what they answer.
func (p *Pages) Routes() []page.Route {
	return []page.Route{
		{Method: "GET", Path: "/author", Action: account.Author, Handle: p.begin},
		{Method: "POST", Path: "/author", Action: account.Author, Most: mostDraft, Handle: p.look},
		{Method: "POST", Path: "/author/reach", Action: account.Author, Most: mostDraft, Handle: p.reach},
		{Method: "GET", Path: "/author/edit", Action: account.Author, Handle: p.edit},
		{Method: "POST", Path: "/author/edit", Action: account.Author, Most: mostSingle, Handle: p.save},
		{Method: "POST", Path: "/author/edit/reach", Action: account.Author, Most: mostSingle, Handle: p.editReach},
		{Method: "GET", Path: "/author/answer", Action: account.Answer, Handle: p.answer},
		{Method: "POST", Path: "/author/answer", Action: account.Answer, Most: mostSingle, Handle: p.say},
		{Method: "POST", Path: "/author/answer/reach", Action: account.Answer, Most: mostSingle, Handle: p.answerReach},
		{Method: "GET", Path: "/author/done", Action: account.ViewObjects, Handle: p.done},
	}
}
