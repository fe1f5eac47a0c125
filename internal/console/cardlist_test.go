package console

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/sheet"
	"tongka/internal/store/storetest"
)

// manyCards opens cards of the first merchant, numbered from 7001, and one of the second that nobody of the first may
// see. Every third has the phone of the first; levels, shops, birthdays, last days and balances go round.
func (w *world) manyCards(n int) {
	w.t.Helper()
	batch := command.Import{Merchant: 1, By: ledger.Caller{Shop: 11}}
	for i := range n {
		c := command.NewCard{
			Number: fmt.Sprint(7001 + i), Kind: ledger.Common, Level: ledger.LevelID(1 + i%2),
			Holder: ledger.Holder{
				Name: fmt.Sprintf("=会员%d<b>", i), Phone: fmt.Sprint(13700000000 + i), Birthday: ledger.Date(1990_01_15 + i%12*100),
			},
			Details: ledger.Details{ExtID: fmt.Sprint(9_000_000 + i)}, Principal: ledger.Fen(i * 10_00), Points: int64(i),
		}
		if i%3 == 0 {
			c.Holder.Phone = "13912345678"
		}
		if i%4 == 0 {
			c.Expires = ledger.Date(2026_03_05).AddDays(i)
		}
		batch.Cards = append(batch.Cards, c)
	}
	w.do(batch, command.Open{Merchant: 2, Card: command.NewCard{
		Number: "7002", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "canary-other", Phone: "13912345678"},
		Details: ledger.Details{ExtID: "9000999"},
	}})
}

var rowNumber = regexp.MustCompile(`class="at-number num">([^<]*)<`)

// listed returns the numbers of the cards on a page, in their order.
func listed(page string) string {
	var numbers []string
	for _, m := range rowNumber.FindAllStringSubmatch(page, -1) {
		numbers = append(numbers, m[1])
	}
	return strings.Join(numbers, " ")
}

// typing asks for a page as the list does while somebody types.
func (b *tab) typing(path string) *httptest.ResponseRecorder {
	r := b.request(http.MethodGet, path, nil)
	r.Header.Set("HX-Request", "true")
	return b.serve(r)
}

// The list shows whose card it is and what is on it, page after page by number, to everybody who may read, and nobody
// sees a whole phone or a card of another merchant.
func TestCardList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manyCards(cardsAPage + 7)
	w.do(command.ReportLost{Merchant: 1, Card: "7002"})
	for _, name := range []string{"admin", "auditor"} {
		b := w.signedIn(name)
		first := b.get("/console/m/1/cards").Body.String()
		want := []string{
			"137****0001", "=会员1&lt;b&gt;", "普通", "金卡", "已挂失", "正常", "10.00", "2026-03-04 18:00", `href="/console/m/1/cards/2"`,
			"after=7050",
		}
		for _, want := range want {
			if !strings.Contains(first, want) {
				t.Errorf("%s: the list lacks %q", name, want)
			}
		}
		numbers := listed(first)
		if got := strings.Fields(numbers); len(got) != cardsAPage || got[0] != "7001" || got[cardsAPage-1] != "7050" {
			t.Errorf("%s: the first page has %s", name, numbers)
		}
		second := b.get("/console/m/1/cards?after=7050").Body.String()
		if got := listed(second); got != "7051 7052 7053 7054 7055 7056 7057" || strings.Contains(second, wNextPage.Zh) {
			t.Errorf("%s: the second page has %s", name, got)
		}
		for _, page := range []string{first, second} {
			if strings.Contains(page, "canary") || strings.Contains(page, "13700000001") || strings.Contains(page, "<b>") {
				t.Errorf("%s sees what nobody should", name)
			}
		}
		if offered, may := strings.Contains(first, "/cards/new"), name == "admin"; offered != may {
			t.Errorf("%s is offered to open cards: %t", name, offered)
		}
		if offered, may := strings.Contains(first, "cards.csv"), name == "admin"; offered != may {
			t.Errorf("%s is offered an export: %t", name, offered)
		}
		if past := b.get("/console/m/1/cards?after=8000"); !strings.Contains(past.Body.String(), wNoneChosen.Zh) {
			t.Errorf("%s: behind the last card: %d", name, past.Code)
		}
	}
}

