package command

import (
	"testing"

	"pgregory.net/rapid"
)

// checkShown checks a property on drawn stories, and on more of them as long as they have not shown what it is about:
// a story is drawn by chance, and a count of what happened in a hundred of them is a chance too.
func checkShown(t *testing.T, shown func() bool, property func(*rapid.T)) {
	t.Helper()
	for range 10 {
		rapid.Check(t, property)
		if t.Failed() || shown() {
			return
		}
	}
	t.Error("the stories do not show what the property is about")
}
