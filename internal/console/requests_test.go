package console

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tongka/internal/auth"
	"tongka/internal/browsertest"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// exchangeOf returns a request of a merchant's first agent, that many seconds after the one that pathOf names.
func exchangeOf(m ledger.MerchantID, id string, seconds int) ledger.Exchange {
	told := ledger.ExchangeTold{
		Method: "POST", Path: "/api2/member-cjb/consume",
		Header: []ledger.TextPair{{Name: "Authorization"}, {Name: "Content-Type", Value: "application/json"}, {Name: "Customerguid", Value: "{11}"}},
		Body:   `{"card_id":"6001","note":"<script>alert(1)</script> it's"}`, Answer: `{"act_money":33.0}`,
	}
	if m != 1 {
		told.Body = `"canary-body"`
	}
	text, err := told.Text()
	if err != nil {
		panic(err)
	}
	return ledger.Exchange{
		Merchant: m, At: time.UnixMilli(1772668800000).UTC().Add(time.Duration(seconds) * time.Second), ID: id,
		Agent: ledger.AgentID(2*m - 1), Shop: ledger.ShopID(10*m + 1), Dialect: "member-cjb", Endpoint: "consume", Outcome: "ok",
		Status: 200, Took: 3 * time.Millisecond, Card: "6001", Told: text,
	}
}

// wrongSignature is a request of dc78 whose signature is another one than the server's.
func wrongSignature(seconds int) ledger.Exchange {
	x := exchangeOf(1, "S", seconds)
	x.Agent, x.Dialect, x.Endpoint, x.Outcome, x.Status, x.Mark = 2, "dc78", "mb_check", "credentials", 401, ledger.ExchangeFailed
	x.Card = ""
	text, err := ledger.ExchangeTold{
		Method: "POST", Path: "/Api", Query: []ledger.TextPair{{Name: "msid", Value: "11"}, {Name: "sign", Value: ledger.MaskedText}},
		Body: `{"action":{"action":"mb_check"},"get":{"mbno":"6001"}}`, Answer: `{"status":"0","info":"身份验证失败:msid或sign错误"}`,
		Signed: "mb_check\n11\n1772668800\nn1\nmbno=60**01", Sign: "0a42919f",
	}.Text()
	if err != nil {
		panic(err)
	}
	x.Told = text
	return x
}

func (w *world) sent(all ...ledger.Exchange) {
	w.t.Helper()
	w.must(w.store.AddExchanges(w.t.Context(), all))
}

const requestsAt = "/console/m/1/integration/requests"

// Requests are listed newest first and page by page, and found by what they were; bad input is told.
func TestRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	short := exchangeOf(1, "B", 1)
	short.Outcome, short.Reason, short.Mark, short.Card = "4", ledger.ShortBalance.String(), ledger.ExchangeFailed, "6002"
	slow := exchangeOf(1, "C", 2)
	slow.Took, slow.Mark, slow.Shop = 900*time.Millisecond, ledger.ExchangeSlow, 12
	w.sent(short, slow, wrongSignature(3))
	b := w.signedIn("admin")
	found := func(query string) string {
		t.Helper()
		got := b.get(requestsAt + "?" + query)
		body := got.Body.String()
		if got.Code != http.StatusOK || strings.Contains(body, "canary") {
			t.Errorf("%s: %d", query, got.Code)
		}
		var ids []string
		for part := range strings.SplitSeq(body, requestsAt[1:]+"/") {
			if _, id, ok := strings.Cut(part[:min(len(part), 20)], "-"); ok {
				ids = append(ids, id[:1])
			}
		}
		return strings.Join(ids, "")
	}
	for query, want := range map[string]string{
		"": "SCBX", "mark=failed": "SB", "mark=slow": "C", "card=6002": "B", "card=6002&mark=slow": "", "agent=2": "S", "agent=99": "",
		"shop=12": "C", "endpoint=mb_check": "S", "outcome=4": "B", "day=2026-03-05": "SCBX", "day=2026-03-06": "", "agent=x": "",
		"before=1772668802000-C": "BX",
	} {
		if got := found(query); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
	body := b.get(requestsAt).Body.String()
	for _, want := range []string{"余额不足", "密钥或签名不对", "900 ms", "vendor-1", "湖滨店", "08:00:02.000"} {
		if !strings.Contains(body, want) {
			t.Errorf("the list does not say %s", want)
		}
	}
	for _, bad := range []string{"day=x", "before=x", "before=1-"} {
		if got := b.get(requestsAt + "?" + bad).Code; bad != "before=1-" && got != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", bad, got)
		}
	}
	for i := range requestsAPage {
		w.sent(exchangeOf(1, "M", -1-i))
	}
	if got := b.get(requestsAt).Body.String(); !strings.Contains(got, "before=17726687") {
		t.Error("there is no next page")
	}
	w.keeper.dropped = 17
	if got := b.get(requestsAt).Body.String(); !strings.Contains(got, "有 17 个没有保留") {
		t.Error("what was not kept is not told")
	}
}

