package browsertest

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// packedAxe is axe-core, whose rules say what keeps people from reading or using a page.
//
//go:embed files/axe.js.gz
var packedAxe []byte

// axe returns the script.
var axe = sync.OnceValues(func() (string, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(packedAxe))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(unpacked)
	return string(text), err
})

// finding is what axe-core has against a page.
type finding struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML           string `json:"html"`
		FailureSummary string `json:"failureSummary"`
	} `json:"nodes"`
}

// mostNodes is how many places of one finding are told.
const mostNodes = 3

// String tells the finding and the first places.
func (f *finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s: %s, in %d places", f.ID, f.Impact, f.Help, len(f.Nodes))
	for i := range f.Nodes[:min(len(f.Nodes), mostNodes)] {
		n := &f.Nodes[i]
		fmt.Fprintf(&b, "\n\t%s\n\t%s", n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", "\n\t"))
	}
	return b.String()
}

// Accessible fails the test on what is serious in the page, in light colours, and on what cannot be read in it in dark
// ones. Of people who see badly, or use no mouse, some could not use the page then.
func (tab *Tab) Accessible() {
	tab.t.Helper()
	for _, f := range tab.findings() {
		tab.t.Errorf("%s: %s", Eval[string](tab, "location.pathname"), f)
	}
}

// findings returns what axe-core calls serious or critical.
func (tab *Tab) findings() (found []string) {
	tab.t.Helper()
	defer tab.Dark(tab.dark)
	for _, look := range []struct {
		colours string
		dark    bool
		options string
	}{
		{"light", false, `{resultTypes: ["violations"]}`},
		{"dark", true, `{resultTypes: ["violations"], runOnly: ["color-contrast"]}`},
	} {
		tab.Dark(look.dark)
		for _, f := range tab.axe(look.options) {
			if f.Impact == "serious" || f.Impact == "critical" {
				found = append(found, look.colours+": "+f.String())
			}
		}
	}
	return found
}

// axe runs axe-core on the page.
func (tab *Tab) axe(options string) (found []finding) {
	tab.t.Helper()
	script, err := axe()
	if err != nil {
		tab.t.Fatal(err)
	}
	if !Eval[bool](tab, `typeof axe !== "undefined"`) {
		tab.Do(chromedp.Evaluate(script+"\n;0", nil))
	}
	text := Await[string](tab, `axe.run(document, `+options+`).then((r) => JSON.stringify(r.violations))`)
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		tab.t.Fatal(err)
	}
	return found
}