// A merchant without cards is told so, and how to begin.
func TestNoCards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := w.signedIn("cashier").get("/console/m/1/cards").Body.String()
	if !strings.Contains(page, wNoCards.Zh) || !strings.Contains(page, `href="/console/m/1/cards/new"`) {
		t.Error("an empty list does not say what to do")
	}
}

// What is typed is looked for in numbers, names and phones, however a phone is written.
func TestSearchCards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.manyCards(8)
	b := w.signedIn("cashier")
	for typed, want := range map[string]string{
		"7003": "7003", "700": "7001 7002 7003 7004 7005 7006 7007 7008", "会员3": "7004", "张三": "6001", "<SCRIPT>": "6001",
		"13700000004": "7005", "137 0000 0004": "7005", "137-0000-0004": "7005", "+86 137 0000 0004": "7005",
		"8613700000004": "7005", "0004": "7005", "2465": "6001", "13912345678": "7001 7004 7007", "9000003": "7004", "9000": "",
		"nobody": "", "canary-other": "", "9000999": "", "%": "", strings.Repeat("9", 300): "",
	} {
		path := "/console/m/1/cards?q=" + url.QueryEscape(typed)
		rec := b.typing(path)
		page := rec.Body.String()
		if got := listed(page); rec.Code != http.StatusOK || got != want {
			t.Errorf("%q: %d, finds %q, want %q", typed, rec.Code, got, want)
		}
		if want == "" && !strings.Contains(page, wNoHits.Zh) {
			t.Errorf("%q: the page does not say that nothing was found", typed)
		}
	}
	page := b.typing("/console/m/1/cards?q=700&level=2&from=30").Body.String()
	if got := listed(page); got != "7004 7006 7008" {
		t.Errorf("with filters: %s", got)
	}
	for typed, want := range map[string]string{
		"138 0000 1111": "phone=138+0000+1111", "A-77": "number=A-77", "王五": "name=%E7%8E%8B%E4%BA%94",
	} {
		page := b.typing("/console/m/1/cards?q=" + url.QueryEscape(typed)).Body.String()
		if !strings.Contains(page, "/cards/new?"+want) {
			t.Errorf("%q: no card is offered to be opened with %s", typed, want)
		}
	}
	if page := w.signedIn("auditor").typing("/console/m/1/cards?q=A-77").Body.String(); strings.Contains(page, "/cards/new") {
		t.Error("an auditor is offered to open a card")
	}
}

// Who may not see phones does not find out what is hidden of them by searching for parts of it.
func TestSearchMasked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manyCards(2)
	for typed, want := range map[string][2]string{ // who may see them finds, and who may not
		"13700000001": {"7002", "7002"}, "137": {"7002", "7002"}, "0001": {"7002", "7002"}, "会员1": {"7002", "7002"},
		"1370": {"7002", ""}, "00000001": {"7002", ""}, "00000": {"7002", ""}, "9123": {"7001", ""},
	} {
		for i, who := range []string{"manager", "cashier"} {
			page := w.signedIn(who).typing("/console/m/1/cards?q=" + url.QueryEscape(typed)).Body.String()
			if got := listed(page); got != want[i] {
				t.Errorf("%q by the %s: finds %q, want %q", typed, who, got, want[i])
			}
		}
	}
}

// A search that finds very many shows the first, and says that there are more.
func TestSearchFindsMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manyCards(hitsShown + 1)
	page := w.signedIn("cashier").typing("/console/m/1/cards?q=70").Body.String()
	got := strings.Fields(listed(page))
	if len(got) != hitsShown || !strings.Contains(page, wFirstCards.with(hitsShown).Zh) {
		t.Errorf("%d cards", len(got))
	}
}

// A number or an inner code that is scanned opens its card; while somebody types, nothing opens.
func TestScannedCardOpens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manyCards(3)
	w.do(command.Open{Merchant: 1, Card: command.NewCard{
		Number: "vip-Ab", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "赵"},
	}})
	b := w.signedIn("cashier")
	for typed, want := range map[string]string{
		"7002": "/console/m/1/cards/2", " 7002 ": "/console/m/1/cards/2", "9000002": "/console/m/1/cards/3",
		"VIP-AB": "/console/m/1/cards/4", "700": "", "9000999": "", "会员1": "",
	} {
		path := "/console/m/1/cards?q=" + url.QueryEscape(typed)
		rec := b.get(path)
		if got := rec.Header().Get("Location"); got != want || rec.Code == http.StatusSeeOther != (want != "") {
			t.Errorf("%q: %d, leads to %q, want %q", typed, rec.Code, got, want)
		}
		if got := b.typing(path).Code; got != http.StatusOK {
			t.Errorf("%q, not yet entered: %d", typed, got)
		}
	}
}