// One request is shown whole, as text, with a command that sends it again and has names in place of secrets; of a wrong
// signature what the server signed stands beside what came.
func TestRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.sent(wrongSignature(3))
	b := w.signedIn("admin")
	body := b.get(requestsAt + "/1772668800000-X").Body.String()
	for _, want := range []string{
		"&lt;script&gt;alert(1)&lt;/script&gt;", "&#34;act_money&#34;: 33.0", "curl -X POST &#39;http://console.example.com/api2/member-cjb/consume&#39;",
		"AUTHORIZATION: &lt;TOKEN&gt;", `it&#39;\&#39;&#39;s`, "Customerguid: {11}", "3.0 ms",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	if strings.Contains(body, "<script>alert") {
		t.Error("what a till sent is no text")
	}
	for _, c := range []struct {
		told ledger.ExchangeTold
		want string
	}{
		{ledger.ExchangeTold{Header: []ledger.TextPair{{Name: "Content-Length", Value: "9"}}}, "-H 'Content-Type:' \\\n  --data-raw '<BODY>'"},
		{ledger.ExchangeTold{Body: "@x"}, "-H 'Content-Type:' \\\n  --data-raw '@x'"},
		{ledger.ExchangeTold{Header: []ledger.TextPair{{Name: "Customerguid", Value: ledger.MaskedText}}}, "-H 'Customerguid: <CUSTOMERGUID>'"},
	} {
		if got := (&requestView{told: c.told}).curl(); !strings.HasSuffix(got, c.want) {
			t.Errorf("%+v: %s", c.told, got)
		}
	}
	body = b.get(requestsAt + "/1772668803000-S").Body.String()
	for _, want := range []string{"mb_check↵\n11↵", "0a42919f", wSignDiffers.Zh} {
		if !strings.Contains(body, want) {
			t.Errorf("the page of a wrong signature does not say %q", want)
		}
	}
	for _, path := range []string{"/x", "/1772668800000-Y", "/1772668800001-X", "/-"} {
		if got := b.get(requestsAt + path).Code; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
}

// The checklist of an agent is ticked by what its tills have sent, and by nothing else.
func TestChecklist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("admin")
	ticked := func(agent string) string {
		t.Helper()
		body := b.get("/console/m/1/integration/check?agent=" + agent).Body.String()
		return strconv.Itoa(strings.Count(body, "✓"))
	}
	if got := ticked("1") + ticked("2"); got != "10" {
		t.Errorf("ticked %s", got)
	}
	for i := range 3 { // what is tried on a page of the console is no till's
		tried := exchangeOf(1, "T", 10+i)
		tried.Endpoint, tried.Told = "recharge", `{"method":"POST","path":"/api2/member-cjb/recharge","tried":true}`
		w.sent(tried)
	}
	if got := ticked("1"); got != "1" {
		t.Errorf("what was tried here ticked %s", got)
	}
	byTill := exchangeOf(1, "R", 9)
	byTill.Endpoint, byTill.At = "recharge", byTill.At.Add(-20*time.Second)
	w.sent(byTill)
	if got := ticked("1"); got != "2" {
		t.Errorf("behind what was tried, a till's ticked %s", got)
	}
	short, again, stranger := exchangeOf(1, "B", 1), exchangeOf(1, "D", 2), exchangeOf(1, "E", 3)
	short.Outcome, short.Reason = "4", ledger.ShortBalance.String()
	again.Outcome = "replayed"
	stranger.Outcome, stranger.Agent = "401", 0
	points := exchangeOf(1, "F", 4)
	points.Outcome, points.Reason = "4", ledger.ShortPoints.String() // not what is asked for
	w.sent(short, again, stranger, points, wrongSignature(5))
	if got := ticked("1") + ticked("2"); got != "51" {
		t.Errorf("then ticked %s", got)
	}
	if body := b.get("/console/m/1/integration/check?agent=1").Body.String(); !strings.Contains(body, "5 / 15") ||
		!strings.Contains(body, wNotGranted.Zh) || !strings.Contains(body, requestsAt+"/1772668801000-B") {
		t.Error("the list does not lead to what has shown it")
	}
	refunds := *w.agent(1)
	refunds.Grants = []ledger.Grant{{Merchant: 1, Permissions: ledger.AtTheTill | ledger.MayRefund}}
	w.do(command.ChangeAgent{To: refunds})
	w.must(w.dir.Refresh(t.Context()))
	if body := b.get("/console/m/1/integration/check?agent=1").Body.String(); !strings.Contains(body, "5 / 16") ||
		strings.Contains(body, wNotGranted.Zh) {
		t.Error("an agent that may refund is not asked to")
	}
	other := ledger.Agent{ID: 9, Name: "vendor-9", TokenHash: auth.Hash("token9"), Grants: w.agent(1).Grants}
	w.do(command.ChangeAgent{To: other})
	w.must(w.dir.Refresh(t.Context()))
	if got := ticked("1") + ticked("9"); got != "40" {
		t.Errorf("with another agent, of whom the wrong token may be, ticked %s", got)
	}
	if body := b.get("/console/m/1/integration/check?agent=9").Body.String(); !strings.Contains(body, wAnyoneSent.Zh) {
		t.Error("why it is not ticked is not told")
	}
}

