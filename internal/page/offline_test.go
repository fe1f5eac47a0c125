package page

import (
	"encoding/json"
	"strings"
	"testing"

	"tongka/internal/command"
)

// What browsers keep has nothing of a card: it is the same for whoever asks, whatever he has.
func TestOfflinePageIsNobodys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	nobodys, p := &phone{w: w}, w.bound(1)
	p.get("/m/")
	for _, path := range []string{"/m/offline", "/m/offline?zh-CN", "/m/worker", "/m/manifest?language=zh"} {
		got := p.get(path).Body.String()
		if path != "/m/offline?zh-CN" && got != nobodys.get(path).Body.String() {
			t.Errorf("%s differs from phone to phone: %s", path, got)
		}
		for _, of := range []string{"8800123456", "88****3456", "聚客", "data-key", "data-alias", "陈小明", "986.92"} {
			if strings.Contains(got, of) {
				t.Errorf("%s has %s", path, of)
			}
		}
	}
	if body := p.get("/m/offline").Body.String(); !strings.Contains(body, "data-kept") {
		t.Errorf("the page does not ask the phone: %s", body)
	}
}

// Phones forget their codes when a page says that there are none, and only then.
func TestForgets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.bound(1)
	forgets := func(when, path string, want bool) {
		t.Helper()
		if got := strings.Contains(p.get(path).Body.String(), "<body data-forget>"); got != want {
			t.Errorf("%s: forgets %t, want %t", when, got, want)
		}
	}
	forgets("a card in use", "/m/", false)
	forgets("no such page", "/m/nothing", false)
	forgets("a used link", "/m/bind", false)
	forgets("without a network", "/m/offline", false)
	w.do(command.Stop{Merchant: 1, Card: "8800123456"})
	forgets("a stopped card", "/m/", true)
	w.do(command.Resume{Merchant: 1, Card: "8800123456"})
	forgets("a card in use again", "/m/", false)
	p.post("/m/leave", nil)
	forgets("no card", "/m/", true)
}

// The manifest leads to icons that are there, in the language of its address.
func TestManifest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := &phone{w: w}
	for language, want := range map[string]string{"zh": "会员卡", "en": "Member card", "": "会员卡", "x": "会员卡"} {
		got := p.get("/m/manifest?language=" + language)
		var m manifest
		if err := json.Unmarshal(got.Body.Bytes(), &m); err != nil || m.Name != want || m.Start != "/m/" || m.Scope != "/m/" ||
			got.Header().Get("Content-Type") != "application/manifest+json" {
			t.Errorf("%s: %v %+v", language, err, m)
		}
		for _, i := range m.Icons {
			if got := p.get(i.Source); got.Code != 200 || got.Header().Get("Content-Type") != i.Type {
				t.Errorf("%s: %d %s", i.Source, got.Code, got.Header().Get("Content-Type"))
			}
		}
		if len(m.Icons) != 3 {
			t.Errorf("%d icons", len(m.Icons))
		}
	}
}

// All that a phone loads for the card is below 150 kB, unpacked; icons are loaded when the card is put on the home
// screen.
func TestPageIsSmall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.bound(1)
	sum := 0
	for _, path := range []string{"/m/", "/m/offline", "/m/worker", files.URL("page.css"), files.URL("page.js"), files.URL("icon.svg")} {
		sum += p.get(path).Body.Len()
	}
	if sum > 150_000 || sum < 20_000 {
		t.Errorf("the page is %d bytes", sum)
	}
}
