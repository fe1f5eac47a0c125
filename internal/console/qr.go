package console

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// qrPicture is a QR code as a path of SVG.
type qrPicture struct {
	size int // modules a side, with the quiet zone
	path string
}

// quiet is the width of the light border that readers need, in modules.
const quiet = 4

func (p qrPicture) box() string { return fmt.Sprintf("0 0 %d %d", p.size, p.size) }

// drawQR returns the QR code of a text.
func drawQR(text string) (qrPicture, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return qrPicture{}, err
	}
	side := code.Bounds().Dx()
	var b strings.Builder
	for y := range side {
		for x := range side {
			if r, _, _, _ := code.At(x, y).RGBA(); r == 0 {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return qrPicture{side + 2*quiet, b.String()}, nil
}
