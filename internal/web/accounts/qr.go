package accounts

import (
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"

	"github.com/wagasa/wagasa/internal/fault"
)

// quiet is how many modules around a code stay empty, as its standard wants.
const quiet = 4

// drawQR draws a text as a QR code, a picture in the page itself. It is dark on white in any colours of the page, as cameras want it.
func drawQR(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fault.New(fault.Invalid, "QR code: %w", err)
	}
	var dark strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for x+run < code.Size && code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&dark, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	size := code.Size + 2*quiet
	return template.HTML(fmt.Sprintf( // numbers alone
		`<svg class="qr" viewBox="0 0 %d %d" aria-hidden="true" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="%s"/></svg>`,
		size, size, size, size, dark.String())), nil
}
