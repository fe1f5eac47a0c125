package console

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"tongka/internal/browsertest"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// What is so once the list has what was asked for.
const (
	typedAll = `new URL(location).searchParams.get("q") === "欧阳"`
	oneRow   = "#cards tbody tr:first-child:last-child"
	nineRows = "#cards tbody tr:nth-child(9):last-child"
)

// A cashier finds a card while typing, scans one, chooses by filters and opens a new one, on a phone and at a desk, in
// both languages. The browser reports no errors, axe-core nothing serious, and no page is wider than its window.
func TestCardsInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		for _, language := range []ledger.Language{ledger.Chinese, ledger.English} {
			t.Run(name+"-"+string(language), func(t *testing.T) {
				t.Parallel()
				findAndOpen(t, size, language, name+"-"+string(language)+"-")
			})
		}
	}
}

func findAndOpen(t *testing.T, size browsertest.Size, language ledger.Language, picture string) {
	t.Helper()
	w, srv := inBrowser(t, true)
	w.listedInBrowser()
	tab := browsertest.New(t, size)
	look := func(page string) {
		t.Helper()
		tab.Fits()
		tab.Accessible()
		tab.Save(picture + page)
	}
	cards := srv.URL + "/console/m/1/cards"
	enter(tab, srv.URL, "cashier", string(language), "nav.ways")
	tab.Do(chromedp.Navigate(cards), chromedp.WaitVisible("#cards table", chromedp.ByQuery))
	look("cards")

	tab.Do(chromedp.SendKeys("#q", "欧阳", chromedp.ByQuery), chromedp.Poll(typedAll, nil), chromedp.WaitVisible(oneRow, chromedp.ByQuery))
	look("cards-search")
	if got := browsertest.Eval[bool](tab, `document.activeElement.id === "q"`); !got {
		t.Error("who types loses the field")
	}
	tab.Do(chromedp.SendKeys("#q", "zz", chromedp.ByQuery), chromedp.WaitVisible("#cards .empty", chromedp.ByQuery))
	look("cards-none")
	tab.Do(chromedp.Navigate(cards), chromedp.SendKeys("#q", "8888002"+kb.Enter, chromedp.ByQuery),
		chromedp.WaitVisible(".facts", chromedp.ByQuery))
	if got := browsertest.Eval[string](tab, "location.pathname"); !strings.HasSuffix(got, "/cards/2") {
		t.Errorf("a scanned card leads to %q", got)
	}

	tab.Do(chromedp.Navigate(cards), chromedp.Click("details.filters summary", chromedp.ByQuery),
		chromedp.SetValue("#level", "1", chromedp.ByQuery), chromedp.Click("details.filters button", chromedp.ByQuery),
		chromedp.WaitVisible(nineRows, chromedp.ByQuery))
	look("cards-filtered")

	tab.Do(chromedp.Navigate(cards+"/new"), chromedp.WaitVisible("#number", chromedp.ByQuery))
	look("card-new")
	tab.Do(chromedp.SendKeys("#name", "张三丰", chromedp.ByQuery), chromedp.SendKeys("#phone", "186 1234 0002", chromedp.ByQuery),
		chromedp.Click("main button.btn-primary", chromedp.ByQuery), chromedp.WaitVisible("button[name=sure]", chromedp.ByQuery))
	look("card-new-preview")
	tab.Do(chromedp.Click("button[value=yes]", chromedp.ByQuery), chromedp.WaitVisible(".facts", chromedp.ByQuery))
	look("card-opened")
}

// listedInBrowser opens cards as a shop has them.
func (w *world) listedInBrowser() {
	w.t.Helper()
	names := []string{"张伟", "王芳", "李娜", "欧阳修", "", "Angela Müller", "赵敏", "陈静 <script>alert(1)</script>", "司徒美堂"}
	batch := command.Import{Merchant: 1, By: ledger.Caller{Shop: 11}}
	for i := range 18 {
		c := command.NewCard{
			Number: "8888" + itoa(int64(1001 + i))[1:], Kind: ledger.Common, Level: ledger.LevelID(1 + i%2),
			Holder:    ledger.Holder{Name: names[i%len(names)], Phone: "1861234" + itoa(int64(10001 + i))[1:]},
			Principal: ledger.Fen(i * i * 1234), Points: int64(i * 100),
		}
		if c.Holder.Name == "" {
			c.Kind = ledger.StoredValue
		}
		if i > 9 && c.Holder.Name == "欧阳修" {
			c.Holder.Name = "孙悟空"
		}
		batch.Cards = append(batch.Cards, c)
	}
	batch.Cards[5].Expires = 2026_01_01
	w.do(batch, command.ReportLost{Merchant: 1, Card: "8888003"}, command.Return{Merchant: 1, Card: "8888007"})
}
