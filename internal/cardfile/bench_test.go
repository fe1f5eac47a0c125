package cardfile_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"tongka/internal/cardfile"
)

// BenchmarkRead looks a file of 50,000 cards through and reads them.
func BenchmarkRead(b *testing.B) {
	const cards = 50_000
	var text strings.Builder
	text.WriteString("number,level,name,phone,principal,points\n")
	for n := range cards {
		fmt.Fprintf(&text, "%08d,1,王%d,138%08d,10.00,5\n", n, n, n)
	}
	for b.Loop() {
		file, err := cardfile.Look(strings.NewReader(text.String()), "")
		if err != nil {
			b.Fatal(err)
		}
		r, err := file.Reader(cardfile.Terms{Levels: levels, Today: today})
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cards)*float64(b.N)/b.Elapsed().Seconds(), "cards/s")
}
