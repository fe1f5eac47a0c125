package console

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/xuri/excelize/v2"

	"tongka/internal/command"
	"tongka/internal/follow"
	"tongka/internal/ledger"
	"tongka/internal/report"
)

// fold brings the totals up to the end of the journals.
func (w *world) fold() {
	w.t.Helper()
	for _, f := range []follow.Follower{follow.NewDays(w.store), follow.NewParts(w.store)} {
		cfg := follow.Config{Journal: w.store, Clock: w.clock, Pace: -1}
		w.must(follow.New(f, follow.NewBell(), cfg).Round(w.t.Context()))
	}
}

// trade is what was done at two shops of the first merchant on two days: the sums at the second shop begin with 77,
// which nothing at the first one does.
func (w *world) trade() {
	w.t.Helper()
	w.cards()
	one, two := ledger.Caller{Shop: 11, Operator: "小王 <b>"}, ledger.Caller{Shop: 12, Operator: "=canary-clerk"}
	w.do(command.Consume{Merchant: 1, By: one, Card: "6001", Amount: 100_00})
	w.wait(24 * 60 * 60)
	w.do(
		command.Recharge{Merchant: 1, By: one, Card: "6001", Amount: 1234_00, PayType: 1},
		command.Recharge{Merchant: 1, By: two, Card: "6002", Amount: 7711_00, PayType: 2},
		command.Consume{Merchant: 1, By: one, Card: "6001", Amount: 50_00},
		command.Consume{Merchant: 1, By: two, Card: "6002", Amount: 7722_00},
		command.Withdraw{Merchant: 1, By: one, Card: "6001", Amount: 20_00},
	)
	w.fold()
}

// today and yesterday are the days of trade.
const (
	tradeDay  = "2026-03-05"
	dayBefore = "2026-03-04"
)

// grant gives somebody permissions at one shop of the first merchant and signs in.
func (w *world) grant(shop ledger.ShopID, may ledger.Permission) *tab {
	w.t.Helper()
	p := *w.person(4)
	p.ID, p.SignIn, p.Version = 8, "lin", 0
	p.Grants = []ledger.PersonGrant{{Merchant: 1, Shops: []ledger.ShopID{shop}, Permissions: may}}
	w.do(command.ChangePerson{To: p})
	w.must(w.dir.Refresh(w.t.Context()))
	return w.signedIn("lin")
}

var tags = regexp.MustCompile(`<[^>]*>`)

// words returns what a person reads of a page, without what stands in attributes.
func words(page string) string {
	return html.UnescapeString(strings.Join(strings.Fields(tags.ReplaceAllString(page, " ")), " "))
}

// Today says what was done, against the days before, what is owed, and how far the figures go.
func TestToday(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	page := words(w.signedIn("admin").get("/console/m/1/").Body.String())
	for _, want := range []string{
		tradeDay + " 周四", wUpToDate.Zh, "¥8,945.00", "昨日 ¥500.00", "上周四 ¥0.00", // recharged
		"卡付 ¥7,762.00", "付给会员 ¥20.00", "人民路店 1,234.00", "湖滨店 7,711.00",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("Today does not say %q: %s", want, page)
		}
	}
	var owed ledger.Owed
	for _, number := range []string{"6001", "6002"} {
		c := w.card(number)
		owed = owed.Plus(ledger.DaySums{Principal: c.Principal, Bonus: c.Bonus, Points: c.Points})
	}
	if want := "本金 " + yuanSign(owed.Principal) + " 赠送 " + yuanSign(owed.Bonus); !strings.Contains(page, want) {
		t.Errorf("owed: want %q in %s", want, page)
	}
	w.do(command.Recharge{Merchant: 1, Card: "6001", Amount: 1_00, PayType: 1})
	if page := words(w.signedIn("admin").get("/console/m/1/").Body.String()); !strings.Contains(page, wBehindOne.Zh) {
		t.Errorf("an entry that is not counted is not told: %s", page)
	}
}