// Filters choose by address, and one that cannot be says why and keeps what was typed.
func TestCardFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manyCards(13)
	w.do(command.Open{Merchant: 1, By: ledger.Caller{Shop: 12}, Card: command.NewCard{
		Number: "8001", Kind: ledger.Common, Level: 1, Holder: ledger.Holder{Name: "钱"}, Expires: 2026_03_04,
	}}, command.Stop{Merchant: 1, Card: "7002"}, command.Return{Merchant: 1, Card: "7009"})
	w.wait(24 * 3600)
	w.do(command.Recharge{Merchant: 1, Card: "7003", Amount: 1_00, PayType: 1})
	b := w.signedIn("cashier")
	for query, want := range map[string]string{
		"level=2&status=active":      "7004 7006 7008 7010 7012",
		"status=stopped":             "7002",
		"status=expired":             "8001",
		"shop=12":                    "8001",
		"from=110&to=120":            "7012 7013",
		"to=0":                       "7001 7009 8001",
		"since=2026-03-05":           "7003",
		"since=2026-03-06":           "",
		"before=2026-03-05&level=1":  "7001 7005 7007 7009 7011 7013 8001",
		"month=12":                   "7012",
		"month=1&level=1":            "7001 7013",
		"days=4":                     "7001 7005",
		"days=8":                     "7001 7005",
		"days=8&status=returned":     "7009",
		"days=0":                     "7001",
		"status=expired&days=30":     "",
		"month=1&level=2":            "",
		"level=1&after=7010":         "7011 7013 8001",
		"status=&level=&from=&to=&q": "7001 7002 7003 7004 7005 7006 7007 7008 7009 7010 7011 7012 7013 8001",
	} {
		page := b.get("/console/m/1/cards?" + query).Body.String()
		if got := listed(page); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
		if strings.HasPrefix(query, "level=2&status") && !strings.Contains(page, "等级 金卡 · 状态 正常") {
			t.Errorf("%s: the page does not say which cards it has", query)
		}
		if want == "" && !strings.Contains(page, wNoneChosen.Zh) {
			t.Errorf("%s: the page does not say that no card is so", query)
		}
	}
	for query, want := range map[string]string{
		"level=x": wChoose.Zh, "status=x": wChoose.Zh, "from=abc": wNoAmount.Zh, "from=5&to=4": wUnderOther.Zh, "since=x": wNoDate.Zh,
		"days=-1": wNoDays.Zh, "days=99999": wNoDays.Zh,
	} {
		rec := b.get("/console/m/1/cards?" + query)
		if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), want) {
			t.Errorf("%s: %d", query, rec.Code)
		}
		if _, typed, _ := strings.Cut(query, "from="); strings.HasPrefix(query, "from=a") && !strings.Contains(rec.Body.String(), `value="`+typed+`"`) {
			t.Errorf("%s: what was typed is gone", query)
		}
	}
}

// brokenBooks are a store that fails, or comes to no end, when a test says so.
type brokenBooks struct {
	Books
	search, after error
	slow          func() // what a look at cards takes; nil = no time
}

func (b *brokenBooks) Search(ctx context.Context, q ledger.SearchQuery) ([]ledger.Card, error) {
	if b.search != nil {
		return nil, b.search
	}
	return b.Books.Search(ctx, q)
}

func (b *brokenBooks) Cards(ctx context.Context, q ledger.CardsQuery) (ledger.CardsPage, error) {
	if b.after != nil && q.After != "" {
		return ledger.CardsPage{}, b.after
	}
	if b.slow != nil {
		b.slow()
	}
	return b.Books.Cards(ctx, q)
}

