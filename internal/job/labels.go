package job

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/qr"

	"tongka/internal/codes"
	"tongka/internal/sheet"
)

// mostPictures is up to how many cards of a series the workbook has the codes as pictures: each is some kilobytes, and
// a printer makes them of the numbers.
const mostPictures = 2000

// Sizes of pictures, in pixels.
const (
	moduleSize = 3 // of a QR code; bars are two wide
	barHeight  = 60
	quietZone  = 12
)

// seriesHeader are the columns of the workbook, in both languages.
var seriesHeader = map[bool][]string{
	false: {"卡号", "密码", "二维码", "条形码"},
	true:  {"Card number", "Password", "QR code", "Bar code"},
}

// write writes the workbook of a series.
func (s *issuing) write(to io.Writer) error {
	pictures := len(s.made) <= mostPictures
	header := seriesHeader[s.English]
	columns := []string{header[0]}
	if s.Passwords {
		columns = append(columns, header[1])
	}
	if !pictures {
		w, err := sheet.New(to, sheet.XLSX, header[0], columns)
		if err != nil {
			return err
		}
		for _, one := range s.made {
			if err = w.Row(s.cells(one)...); err != nil {
				break
			}
		}
		if closed := w.Close(); err == nil {
			err = closed
		}
		return err
	}
	labels := make([]sheet.Label, len(s.made))
	for i, one := range s.made {
		drawn, err := pictured(one.Number)
		if err != nil {
			return err
		}
		labels[i] = sheet.Label{Cells: s.cells(one), Pictures: drawn}
	}
	return sheet.WriteLabels(to, header[0], append(columns, header[2:]...), labels)
}

func (s *issuing) cells(one codes.SeriesCard) []sheet.Cell {
	cells := []sheet.Cell{sheet.Text(one.Number)}
	if s.Passwords {
		cells = append(cells, sheet.Text(one.Password))
	}
	return cells
}

// pictured returns a number as a QR code and as Code 128, which scanners read the same.
func pictured(number string) ([][]byte, error) {
	square, err := qr.Encode(number, qr.M, qr.Auto)
	if err != nil {
		return nil, err
	}
	bars, err := code128.Encode(number)
	if err != nil {
		return nil, err
	}
	side := moduleSize * square.Bounds().Dx()
	var all [][]byte
	for _, one := range []struct {
		code          barcode.Barcode
		width, height int
	}{{square, side, side}, {bars, 2 * bars.Bounds().Dx(), barHeight}} {
		scaled, err := barcode.Scale(one.code, one.width, one.height)
		if err != nil {
			return nil, err
		}
		picture, err := framed(scaled)
		if err != nil {
			return nil, err
		}
		all = append(all, picture)
	}
	return all, nil
}

// framed returns a code as PNG with the light border that scanners need.
func framed(code image.Image) ([]byte, error) {
	size := code.Bounds()
	paper := image.NewPaletted(image.Rect(0, 0, size.Dx()+2*quietZone, size.Dy()+2*quietZone),
		color.Palette{color.White, color.Black})
	draw.Draw(paper, size.Sub(size.Min).Add(image.Pt(quietZone, quietZone)), code, size.Min, draw.Src)
	var b bytes.Buffer
	err := png.Encode(&b, paper)
	return b.Bytes(), err
}
