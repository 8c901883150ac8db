package page

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/wagasa/wagasa/internal/fault"
)

// Assets are the files that pages are made with. A name has the beginning of the file's digest as its query, so that a browser may keep it for
// ever and still gets a new one.
type Assets struct {
	files fs.FS
	sums  map[string]string
}

// NewAssets reads the files of a folder.
func NewAssets(files fs.FS) (*Assets, error) {
	a := &Assets{files, map[string]string{}}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(files, name)
		sum := sha256.Sum256(b)
		a.sums[name] = hex.EncodeToString(sum[:6])
		return err
	})
	return a, err
}

// Link is the address of a file.
func (a *Assets) Link(name string) string { return "/static/" + name + "?" + a.sums[name] }

// kinds are the types of what is served.
var kinds = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}

// Serve answers with a file.
func (a *Assets) Serve(r *Request) error {
	name := strings.TrimPrefix(r.URL.Path, "/static/")
	sum, ok := a.sums[name]
	kind := kinds[path.Ext(name)]
	if !ok || kind == "" {
		return fault.New(fault.NotFound, "there is no such file")
	}
	b, err := fs.ReadFile(a.files, name)
	if err != nil {
		return err
	}
	h := r.ResponseWriter.Header()
	h.Set("Content-Type", kind)
	if r.URL.RawQuery == sum {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	return r.write(http.StatusOK, b)
}