// Every check can be ticked: its endpoint and outcome are ones that there are.
func TestChecksNameWhatThereIs(t *testing.T) {
	t.Parallel()
	for _, c := range checks {
		if len(c.ways) == 0 || c.said.Zh == "" || c.said.En == "" {
			t.Errorf("%+v", c)
		}
	}
}

// An agent's own people see its requests and no others.
func TestRequestsOfOwnAgent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.sent(wrongSignature(3))
	owner := w.signedIn("owner")
	owner.post("/console/host/people/new", "person", "小代", "name", "dai", "role", ofAnAgent, "agent", "1", "new", password, "again", password)
	w.must(w.dir.Refresh(t.Context()))
	b := w.signedIn("dai")
	for _, query := range []string{"", "?agent=2", "?mark=failed"} {
		if body := b.get(requestsAt + query).Body.String(); strings.Contains(body, "mb_check</strong>") {
			t.Errorf("%s shows another agent's", query)
		}
	}
	if got := b.get(requestsAt + "/1772668803000-S").Code; got != http.StatusNotFound {
		t.Errorf("another agent's: %d", got)
	}
	if got := b.get(requestsAt + "/1772668800000-X").Code; got != http.StatusOK {
		t.Errorf("its own: %d", got)
	}
}

// Requests are taken as a file as they are chosen, over all pages, as many as a file has at most, and for those who may
// export only.
func TestRequestsAsFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	var many []ledger.Exchange
	for i := range requestsInFile + 2 {
		many = append(many, exchangeOf(1, strconv.Itoa(1000+i), 10+i/3)) // several of one moment
	}
	w.sent(many...)
	w.sent(wrongSignature(3))
	b := w.signedIn("admin")
	rows := func(query string) [][]string {
		t.Helper()
		got := b.get(requestsAt + ".csv?" + query)
		all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.Body.String(), "\ufeff"))).ReadAll()
		if err != nil || got.Code != http.StatusOK || strings.Contains(got.Body.String(), "canary") {
			t.Fatalf("%s: %d, %v", query, got.Code, err)
		}
		return all[1:]
	}
	all := rows("")
	seen := map[string]bool{}
	for _, r := range all {
		seen[r[len(r)-1]] = true
	}
	if len(all) != requestsInFile || len(seen) != requestsInFile || seen["1000"] || !seen["6001"] {
		t.Errorf("the file has %d rows of %d requests", len(all), len(seen))
	}
	want := []string{
		"2026-03-05 08:00:03.000", "mb_check", "credentials", "密钥或签名不对", "", "人民路店", "tills <b>", "dc78", "401", "3", "S",
	}
	if got := rows("mark=failed"); len(got) != 1 || !slices.Equal(got[0], want) {
		t.Errorf("of what failed: %q", got)
	}
	if got := b.get(requestsAt + ".xlsx?mark=failed"); got.Code != http.StatusOK || !strings.HasPrefix(got.Body.String(), "PK") {
		t.Errorf("the workbook: %d", got.Code)
	}
	if page := b.get(requestsAt + "?mark=failed").Body.String(); !strings.Contains(page, "requests.csv?mark=failed") {
		t.Error("the page does not lead to the file")
	}
	if got := b.get(requestsAt + ".csv?day=x"); got.Code != http.StatusNotFound {
		t.Errorf("of no day: %d", got.Code)
	}
	lin := w.grant(11, ledger.MaySettings)
	if got := lin.get(requestsAt + ".csv"); got.Code != http.StatusForbidden ||
		strings.Contains(lin.get(requestsAt).Body.String(), "requests.csv") {
		t.Errorf("without the permission: %d", got.Code)
	}
}