// Who may see no figures has the search and the pages that are used most, and no sum of money.
func TestTodayWithoutFigures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	b := w.signedIn("cashier")
	page := b.get("/console/m/1/").Body.String()
	for _, job := range []string{"cards/new", "shifts/close"} {
		if !strings.Contains(page, `href="/console/m/1/`+job+`"`) || b.get("/console/m/1/"+job).Code != http.StatusOK {
			t.Errorf("a cashier is not offered %s: %s", job, words(page))
		}
	}
	for _, do := range quickActs {
		if !strings.Contains(page, `name="do" value="`+do+`"`) {
			t.Errorf("a cashier is not offered %s: %s", do, words(page))
		}
		if at := b.get("/console/m/1/cards?q=6001&do=" + do).Header().Get("Location"); at != "/console/m/1/cards/1/do/"+do {
			t.Errorf("%s of a card that was scanned leads to %q", do, at)
		}
	}
	if at := b.get("/console/m/1/cards?q=6001&do=refund").Header().Get("Location"); at != "/console/m/1/cards/1" {
		t.Errorf("what is not offered leads to %q", at)
	}
	if page := w.signedIn("admin").get("/console/m/1/").Body.String(); strings.Contains(page, `name="do"`) {
		t.Error("figures have the buttons of a cashier")
	}
	if !strings.Contains(page, `name="q"`) || strings.Contains(page, "¥") || strings.Contains(page, "data-chart") ||
		strings.Contains(page, "reports") {
		t.Errorf("a cashier sees %s", words(page))
	}
}

// What ends soon or has ended, and what cannot be sent, is told to those who see the whole.
func TestAttention(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	w.proof(1, "proved", time.Hour, someProof(0))
	if page := words(w.signedIn("admin").get("/console/m/1/").Body.String()); !strings.Contains(page, wAllWell.Zh) {
		t.Errorf("there is nothing, and it is not said: %s", page)
	}
	m := merchantOf(1, "聚客", time.UTC, ledger.Shop{ID: 11, Name: "人民路店"}, ledger.Shop{ID: 12, Name: "湖滨店"})
	m.Settings.BonusDays, m.Settings.PointsDays, m.LicenceEnd = 3, 3, 2026_03_12
	w.must(w.store.SaveMerchant(t.Context(), m))
	for id, until := range map[ledger.AgentID]ledger.Date{1: 2026_03_15, 2: 2026_03_01, 3: 2027_01_01, 4: 2026_03_15} {
		w.must(w.store.SaveAgent(t.Context(), ledger.Agent{
			ID: id, Name: "收银 " + itoa(int64(id)), TokenHash: [32]byte{byte(id)}, Until: until, Stopped: id == 4,
			Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayRead}},
		}))
	}
	w.must(w.dir.Refresh(t.Context()))
	w.do(command.Recharge{Merchant: 1, Card: "6002", Amount: 500_00, PayType: 1})
	page := words(w.signedIn("admin").get("/console/m/1/").Body.String())
	for _, want := range []string{
		"收银 1 · 2026-03-15", wAgentOver.Zh + "收银 2 · 2026-03-01", wLicenceEnds.Zh + "2026-03-12", "有 1 张卡的赠送或积分到期",
		wFoldedAnew.Zh,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("it is not told: %q in %s", want, page)
		}
	}
	if strings.Contains(page, "收银 3") || strings.Contains(page, "收银 4") {
		t.Errorf("an agent that is well, or stopped, is told: %s", page)
	}
	if page := words(w.signedIn("manager").get("/console/m/1/").Body.String()); strings.Contains(page, "收银 1") {
		t.Error("the manager of a shop is told of the merchant's agents")
	}
}

// everyReport calls fn with the path of each report, and of each of its tables as files.
func (b *tab) everyReport(fn func(path string)) {
	for _, k := range reportKinds {
		path := "/console/m/1/reports/" + k.name + "?from=" + dayBefore + "&to=" + tradeDay
		fn(path)
		page := b.get(path).Body.String()
		for _, m := range regexp.MustCompile(`href="([^"]+\.(?:csv|xlsx)[^"]*)"`).FindAllStringSubmatch(page, -1) {
			fn(html.UnescapeString(m[1]))
		}
	}
}

