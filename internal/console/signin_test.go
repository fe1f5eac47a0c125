package console

import (
	"strings"
	"testing"
)

// Whoever has tried too often is told when to try again, with a name that somebody has and with one that nobody has.
func TestTooManySignIns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var said []string
	for _, name := range []string{"admin", "nobody-at-all"} {
		b := w.tab()
		for range 3 {
			b.post("/console/sign-in", "name", name, "password", "wrong horse battery")
		}
		page := b.post("/console/sign-in", "name", name, "password", password).Body.String()
		said = append(said, fault(page))
	}
	if said[0] != said[1] || !strings.Contains(said[0], "后再试") || strings.Contains(said[0], "稍后") {
		t.Errorf("they are told %q", said)
	}
}

// A page of another site is sent no file and writes no entry by a GET, whatever the route: the browser says where the
// request came from. Files that say nothing of the books, such as an empty form, are nobody's secret.
func TestFilesAreForNoOtherSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.webhook(1)
	for _, r := range routes {
		method, path := pathOf(r, "1")
		if method != "GET" || r.door == anybody || strings.HasSuffix(path, "import/template.xlsx") {
			continue
		}
		for _, who := range []string{"owner", "admin"} {
			b := w.signedIn(who)
			before := w.newestAt(1).ID + w.newest().ID
			req := b.request(method, path, nil)
			req.Header.Set("Sec-Fetch-Site", "cross-site")
			got := b.serve(req)
			if got.Header().Get("Content-Disposition") != "" || w.newestAt(1).ID+w.newest().ID != before {
				t.Errorf("%s to %s from another site: %d, %s, or an entry", path, who, got.Code,
					got.Header().Get("Content-Disposition"))
			}
		}
	}
}