// A search that comes to no end in its time says what to do; one that fails is a failure.
func TestSearchTakesTooLong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	broken := &brokenBooks{Books: w.store, search: fmt.Errorf("search: %w", context.DeadlineExceeded)}
	w.console.cfg.Books = broken
	b := w.signedIn("cashier")
	rec := b.typing("/console/m/1/cards?q=zz")
	if rec.Code != http.StatusServiceUnavailable || !strings.Contains(rec.Body.String(), wTooSlow.Zh) {
		t.Errorf("too slow: %d", rec.Code)
	}
	broken.search = errors.New("disk gone")
	if rec := b.typing("/console/m/1/cards?q=zz"); rec.Code != http.StatusInternalServerError {
		t.Errorf("failed: %d", rec.Code)
	}
}

// exported returns the rows of an export.
func exported(t *testing.T, rec *httptest.ResponseRecorder) [][]string {
	t.Helper()
	if rec.Code != http.StatusOK || !strings.HasPrefix(rec.Body.String(), "\uFEFF") ||
		rec.Header().Get("Content-Disposition") != `attachment; filename="cards-2026-03-04.csv"` {
		t.Fatalf("export: %d %v", rec.Code, rec.Header())
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(rec.Body.String(), "\uFEFF"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// An export has the cards of the list, all of its pages, and nothing that a spreadsheet takes for a formula. Only who
// may see phones gets them whole.
func TestExportCards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manyCards(exportPage + 5)
	b := w.signedIn("admin")
	rows := exported(t, b.get("/console/m/1/cards.csv"))
	if len(rows) != exportPage+6 || !slices.Equal(rows[0][:3], []string{"卡号", "姓名", "手机"}) {
		t.Fatalf("%d rows, the first is %q", len(rows), rows[0])
	}
	want := []string{
		"7002", "'=会员1<b>", "13700000001", "金卡", "正常", "10.00", "10.00", "0.00", "1", "", "1990-02-15", "会员卡",
		"2026-03-04 18:00", "人民路店", "2026-03-04 18:00", "", "",
	}
	if !slices.Equal(rows[2], want) {
		t.Errorf("got %q\nwant %q", rows[2], want)
	}
	for query, want := range map[string]int{"level=2&from=5000": 3, "q=13912345678&level=1": 86, "q=zz": 1} {
		if got := exported(t, b.get("/console/m/1/cards.csv?"+query)); len(got) != want {
			t.Errorf("%s: %d rows, want %d", query, len(got), want)
		}
	}
	if rec := b.get("/console/m/1/cards.csv?level=x"); rec.Header().Get("Location") != "/console/m/1/cards?level=x" {
		t.Errorf("a filter that cannot be: %d", rec.Code)
	}
	p := *w.person(2)
	p.Grants = []ledger.PersonGrant{{Merchant: 1, Permissions: ledger.MayRead | ledger.MayExport}}
	w.do(command.ChangePerson{To: p})
	w.must(w.dir.Refresh(t.Context()))
	rows = exported(t, b.get("/console/m/1/cards.csv"))
	if rows[0][2] != wPhoneMasked.Zh || rows[2][2] != "137****0001" {
		t.Errorf("who may not see phones gets %q, %q", rows[0][2], rows[2][2])
	}
	if all := fmt.Sprint(rows); strings.Contains(all, "13912345678") || strings.Contains(all, "canary") {
		t.Error("the export has what it should not")
	}
}

// A workbook has the same cards, with amounts that can be added up and numbers that lose no digit.
func TestExportCardsAsWorkbook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manyCards(3)
	rec := w.signedIn("admin").get("/console/m/1/cards.xlsx")
	if got := rec.Header().Get("Content-Disposition"); got != `attachment; filename="cards-2026-03-04.xlsx"` {
		t.Fatalf("%d, %s", rec.Code, got)
	}
	book, err := excelize.OpenReader(rec.Body)
	w.must(err)
	defer book.Close() //nolint:errcheck // it was only read
	rows, err := book.GetRows(wCards.Zh)
	w.must(err)
	if len(rows) != 4 || rows[2][0] != "7002" || rows[2][1] != "'=会员1<b>" || rows[2][2] != "13700000001" || rows[2][5] != "10.00" {
		t.Errorf("got %q", rows)
	}
	if kind, err := book.GetCellType(wCards.Zh, "F3"); err != nil || kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString {
		t.Errorf("an amount is of kind %v, %v", kind, err)
	}
}

// An export that fails on its way is told as such, and recorded by nobody: a part of it looks like the whole.
func TestExportThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manyCards(exportPage + 5)
	w.console.cfg.Books = &brokenBooks{Books: w.store, after: errors.New("disk gone")}
	for _, format := range sheet.Formats {
		rec := w.signedIn("admin").get("/console/m/1/cards." + string(format))
		if rec.Code != http.StatusInternalServerError || strings.Contains(rec.Body.String(), "7002") {
			t.Errorf("%s: %d", format, rec.Code)
		}
	}
	if !strings.Contains(w.log.String(), "disk gone") {
		t.Error("the log does not say why")
	}
	if n := len(w.exports()); n > 0 {
		t.Errorf("%d exports are recorded", n)
	}
}