// Every report shows figures and a chart, every table can be taken out as both kinds of files, and nothing of it is
// empty or in another language.
func TestEveryReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	b := w.signedIn("admin")
	b.language = "en"
	names := strings.NewReplacer("聚客西餐", "", "人民路店", "", "湖滨店", "", "管理员", "", "小王", "", "现金", "", "微信", "", "中文", "", "满减券", "")
	pages, tables := 0, 0
	b.everyReport(func(path string) {
		got := b.get(path)
		if got.Code != http.StatusOK {
			t.Errorf("%s: %d", path, got.Code)
		}
		body := got.Body.Bytes()
		switch {
		case strings.Contains(path, ".csv"):
			tables++
			rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\uFEFF")))).ReadAll()
			if err != nil || len(rows) < 2 || len(rows[0]) < 3 {
				t.Errorf("%s: %v, %v", path, rows, err)
			}
			body = fmt.Append(nil, rows)
		case strings.Contains(path, ".xlsx"):
			f, err := excelize.OpenReader(bytes.NewReader(body))
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			rows, err := f.GetRows(f.GetSheetList()[0])
			if err = errors.Join(err, f.Close()); err != nil || len(rows) < 2 {
				t.Errorf("%s: %v, %v", path, rows, err)
			}
			body = fmt.Append(nil, rows)
		default:
			pages++
			if !strings.Contains(string(body), "data-chart") && !strings.Contains(path, "/kinds") {
				t.Errorf("%s has no chart", path)
			}
			if strings.Contains(string(body), "<b>") {
				t.Errorf("%s has a name as markup", path)
			}
		}
		text := names.Replace(string(body))
		if i := strings.IndexFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }); i >= 0 {
			t.Errorf("%s: %q", path, text[max(0, i-40):min(len(text), i+20)])
		}
	})
	if pages != len(reportKinds) || tables < 12 {
		t.Errorf("looked at %d pages and %d tables", pages, tables)
	}
}

// The figures of every kind and day are those that tongka report days folds.
func TestFiguresAreThoseOfTheCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	days := report.NewDays(w.dir.Merchant(1).Calendar())
	w.must(w.store.EachDayTotal(t.Context(), 1, 2026_03_04, 2026_03_05, func(total *ledger.DayTotal) error {
		days.Plus(ledger.DayTotal{DayKey: ledger.DayKey{Day: total.Day, Kind: total.Kind}, DaySums: total.DaySums})
		return nil
	}))
	b := w.signedIn("admin")
	b.language = "zh-CN"
	got := b.get("/console/m/1/reports/kinds/kinds.csv?from=" + dayBefore + "&to=" + tradeDay)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.Body.String(), "\uFEFF"))).ReadAll()
	w.must(err)
	var want [][]string
	v := view{lang: lang(ledger.Chinese)}
	for _, total := range days.Totals() {
		want = append(want, []string{
			total.Day.String(), v.kind(total.Kind), itoa(total.Count), total.Gross.String(), total.Net.String(),
			total.Principal.String(), total.Bonus.String(), itoa(total.Points),
		})
	}
	if fmt.Sprint(rows[1:]) != fmt.Sprint(want) || len(want) < 6 {
		t.Errorf("got  %v\nwant %v", rows[1:], want)
	}
}

