// Package qrcode draws QR codes as pages and terminals show them.
package qrcode

import (
	"fmt"
	"image"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quiet is the width of the light border that readers need, in modules.
const quiet = 4

// Picture is a QR code as a path of SVG.
type Picture struct {
	Path string
	size int // modules a side, with the quiet zone
}

// Box returns the view box of the path.
func (p Picture) Box() string { return fmt.Sprintf("0 0 %d %d", p.size, p.size) }

// Draw returns the QR code of a text.
func Draw(text string) (Picture, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return Picture{}, err
	}
	side := code.Bounds().Dx()
	var b strings.Builder
	for y := range side {
		for x := range side {
			if dark(code, x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return Picture{b.String(), side + 2*quiet}, nil
}

// Terminal returns the QR code of a text in letters, two modules above each other in one. The light ones are drawn
// and the dark ones left out, as readers want it of a dark terminal; the colours are set for those that are not.
func Terminal(text string) (string, error) {
	code, err := qr.Encode(text, qr.L, qr.Auto)
	if err != nil {
		return "", err
	}
	const border = 2 // terminals have room of their own beside it
	side := code.Bounds().Dx()
	halves := map[[2]bool]string{{false, false}: "█", {false, true}: "▀", {true, false}: "▄", {true, true}: " "}
	var b strings.Builder
	for y := -border; y < side+border; y += 2 {
		b.WriteString("\x1b[97;40m")
		for x := -border; x < side+border; x++ {
			b.WriteString(halves[[2]bool{dark(code, x, y), dark(code, x, y+1)}])
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String(), nil
}

// dark reports whether a module is dark; none outside is.
func dark(code image.Image, x, y int) bool {
	if !(image.Point{X: x, Y: y}.In(code.Bounds())) {
		return false
	}
	r, _, _, _ := code.At(x, y).RGBA()
	return r == 0
}
