package accounts_test

import (
	"fmt"
	"testing"

	"github.com/wagasa/wagasa/internal/account"
	"github.com/wagasa/wagasa/internal/locale"
)

// BenchmarkPeople is the list of people of a node with a thousand accounts, over HTTP.
func BenchmarkPeople(b *testing.B) {
	w := newWorld(b)
	admin := w.administrator()
	for i := range 999 {
		_, err := w.Add(b.Context(), account.Console("console"), account.Newcomer{Name: fmt.Sprint("service ", i), Kind: account.KindService, Lang: locale.English})
		w.must(err)
	}
	size := 0
	for b.Loop() {
		size = len(admin.get("/accounts/people").is(200, "1,000 accounts").body)
	}
	b.ReportMetric(float64(size), "bytes/page")
}
