package browsertest

import (
	"bytes"
	"image/png"

	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// ReadQR reads a QR code that the page shows, as a camera sees it.
func (w *Window) ReadQR(css string) string {
	w.t.Helper()
	picture := run(w, "picture of "+css, chromedp.ScreenshotScale(chromedp.CSS(css), 3))
	seen, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		w.fail("picture of "+css, err)
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(seen)
	if err != nil {
		w.fail("read "+css, err)
	}
	result, err := qrcode.NewQRCodeReader().Decode(bits, nil)
	if err != nil {
		w.fail("read "+css, err)
	}
	return result.GetText()
}