// An export of more cards than a browser waits for is a job, whose file waits for whoever asked. What he takes is
// recorded like any other export, and nobody else gets it.
func TestLargeExports(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n = pagesAtOnce*exportPage + 3
	w.manyCards(n)
	b := w.signedIn("admin")
	form := b.get("/console/m/1/cards.csv")
	if page := form.Body.String(); form.Code != http.StatusOK || !strings.Contains(page, wExportMany.Zh) {
		t.Fatalf("it is not offered to make the file: %d %s", form.Code, page)
	}
	asked := b.post("/console/m/1/cards.csv", hidden(form.Body.String())...)
	again := b.post("/console/m/1/cards.csv", hidden(form.Body.String())...)
	if again.Header().Get("Location") != asked.Header().Get("Location") {
		t.Error("what is asked for twice is two exports")
	}
	at, page := b.then(asked)
	for _, want := range []string{wExportJob.Zh, phrase.Count(n), "files/cards.csv", wExportFile.Zh} {
		if !strings.Contains(page, want) {
			t.Errorf("the job lacks %q: %s", want, page)
		}
	}
	if got := w.exports(); len(got) > 0 {
		t.Errorf("recorded before anybody took it: %+v", got)
	}
	owner := w.signedIn("owner")
	if other := owner.get(at); other.Code != http.StatusOK || strings.Contains(other.Body.String(), "files/cards.csv") ||
		owner.get(at+"/files/cards.csv").Code != http.StatusNotFound {
		t.Error("somebody else is offered the file")
	}
	rec := b.get(at + "/files/cards.csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(rec.Body.String(), "\uFEFF"))).ReadAll()
	at7002 := slices.IndexFunc(rows, func(row []string) bool { return row[0] == "7002" })
	if err != nil || len(rows) != n+1 || at7002 < 0 || rows[at7002][2] != "13700000001" {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if got := w.exports(); len(got) != 1 || got[0].Note != fmt.Sprintf("cards.csv × %d", n) || got[0].By.Person != 2 {
		t.Errorf("recorded %+v", got)
	}
	if page := b.get("/console/m/1/cards.xlsx?to=100000").Body.String(); !strings.Contains(page, wAtMost.Zh+" 100000") ||
		!strings.Contains(page, `action="/console/m/1/cards.xlsx?to=100000"`) {
		t.Errorf("a workbook of some is offered: %s", page)
	}
	_, page = b.then(b.post("/console/m/1/cards.xlsx?to=100000"))
	if !strings.Contains(page, "files/cards.xlsx") {
		t.Errorf("a workbook: %s", page)
	}
	if few := exported(t, b.get("/console/m/1/cards.csv?from=5000&to=5010")); len(few) != 3 {
		t.Errorf("few cards among many: %d rows", len(few))
	}
	p := *w.person(2)
	p.Grants = []ledger.PersonGrant{{Merchant: 1, Permissions: ledger.MayRead | ledger.MayExport}}
	w.do(command.ChangePerson{To: p})
	w.must(w.dir.Refresh(t.Context()))
	if rec := b.get(at + "/files/cards.csv"); rec.Code == http.StatusOK {
		t.Error("who may not see phones any more gets them")
	}
	at, _ = b.then(b.post("/console/m/1/cards.csv"))
	if body := b.get(at + "/files/cards.csv").Body.String(); !strings.Contains(body, "137****0001") ||
		strings.Contains(body, "13912345678") {
		t.Error("who may not see phones gets them")
	}
}

// An export that is cancelled leaves no file, and one that nobody has worked on yet ends at once.
func TestCancelledExport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manyCards(pagesAtOnce*exportPage + 3)
	b := w.signedIn("admin")
	at := b.post("/console/m/1/cards.csv").Header().Get("Location")
	b.post(at + "/cancel")
	w.work()
	if page := b.get(at).Body.String(); !strings.Contains(page, wJobCancelled.Zh) || strings.Contains(page, "files/") {
		t.Errorf("cancelled: %s", page)
	}
	ctx, cancel := context.WithCancel(t.Context())
	j, run := ledger.Job{Merchant: 1, Ask: `{"format":"csv"}`}, &running{step: func(int64) { cancel() }}
	_, err := CardExports{Books: &patientBooks{w.store}, Clock: w.clock}.Make(ctx, &j, run)
	if !errors.Is(err, context.Canceled) || len(run.files) > 0 {
		t.Errorf("%v, %d files", err, len(run.files))
	}
}

// running is a job that is worked on.
type running struct {
	step  func(int64)
	total int64
	files []ledger.JobFile
}

func (r *running) Of(n int64)   { r.total = n }
func (r *running) Step(n int64) { r.step(n) }
func (r *running) Put(f ledger.JobFile) error {
	r.files = append(r.files, f)
	return nil
}

// patientBooks read cards only as long as somebody waits for them, as a database does.
type patientBooks struct{ *storetest.MemStore }

func (b *patientBooks) Cards(ctx context.Context, q ledger.CardsQuery) (ledger.CardsPage, error) {
	if err := ctx.Err(); err != nil {
		return ledger.CardsPage{}, err
	}
	return b.MemStore.Cards(ctx, q)
}

// Names stand as in a telephone book, Latin ones first and Chinese ones by their sound; cards of nobody stand last.
func TestSortedByName(t *testing.T) {
	t.Parallel()
	by := func(name string) string {
		i := slices.IndexFunc(orders, func(o *order) bool { return o.name == name })
		var cards []ledger.Card
		for i, name := range []string{"张三", "李四", "", "Bob", "陈明", "alice", "阿明", "张三", "欧阳", "曾"} {
			cards = append(cards, ledger.Card{Number: itoa(int64(9 - i)), Holder: ledger.Holder{Name: name}})
		}
		orders[i].sort(cards)
		var seen []string
		for _, c := range cards {
			seen = append(seen, c.Holder.Name+c.Number)
		}
		return strings.Join(seen, " ")
	}
	if got, want := by("name-up"), "alice4 Bob6 阿明3 陈明5 李四8 欧阳1 曾0 张三2 张三9 7"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := by("name-down"), "张三2 张三9 曾0 欧阳1 李四8 陈明5 阿明3 Bob6 alice4 7"; got != want {
		t.Errorf("backwards: got %s, want %s", got, want)
	}
}

// A surname is sorted as it sounds as one, which is not as it sounds elsewhere.
func TestSurnames(t *testing.T) {
	t.Parallel()
	names := byName(1)()
	called := func(name string) *ledger.Card { return &ledger.Card{Holder: ledger.Holder{Name: name}} }
	for name, between := range map[string][2]string{
		"沈": {"邵", "盛"}, "曾": {"袁", "张"}, "翟": {"曾", "张"}, "单": {"沙", "邵"}, "解": {"肖", "辛"}, "仇": {"秦", "曲"},
		"区": {"聂", "潘"}, "查": {"袁", "张"}, "覃": {"齐", "邱"}, "缪": {"孟", "莫"}, "乐": {"袁", "云"}, "盖": {"高", "龚"},
		"隗": {"王", "魏"}, "召": {"尚", "申"}, "尉": {"于", "袁"},
	} {
		if names(called(between[0]+"一"), called(name+"一")) >= 0 || names(called(name+"一"), called(between[1]+"一")) >= 0 {
			t.Errorf("%s does not stand between %s and %s", name, between[0], between[1])
		}
	}
}

// Cards are listed by name, balance, last use and opening in both directions, page after page without a hole or a
// double, and within what a filter or a search chooses.
func TestSortedCards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manyCards(cardsAPage + 7)
	w.wait(60)
	w.do(
		command.Recharge{Merchant: 1, Card: "7005", Amount: 900_00, PayType: 1},
		command.Recharge{Merchant: 1, Card: "7003", Amount: 800_00, PayType: 1},
	)
	w.wait(60)
	w.do(command.Consume{Merchant: 1, Card: "7009", Amount: 1_00})
	w.do(command.Open{Merchant: 1, Card: command.NewCard{Number: "1000", Level: 1, Holder: ledger.Holder{Name: "新人"}}})
	b := w.signedIn("auditor")
	first := func(path string, n int) string {
		t.Helper()
		rec := b.get("/console/m/1/cards?" + path)
		all := strings.Fields(listed(rec.Body.String()))
		if rec.Code != http.StatusOK || len(all) < n {
			t.Fatalf("%s: %d, %d cards", path, rec.Code, len(all))
		}
		return strings.Join(all[:n], " ")
	}
	for path, want := range map[string]string{
		"sort=balance-down": "7005 7003", "sort=balance-up": "1000 7001 7002", "sort=used-down": "1000 7009 7003 7005",
		"sort=used-up": "7001 7002", "sort=opened-down": "1000", "sort=opened-up": "7001 7002 7003",
		"sort=balance-down&to=500": "7051 7050", "sort=name-down": "1000 7010", "sort=name-up": "7001 7002 7011", "q=700&sort=balance-down": "7005 7003",
	} {
		if got := first(path, len(strings.Fields(want))); got != want {
			t.Errorf("%s begins with %s, want %s", path, got, want)
		}
	}
	page := b.get("/console/m/1/cards?sort=balance-down").Body.String()
	seen := strings.Fields(listed(page))
	next := nextCards(t, page)
	rest := b.get(next).Body.String()
	seen = append(seen, strings.Fields(listed(rest))...)
	w.do(command.Recharge{Merchant: 1, Card: seen[cardsAPage-1], Amount: 5000_00, PayType: 1})
	if got := b.get(next).Body.String(); listed(got) != listed(rest) {
		t.Errorf("when the last card of the page before has moved, the next has %s", listed(got))
	}
	begun := b.get("/console/m/1/cards?sort=name-up&after=x").Body.String()
	if len(strings.Fields(listed(begun))) != cardsAPage {
		t.Error("what is no place is not the beginning")
	}
	if len(seen) != cardsAPage+8 || len(slices.Compact(slices.Sorted(slices.Values(seen)))) != len(seen) ||
		!strings.Contains(page, "sort=balance-down") || strings.Contains(page, "只排序了") {
		t.Errorf("both pages have %d cards", len(seen))
	}
	if rec := b.get("/console/m/1/cards?sort=name"); rec.Code != http.StatusUnprocessableEntity {
		t.Errorf("an order that there is not: %d", rec.Code)
	}
}

