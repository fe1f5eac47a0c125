package wire

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// Half a character is found in every position, also beside a real U+FFFD, and nothing else is taken for one.
func TestHalfCharacter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`""`: false, `"abc"`: false, `"\ufffd"`: false, `"` + "\ufffd" + `"`: false, `"\uFFFD\ufffd\n"`: false,
		`"\u5f20"`:       false,
		`"\ud83d\ude00"`: false, `"\uD83D\uDE00x"`: false, `"\ud83d\ude00\ud83d\ude00"`: false, `"\\ud800"`: false,
		`"\"\\"`:   false,
		`"\ud800"`: true, `"\udc00"`: true, `"\ud800\ufffd"`: true, `"` + "\ufffd" + `\ud800"`: true, `"\ufffd\udfff"`: true,
		`"\ud83d\ud83d\ude00"`: true, `"\ud83dx"`: true, `"\ud83d\n"`: true, `"\ud83d\u0041"`: true, `"\ude00\ud83d"`: true,
		`"\\\ud800"`: true,
	} {
		if got := HalfCharacter([]byte(text)); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

// FuzzHalfCharacter: if the text has no U+FFFD of its own, decoding it yields one exactly where HalfCharacter
// finds a half.
func FuzzHalfCharacter(f *testing.F) {
	f.Add(`\ud83d\ude00\ud800`)
	f.Add(`a\\u\ud83d`)
	f.Fuzz(func(t *testing.T, s string) {
		quoted := []byte(`"` + s + `"`)
		var decoded string
		if strings.ContainsRune(s, utf8.RuneError) || strings.Contains(strings.ToLower(s), "fffd") ||
			json.Unmarshal(quoted, &decoded) != nil {
			return
		}
		if got, want := HalfCharacter(quoted), strings.ContainsRune(decoded, utf8.RuneError); got != want {
			t.Errorf("%s: got %v, want %v", quoted, got, want)
		}
	})
}
