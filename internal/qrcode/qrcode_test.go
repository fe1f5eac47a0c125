package qrcode

import (
	"strings"
	"testing"
)

// A QR code in letters is as wide as it is high, and light around.
func TestTerminal(t *testing.T) {
	t.Parallel()
	text, err := Terminal("http://192.0.2.1:8080/sandbox/in?key=l9ENTFqgrJ2MhYlJF3F1kLbw")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	wide := strings.NewReplacer("\x1b[97;40m", "", "\x1b[0m", "")
	for i, line := range lines {
		letters := []rune(wide.Replace(line))
		if len(letters)/2 > len(lines) || len(letters)/2 < len(lines)-1 || letters[0] != '█' {
			t.Errorf("line %d of %d: %d letters", i, len(lines), len(letters))
		}
	}
}