// nextCards returns where a list of cards goes on.
func nextCards(t *testing.T, page string) string {
	t.Helper()
	next := regexp.MustCompile(`href="([^"]+after=[^"]+)"`).FindStringSubmatch(page)
	if next == nil {
		t.Fatalf("the list does not go on: %s", words(page))
	}
	return html.UnescapeString(next[1])
}

// The place at which a page ends is found again in each order.
func TestSortedPagesGoOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manyCards(cardsAPage + 7)
	w.do(command.Consume{Merchant: 1, Card: "7003", Amount: 1_00})
	b := w.signedIn("auditor")
	for _, o := range orders {
		page := b.get("/console/m/1/cards?sort=" + o.name).Body.String()
		rest := b.get(nextCards(t, page)).Body.String()
		seen := append(strings.Fields(listed(page)), strings.Fields(listed(rest))...)
		if slices.Sort(seen); len(seen) != cardsAPage+7 || len(slices.Compact(seen)) != cardsAPage+7 {
			t.Errorf("%s: both pages have %d cards", o.name, len(seen))
		}
	}
}

// A search looks at so many cards. Where there are more it says so, also if a filter chooses none of those, and so does
// the file, which is in the order of the list.
func TestSearchIsCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manyCards(hitsMost + 5)
	last := fmt.Sprint(7001 + hitsMost + 4)
	w.do(command.ReportLost{Merchant: 1, Card: last})
	b := w.signedIn("admin")
	cut, many := wSearchCut.with(hitsMost).Zh, "q="+url.QueryEscape("会员")
	for query, want := range map[string]bool{
		many: true, many + "&status=lost": true, many + "&from=1000&sort=balance-down": true, "q=" + last: false,
		"q=zz": false, "q=7001": false,
	} {
		page := b.typing("/console/m/1/cards?" + query).Body.String()
		if strings.Contains(page, cut) != want || want && strings.Contains(page, wNoHits.Zh) {
			t.Errorf("%s: %s", query, words(page))
		}
	}
	rows := exported(t, b.get("/console/m/1/cards.csv?"+many+"&sort=balance-down"))
	if len(rows) != hitsMost+2 || rows[1][0] != fmt.Sprint(7001+hitsMost-1) || rows[hitsMost+1][0] != cut {
		t.Errorf("the file has %d rows, the first is %v, the last %v", len(rows), rows[1], rows[len(rows)-1])
	}
	rows = exported(t, b.get("/console/m/1/cards.csv?sort=balance-down"))
	if len(rows) != hitsMost+6 || rows[1][0] != last {
		t.Errorf("the file of all cards begins with %v, and has %d rows", rows[1], len(rows))
	}
}