// A replacement is an entry on each of two cards, and counts once, by kind as among the cards.
func TestReplacementsCountOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	w.do(
		command.Replace{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6001", Number: "6991"},
		command.Replace{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6002", Number: "6992"},
	)
	w.wait(60)
	w.fold()
	rows := w.signedIn("admin").file("/console/m/1/reports/kinds/kinds.csv?from=" + tradeDay + "&to=" + tradeDay)
	kind := (view{lang: lang(ledger.Chinese)}).kind(ledger.CardReplaced)
	i := slices.IndexFunc(rows, func(row []string) bool { return row[1] == kind })
	if i < 0 || rows[i][2] != "2" {
		t.Errorf("two replacements are reported as %v", rows)
	}
}

// assets are addresses of files, whose digits mean nothing.
var assets = regexp.MustCompile(`/assets/[^"]*`)

// The manager of one shop sees nothing of the others, neither in tables nor in charts nor in files, and no report of
// the merchant as a whole.
func TestFiguresOfOtherShops(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	b := w.grant(11, ledger.MayRead|ledger.MayReports|ledger.MayExport)
	look := func(path string) {
		t.Helper()
		got := b.get(path)
		body := got.Body.String()
		if strings.Contains(path, ".xlsx") {
			f, err := excelize.OpenReader(got.Body)
			w.must(err)
			rows, err := f.GetRows(f.GetSheetList()[0])
			w.must(errors.Join(err, f.Close()))
			body = fmt.Sprint(rows)
		}
		body = assets.ReplaceAllString(body, "")
		for _, secret := range []string{
			"canary", "湖滨", "7711", "7,711", "7722", "7,722", "8945", "8,945", "7772", "7,772", "7762", "7,762",
		} {
			if strings.Contains(body, secret) {
				t.Errorf("%s tells %q", path, secret)
			}
		}
	}
	look("/console/m/1/")
	look("/console/m/1/reports")
	seen := 0
	for _, k := range reportKinds {
		path := "/console/m/1/reports/" + k.name
		if k.whole {
			for _, more := range []string{"", "/days.csv"} {
				if got := b.get(path + more); got.Code != http.StatusForbidden {
					t.Errorf("%s%s: %d", path, more, got.Code)
				}
			}
			continue
		}
		look(path + "?from=" + dayBefore + "&to=" + tradeDay)
		for _, shop := range []string{"12", "0", "21", "x"} {
			for _, more := range []string{"", "/shops.csv", "/days.xlsx"} {
				if got := b.get(path + more + "?shop=" + shop); got.Code != http.StatusNotFound {
					t.Errorf("%s%s of shop %s: %d", path, more, shop, got.Code)
				}
			}
		}
	}
	b.everyReport(func(path string) {
		if !strings.Contains(path, "/liability") {
			seen++
			look(path)
		}
	})
	if page := words(b.get("/console/m/1/reports/day?from=" + tradeDay).Body.String()); seen < 20 ||
		!strings.Contains(page, "1,234.00") || !strings.Contains(page, "小王 <b>") {
		t.Errorf("looked at %d pages; the own figures are not there: %s", seen, page)
	}
}

// Files are for those who may take data out.
func TestFilesTakeAPermission(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	for name, want := range map[string]int{"admin": 200, "owner": 200, "auditor": 403, "manager": 403, "cashier": 403} {
		b := w.signedIn(name)
		got := b.get("/console/m/1/reports/day/shops.csv")
		page := b.get("/console/m/1/reports/day")
		if got.Code != want || strings.Contains(page.Body.String(), "shops.csv") != (want == 200) {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	b := w.signedIn("admin")
	got := b.get("/console/m/1/reports/day/operators.csv?from=" + tradeDay + "&to=" + tradeDay)
	if h := got.Header(); h.Get("Content-Type") != "text/csv; charset=utf-8" ||
		h.Get("Content-Disposition") != `attachment; filename="day-operators-2026-03-05-2026-03-05.csv"` ||
		h.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", h)
	}
	if body := got.Body.String(); !strings.Contains(body, "'=canary-clerk") || strings.Contains(body, ",=canary") {
		t.Errorf("a formula is taken out: %s", body)
	}
	for _, path := range []string{"day/nothing.csv", "day/shops.pdf", "day/shops", "nothing/shops.csv", "day/shops.csv?from=soon"} {
		if got := b.get("/console/m/1/reports/" + path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

// A period that cannot be is told, and what was typed stays. No figures stand below it, for they would be of other
// days.
func TestPeriodOfAReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	b := w.signedIn("admin")
	for query, said := range map[string]text{
		"?from=soon&to=2026-03-05":       wNoDate,
		"?from=2026-03-05&to=2026-03-04": wFromBehindTo,
		"?from=2020-01-01&to=2026-03-04": wPeriodLong.with(report.MostDays),
		"?from=2026-02-30":               wNoDate,
	} {
		got := b.get("/console/m/1/reports/day" + query)
		typed := regexp.MustCompile(`from=([^&]+)`).FindStringSubmatch(query)[1]
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), said.Zh) ||
			!strings.Contains(got.Body.String(), `value="`+typed+`"`) || strings.Contains(got.Body.String(), "<table") ||
			strings.Contains(got.Body.String(), "/entries?day=") {
			t.Errorf("%s: %d %s", query, got.Code, words(got.Body.String()))
		}
	}
	page := b.get("/console/m/1/reports/day?from=2026-01-01&to=2026-01-02").Body.String()
	if !strings.Contains(page, wNoFigures.Zh) {
		t.Errorf("days on which nothing happened: %s", words(page))
	}
	page = b.get("/console/m/1/reports/liability?from=2026-03-06&to=2026-12-31").Body.String()
	if strings.Count(page, "<tr>") != 2 { // the header, and the first day, which has not begun
		t.Errorf("days to come have figures: %s", words(page))
	}
	page = b.get("/console/m/1/reports/day?shop=12").Body.String()
	if strings.Contains(page, "1,234.00") || !strings.Contains(page, "7,711.00") {
		t.Errorf("the figures of one shop: %s", words(page))
	}
}

// A figure of a day leads to the day close of that day, and a shop to its own figures.
func TestFiguresLeadOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	b := w.signedIn("admin")
	for path, links := range map[string][]string{
		"/console/m/1/": {"reports/day?from=2026-03-05&to=2026-03-05", "reports/day?from=2026-02-26&to=2026-02-26",
			"reports/day?from=2026-03-05&shop=12&to=2026-03-05", "reports/liability"},
		"/console/m/1/reports/cost?from=2026-03-04&to=2026-03-05&shop=11": {"reports/day?from=2026-03-04&shop=11&to=2026-03-04"},
		"/console/m/1/reports/day":                                        {"reports/day?from=2026-03-05&shop=11&to=2026-03-05"},
	} {
		page := html.UnescapeString(b.get(path).Body.String())
		for _, link := range links {
			if !strings.Contains(page, `href="/console/m/1/`+link+`"`) {
				t.Errorf("%s does not lead to %s", path, link)
			}
			if got := b.get("/console/m/1/" + link); got.Code != http.StatusOK {
				t.Errorf("%s leads to %s: %d", path, link, got.Code)
			}
		}
	}
}

// A chart says apart what its bars are about also where one shop is chosen, and the shop's name is in none of them.
func TestChartTellsOperatorsApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	for _, name := range []string{"小王 <b>", "小李"} {
		w.do(command.Consume{Merchant: 1, By: ledger.Caller{Shop: 11, Operator: name}, Card: "6001", Amount: 10_00})
	}
	w.fold()
	page := html.UnescapeString(w.signedIn("admin").get("/console/m/1/reports/day?shop=11").Body.String())
	if !strings.Contains(page, `"小李","小王 \u003cb\u003e"]`) {
		t.Errorf("the bars are called otherwise: %s", words(page))
	}
}