// Whoever connects tills goes from the host's agents to a merchant's requests, on a phone and at a desk.
func TestIntegrationInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var w *world
			srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				w.handler.ServeHTTP(rw, r)
			}))
			t.Cleanup(srv.Close)
			w = newWorldAt(t, srv.URL, true)
			w.cards()
			short := exchangeOf(1, "B", 1)
			short.Outcome, short.Reason, short.Mark = "4", ledger.ShortBalance.String(), ledger.ExchangeFailed
			w.sent(short, wrongSignature(3))
			w.keeper.used = map[ledger.AgentID]time.Time{1: w.clock()}
			tab := browsertest.New(t, size)
			shop := &shopper{t, tab, name}
			language := map[string]string{"phone": "zh", "desktop": "en"}[name]
			enter(tab, srv.URL, "owner", language, "details.who")
			for _, page := range []struct{ path, wait, name string }{
				{"/console/host/agents", ".list-group-item", "agents"},
				{"/console/host/agents/new", "#shop", "agent-new"},
				{"/console/host/agents/2", "#signature", "agent-signs"},
				{"/console/m/1/integration", "#agents", "integration"},
				{"/console/m/1/integration/requests", ".history", "requests"},
				{"/console/m/1/integration/requests/1772668800000-X", "#curl", "request"},
				{"/console/m/1/integration/requests/1772668803000-S", "#signed", "request-signature"},
				{"/console/m/1/integration/check?agent=1", ".checks", "check"},
				{"/console/host/people/new", "#agent", "person-of-agent"},
				{"/console/host/agents/1", "button[value=beside]", "agent"},
			} {
				tab.Do(chromedp.Navigate(srv.URL+page.path), chromedp.WaitVisible(page.wait, chromedp.ByQuery))
				shop.look(page.name)
			}
			tab.Do(chromedp.Click("button[value=beside]", chromedp.ByQuery), chromedp.WaitVisible("#secret", chromedp.ByQuery))
			shop.look("agent-secret")
		})
	}
}