// A code that a phone shows for a moment finds no card in the console, which says so, and opens none under it.
func TestSearchOfOneTimeCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("cashier")
	for typed, isCode := range map[string]bool{
		"77123456789123456789": true, "134567890123456789": true, "28" + strings.Repeat("1", 16): true, "6009": false,
	} {
		for _, path := range []string{"/console/m/1/cards?q=", "/console/m/1/cards?do=recharge&q="} {
			page := b.get(path + typed).Body.String()
			if strings.Contains(page, wTillReads.Zh) != isCode || strings.Contains(page, wOpenThis.Zh) == isCode {
				t.Errorf("%s%s: a code is not told from a number", path, typed)
			}
		}
	}
}

// Cards that few are like are looked for among some thousands at once. Where that takes long the page says that there
// is none so far, and goes on.
func TestFilterLooksFurther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.manyCards(pageLooks*2 + 1)
	w.do(command.ReportLost{Merchant: 1, Card: fmt.Sprint(7001 + pageLooks*2)})
	b := w.signedIn("auditor")
	page := b.get("/console/m/1/cards?status=lost").Body.String()
	if got := listed(page); got != fmt.Sprint(7001+pageLooks*2) || strings.Contains(page, wGoOn.Zh) {
		t.Errorf("found %q", got)
	}
	if page := b.get("/console/m/1/cards?status=stopped").Body.String(); !strings.Contains(page, wNoneChosen.Zh) {
		t.Error("it does not say that there is none")
	}
	w.console.cfg.Books = &brokenBooks{Books: w.store, slow: func() { w.wait(1) }}
	page = b.get("/console/m/1/cards?status=lost").Body.String()
	if !strings.Contains(page, wNoneSoFar.Zh) || !strings.Contains(page, wGoOn.Zh) ||
		strings.Contains(page, wNoneChosen.Zh) {
		t.Error("it does not say that there is none so far")
	}
}

// Whoever begins to recharge with a name chooses among the cards found, each of which leads on to the recharge; with
// nothing typed he is asked for a card, and gets no list.
func TestQuickActByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("cashier")
	page := b.get("/console/m/1/cards?do=recharge&q=" + url.QueryEscape("张")).Body.String()
	if !strings.Contains(page, `href="/console/m/1/cards/1/do/recharge"`) || !strings.Contains(page, wChooseCard.Zh) ||
		!strings.Contains(page, `name="do" value="recharge"`) {
		t.Errorf("the cards do not lead on: %s", words(page))
	}
	got := b.get("/console/m/1/cards?do=recharge&q=+")
	if !strings.Contains(got.Body.String(), wCardFirst.Zh) || listed(got.Body.String()) != "" {
		t.Errorf("nothing typed: %d %s", got.Code, words(got.Body.String()))
	}
	if page := b.get("/console/m/1/cards?do=return&q=" + url.QueryEscape("张")).Body.String(); strings.Contains(page, "/do/") {
		t.Error("a card leads to an act that is not for there")
	}
}