// The clerk of a till who is called like a person is told apart from what the person does here.
func TestClerkOfATillIsToldApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	for _, name := range []string{"cashier", "收银员"} {
		w.do(command.Recharge{
			Merchant: 1, By: ledger.Caller{Shop: 11, Operator: name}, Card: "6001", Amount: 70_00, PayType: 1,
		})
	}
	w.fold()
	b := w.signedIn("admin")
	for _, path := range []string{"reports/day", "shifts/close?at=11"} {
		said := words(b.get("/console/m/1/" + path).Body.String())
		if !strings.Contains(said, "收银员（收银机）") || !strings.Contains(strings.ReplaceAll(said, "收银员（", ""), "收银员") {
			t.Errorf("%s does not tell the two apart: %s", path, said)
		}
	}
}

// On paper, where no form is, a report says of whom it is, of which days and of which shops.
func TestPrintedReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	b := w.signedIn("admin")
	for query, want := range map[string]string{
		"day":                                "聚客西餐 <b>& · 2026-03-05 周四 · 全部门店",
		"day?shop=11":                        "聚客西餐 <b>& · 2026-03-05 周四 · 人民路店",
		"cost?from=2026-03-04&to=2026-03-05": "聚客西餐 <b>& · 2026-03-04 – 2026-03-05 · 全部门店",
		"ages":                               "聚客西餐 <b>&",
	} {
		page := b.get("/console/m/1/reports/" + query).Body.String()
		said := regexp.MustCompile(`d-print-block">([^<]*)<`).FindStringSubmatch(page)
		if said == nil || html.UnescapeString(said[1]) != want {
			t.Errorf("%s says on paper %q, want %q", query, said, want)
		}
	}
}

// The sums of operators, pay types, shops and kinds lead to their entries, and to no others; so do those of many days.
func TestSumsLeadToTheirEntries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	b := w.signedIn("admin")
	const days = "from=" + dayBefore + "&to=" + tradeDay
	clerk := url.QueryEscape("小王 <b>")
	for _, one := range []struct {
		page, link string
		has, lacks []string
	}{
		{"day", "entries?day=" + tradeDay + "&operator=" + clerk + "&shop=11", []string{"充值 6001", "消费 6001"}, []string{"6002"}},
		{"day", "entries?day=" + tradeDay + "&operator=" + clerk + "&paytype=1&shop=11", []string{"充值 6001"}, []string{"消费 6001"}},
		{"day?shop=12", "entries?day=" + tradeDay + "&shop=12", []string{"充值 6002"}, []string{"6001"}},
		{
			"pay?" + days, "entries?from=" + dayBefore + "&paytype=2&to=" + tradeDay,
			[]string{"充值 6002", "充值 6001"}, []string{"提现", "消费 6"},
		},
		{"pay?" + days, "entries?from=" + dayBefore + "&paytype=0&to=" + tradeDay, []string{"提现 6001"}, []string{"充值 6"}},
		{"cost?" + days, "entries?from=" + dayBefore + "&to=" + tradeDay, []string{"开卡 6001", "提现 6001"}, nil},
		{
			"liability?" + days, "entries?from=" + dayBefore + "&kind=7&to=" + tradeDay,
			[]string{"-80.00", "-40.00", "-7,722.00"}, []string{"充值 6"},
		},
	} {
		page := html.UnescapeString(b.get("/console/m/1/reports/" + one.page).Body.String())
		if !strings.Contains(page, `href="/console/m/1/`+one.link+`"`) {
			t.Errorf("%s does not lead to %s", one.page, one.link)
		}
		said := words(b.get("/console/m/1/" + one.link).Body.String())
		for _, want := range one.has {
			if !strings.Contains(said, want) {
				t.Errorf("%s does not have %q: %s", one.link, want, said)
			}
		}
		for _, other := range one.lacks {
			if strings.Contains(said, other) {
				t.Errorf("%s has %q: %s", one.link, other, said)
			}
		}
	}
	for _, path := range []string{"?from=" + tradeDay + "&to=" + dayBefore, "?from=2020-01-01&to=2026-03-05"} {
		if got := b.get("/console/m/1/entries" + path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

// What members were paid is called the cash that a shift counts it as, and the figures of Today what those of the day
// close are called. The bills that cash back was given on do not stand beside it.
func TestFiguresHaveOneName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := *w.dir.Merchant(1)
	m.Levels = slices.Clone(m.Levels)
	m.Levels[1].Rights.CashBack = ledger.CashBack{Each: 10_00, Back: 1_00}
	w.must(w.store.SaveMerchant(t.Context(), m))
	w.trade()
	b := w.signedIn("admin")
	said := func(page string) string { return words(b.get("/console/m/1/" + page).Body.String()) }
	for _, page := range []string{"reports/day", "reports/pay"} {
		if got := said(page); !strings.Contains(got, "付给会员（现金） -20.00") || strings.Contains(got, "未注明 -20.00") {
			t.Errorf("%s: %s", page, got)
		}
	}
	today, day := said(""), said("reports/day")
	for _, name := range []string{wPaidIn.Zh, wSold.Zh} {
		if !strings.Contains(today, name) || !strings.Contains(day, name) {
			t.Errorf("Today and the day close do not both have %s", name)
		}
	}
	if got := said("reports/kinds?from=" + tradeDay + "&to=" + tradeDay); !strings.Contains(got, "返现 1 – 4.00") {
		t.Errorf("all figures: %s", got)
	}
}

// Behind each figure are its entries, in pages, those of the shops that somebody may see, and each leads to its card.
func TestEntriesBehindFigures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	b := w.signedIn("admin")
	page := b.get("/console/m/1/entries?day=" + tradeDay)
	said := words(page.Body.String())
	for _, want := range []string{"充值 6001", "消费 6002", "提现 6001", "+1,334.00", "-7,722.00", "小王 <b>"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q among the entries: %s", want, said)
		}
	}
	if strings.Contains(said, "开卡") || !strings.Contains(page.Body.String(), `href="/console/m/1/cards/1"`) {
		t.Errorf("entries of another day, or without their card: %s", said)
	}
	if said := words(b.get("/console/m/1/entries?day=" + dayBefore).Body.String()); !strings.Contains(said, "开卡") ||
		strings.Contains(said, "提现") {
		t.Errorf("the day before: %s", said)
	}
	said = words(b.get("/console/m/1/entries?day=" + tradeDay + "&kind=7&shop=11").Body.String())
	if !strings.Contains(said, "消费 6001") || strings.Contains(said, "充值 6001") || strings.Contains(said, "6002") {
		t.Errorf("bills of a shop: %s", said)
	}
	for _, path := range []string{"?day=soon", "?shop=21", "?shop=x"} {
		if got := b.get("/console/m/1/entries" + path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
	before := w.taken()
	file := b.get("/console/m/1/entries.csv?day=" + tradeDay + "&kind=7&shop=11")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body.String(), "\uFEFF"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][2] != "6001" || rows[1][3] != "-40.00" || rows[1][6] != "人民路店" ||
		rows[1][7] != "小王 <b>" || w.taken() != before+1 {
		t.Errorf("the file: %v, %q, %d entries of exports more", err, rows, w.taken()-before)
	}
	if !strings.Contains(page.Body.String(), "/entries.xlsx?day="+tradeDay) {
		t.Error("the page does not offer the file")
	}
	for range 60 {
		w.do(command.UsePoints{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6001", Points: 1})
	}
	first := b.get("/console/m/1/entries?kind=100").Body.String()
	next := regexp.MustCompile(`href="([^"]+after=[^"]+)"`).FindStringSubmatch(first)
	if strings.Count(first, "<li class") != entriesAPage || next == nil {
		t.Fatalf("the first page has %d entries, and leads to %v", strings.Count(first, "<li class"), next)
	}
	if got := b.get(html.UnescapeString(next[1])).Body.String(); strings.Count(got, "<li class") != 10 || strings.Contains(got, "after=") {
		t.Errorf("the last page has %d entries: %s", strings.Count(got, "<li class"), words(got))
	}
	lin := w.grant(11, ledger.MayRead|ledger.MayReports)
	said = words(lin.get("/console/m/1/entries?day=" + tradeDay).Body.String())
	if !strings.Contains(said, "+1,334.00") || strings.Contains(said, "6002") || strings.Contains(said, "canary") {
		t.Errorf("the manager of a shop sees %s", said)
	}
	if got := w.signedIn("cashier").get("/console/m/1/entries"); got.Code != http.StatusForbidden {
		t.Errorf("a cashier: %d", got.Code)
	}
}

// What is owed is right the first time, when only a few entries are added to what was known, after the totals were
// forgotten, and before any day.
func TestOwed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.trade()
	b := w.signedIn("admin")
	said := regexp.MustCompile(`本金 (¥[-0-9,.]+) 赠送 (¥[-0-9,.]+) 积分 ([-0-9,]+)`)
	look := func(when string) {
		t.Helper()
		var owed ledger.Owed
		for _, number := range []string{"6001", "6002"} {
			c := w.card(number)
			owed = owed.Plus(ledger.DaySums{Principal: c.Principal, Bonus: c.Bonus, Points: c.Points})
		}
		got := said.FindStringSubmatch(words(b.get("/console/m/1/").Body.String()))
		want := []string{yuanSign(owed.Principal), yuanSign(owed.Bonus), countCell(owed.Points).shown()}
		if got == nil || fmt.Sprint(got[1:]) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", when, got, want)
		}
		rows := b.get("/console/m/1/reports/liability/days.csv?from=" + dayBefore + "&to=" + tradeDay).Body.String()
		last := strings.Split(strings.TrimSpace(rows), "\n")
		if want := fmt.Sprintf("%v,%v,%v,%v,%d,", tradeDay, owed.Principal+owed.Bonus, owed.Principal, owed.Bonus, owed.Points); !strings.HasPrefix(last[len(last)-1], want) {
			t.Errorf("%s: the day ends with %s, want %s", when, last[len(last)-1], want)
		}
		old := b.get("/console/m/1/reports/liability/days.csv?from=2024-01-01&to=2024-01-02").Body.String()
		if !strings.HasSuffix(old, "2024-01-02,0.00,0.00,0.00,0,0.00,0.00,0\n") {
			t.Errorf("%s: before anything was done: %s", when, old)
		}
	}
	look("at first")
	look("again")
	w.wait(60)
	w.do(command.Consume{Merchant: 1, By: ledger.Caller{Shop: 11}, Card: "6001", Amount: 33_00})
	w.fold()
	look("after a bill")
	cursors, err := w.store.CursorsOf(t.Context(), 1)
	w.must(err)
	w.must(w.store.SaveDayTotals(t.Context(), ledger.Cursor{
		Merchant: 1, Follower: ledger.DayTotals, Version: cursors[0].Version + 1,
	}, nil))
	if page := words(b.get("/console/m/1/").Body.String()); !strings.Contains(page, "笔流水没有计入") {
		t.Errorf("totals that were forgotten: %s", page)
	}
	w.fold()
	look("counted anew")
}
