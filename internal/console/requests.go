package console

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/sheet"
)

// Requests are what tills sent and were answered: internal/store.
type Requests interface {
	Exchange(ctx context.Context, merchant ledger.MerchantID, at time.Time, id string) (ledger.Exchange, bool, error)
	Exchanges(ctx context.Context, q ledger.ExchangeQuery) ([]ledger.Exchange, error)
	SeenExchange(ctx context.Context, q ledger.SeenExchange) (ledger.Exchange, bool, error)
}

// Keeper keeps requests of tills: internal/exchange.
type Keeper interface {
	// Dropped returns how many of a merchant's were not kept, because there were too many.
	Dropped(merchant ledger.MerchantID) int64
	// LastUse returns when an agent was last seen; zero if that is not known.
	LastUse(agent ledger.AgentID) time.Time
}

// requestsAPage is how many requests a page lists.
const requestsAPage = 50

// requestsView is a page of requests.
type requestsView struct {
	view
	form    url.Values // what is chosen
	agents  []*ledger.Agent
	names   map[ledger.AgentID]string
	known   []string // endpoints
	all     []ledger.Exchange
	next    string // address of the next page; "" = this is the last
	kept    bool   // requests are kept
	exports bool   // the person may take them as a file
	dropped int64
	wrong   string // what is wrong with what was typed
}

// requestMarks are what one can look at alone.
var requestMarks = []struct {
	name string
	mark ledger.ExchangeMark
	said text
}{
	{"", ledger.ExchangeFine, wAllRequests}, {"failed", ledger.ExchangeFailed, wFailedOnes},
	{"slow", ledger.ExchangeSlow, wSlowOnes},
}

// marked returns the address of the page with those of one mark alone, as all else is chosen.
func (v *requestsView) marked(name string) string {
	form := maps.Clone(v.form)
	form.Set("mark", name)
	form.Del("before")
	return v.at("integration/requests?" + form.Encode())
}

// file returns the address of what is chosen as a file.
func (v *requestsView) file(format sheet.Format) string {
	form := maps.Clone(v.form)
	form.Del("before")
	return v.at("integration/requests." + string(format) + "?" + form.Encode())
}

// chosen reports whether a value is chosen.
func (v *requestsView) chosen(name, value string) bool { return v.form.Get(name) == value }

// filtered reports whether anything but a mark is chosen.
func (v *requestsView) filtered() bool {
	return slices.ContainsFunc(requestFilters, func(name string) bool { return v.form.Get(name) != "" })
}

var requestFilters = []string{"agent", "shop", "card", "endpoint", "outcome", "day"}

// endpointNames are what requests are listed under, to choose from.
func (c *call) endpointNames() (all []string) {
	for _, w := range c.cfg.Wires {
		for _, e := range w.Endpoints() {
			all = append(all, e.Name)
		}
	}
	slices.Sort(all)
	return all
}

// requestPath returns the address of a request's page.
func requestPath(x *ledger.Exchange) string {
	return "integration/requests/" + strconv.FormatInt(x.At.UnixMilli(), 10) + "-" + x.ID
}

// requestKey reads what requestPath wrote of the request.
func requestKey(text string) (at time.Time, id string, ok bool) {
	ms, id, found := strings.Cut(text, "-")
	n, err := strconv.ParseInt(ms, 10, 64)
	return time.UnixMilli(n).UTC(), id, found && err == nil
}

// requestQuery reads what is chosen. ok is false if nothing can be found by it.
func (c *call) requestQuery(form url.Values) (q ledger.ExchangeQuery, ok bool) {
	number := func(name string) int64 {
		n, err := strconv.ParseInt(form.Get(name), 10, 64)
		if err != nil && form.Get(name) != "" {
			return -1
		}
		return n
	}
	q = ledger.ExchangeQuery{
		Merchant: c.merchant.ID, Agent: ledger.AgentID(number("agent")), Shop: ledger.ShopID(number("shop")),
		Endpoint: form.Get("endpoint"), Outcome: strings.TrimSpace(form.Get("outcome")), Limit: requestsAPage + 1,
	}
	if c.only != 0 {
		q.Agent = c.only
	}
	for _, m := range requestMarks {
		if m.name == form.Get("mark") {
			q.Mark = m.mark
		}
	}
	if card := strings.TrimSpace(form.Get("card")); card != "" {
		q.Card = ledger.CardNamed(c.merchant.ID, card).Number
	}
	if day := form.Get("day"); day != "" {
		d, err := ledger.ParseDate(day)
		if err != nil {
			return q, false
		}
		q.Since, q.Before = c.begins(d), c.begins(d.AddDays(1))
	}
	if before := form.Get("before"); before != "" {
		at, id, ok := requestKey(before)
		if !ok {
			return q, false
		}
		q.Before, q.ID = at, id
	}
	return q, true
}

func (c *call) showRequests() error {
	v := &requestsView{view: c.view(wRequests), form: c.r.URL.Query(), agents: c.agentsHere(), kept: c.cfg.Keeper != nil}
	v.names, v.known = c.agentNames(), c.endpointNames()
	v.exports = c.person.AllowedSomewhere(c.merchant.ID)&ledger.MayExport != 0
	if v.kept {
		v.dropped = c.cfg.Keeper.Dropped(c.merchant.ID)
	}
	q, ok := c.requestQuery(v.form)
	if !ok {
		v.wrong = c.lang.of(wNoDate)
		return c.show(http.StatusUnprocessableEntity, requestsPage(v))
	}
	var err error
	if v.all, err = c.cfg.Requests.Exchanges(c.r.Context(), q); err != nil {
		return err
	}
	if len(v.all) > requestsAPage {
		v.all = v.all[:requestsAPage]
		last := &v.all[requestsAPage-1]
		_, key, _ := strings.Cut(requestPath(last), "requests/")
		v.form.Set("before", key)
		v.next = v.at("integration/requests?" + v.form.Encode())
	}
	return c.show(http.StatusOK, requestsPage(v))
}

// requestsInFile is how many requests a file has at most, the newest.
const requestsInFile = 5_000

// requestsAtATime is how many of them are read at a time, beside the tills.
const requestsAtATime = 500

// exportRequests sends the requests that are chosen as a file, with what the list shows of each.
func (c *call) exportRequests() error {
	if c.person.AllowedSomewhere(c.merchant.ID)&ledger.MayExport == 0 {
		return errNotYours
	}
	format, err := c.format()
	if err != nil {
		return err
	}
	q, chosen := c.requestQuery(c.r.URL.Query())
	if !chosen {
		return errNowhere
	}
	v, names := c.view(wRequests), c.agentNames()
	t := &table{columns: []tableColumn{
		{name: wWhen}, {name: wEndpoint}, {name: wCodeOf}, {name: wState}, {name: wCardNumber}, {name: wForShop},
		{name: wAgent}, {name: wWireOf}, {name: text{"HTTP", "HTTP"}, kind: ofCount}, {name: wTookMS, kind: ofCount},
		{name: text{"X-Request-Id", "X-Request-Id"}},
	}}
	for q.Limit = requestsAtATime; len(t.rows) < requestsInFile; {
		all, err := c.cfg.Requests.Exchanges(c.r.Context(), q)
		if err != nil {
			return err
		}
		for i := range all {
			x := &all[i]
			t.add(textCell(v.wholly(x.At)), textCell(x.Endpoint), textCell(x.Outcome), textCell(v.came(x)), textCell(x.Card),
				textCell(v.merchant.ShopName(x.Shop)), textCell(names[x.Agent]), textCell(x.Dialect),
				countCell(int64(x.Status)), countCell(x.Took.Milliseconds()), textCell(x.ID))
			q.Before, q.ID = x.At, x.ID
		}
		if len(all) < q.Limit {
			break
		}
	}
	return c.sendTable("requests-"+c.today().String(), v.title, format, t)
}

// requestView is one request.
type requestView struct {
	view
	x    ledger.Exchange
	told ledger.ExchangeTold
	url  string // where tills reach the server
}

func (c *call) showRequest() error {
	at, id, ok := requestKey(c.r.PathValue("request"))
	if !ok {
		return errNowhere
	}
	x, ok, err := c.cfg.Requests.Exchange(c.r.Context(), c.merchant.ID, at, id)
	if err != nil {
		return err
	}
	if !ok || c.only != 0 && x.Agent != c.only {
		return errNowhere
	}
	v := &requestView{view: c.view(wRequest), x: x, url: c.cfg.URL}
	v.title = x.Endpoint
	if v.told, err = ledger.ParseTold(x.Told); err != nil {
		return err
	}
	return c.show(http.StatusOK, requestPage(v))
}

// exactly returns a time as it stands in logs.
func (v view) exactly(at time.Time) string { return v.wholly(at)[len("2006-"):] }

// wholly is exactly with the year.
func (v view) wholly(at time.Time) string {
	return at.In(v.zone()).Format("2006-01-02 15:04:05.000")
}

// took returns how long an answer took.
func (v view) took(d time.Duration) string {
	if tenths := d.Microseconds() / 100; tenths < 100 {
		return strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10) + " ms"
	}
	return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
}

// agentNames returns what agents are called.
func (c *call) agentNames() map[ledger.AgentID]string {
	all := map[ledger.AgentID]string{}
	for _, a := range c.cfg.Directory.Agents() {
		all[a.ID] = a.Name
	}
	for _, a := range c.cfg.Directory.Keys(c.merchant.ID) {
		all[a.ID] = a.Name
	}
	return all
}

// came returns what came of a request, in words: the core's reason if there is one, and else its code on the wire.
func (v view) came(x *ledger.Exchange) string {
	switch x.Outcome {
	case "ok":
		return v.lang.of(wWentWell)
	case "replayed":
		return v.lang.of(wReplayed)
	}
	for r, name := range ledger.ReasonNames {
		if name == x.Reason {
			return v.lang.of(text(phrase.Refusals[r]))
		}
	}
	return v.lang.of(outcomeWords[x.Outcome])
}

// indented returns JSON on lines of its own, or what is none as it is.
func indented(compact string) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(compact), "", "  "); err != nil {
		return compact
	}
	return b.String()
}

// lines returns a signed text with its line feeds seen.
func lines(signed string) string { return strings.ReplaceAll(signed, "\n", "↵\n") }

// curl returns a command that sends the request again, with names in place of secrets.
func (v *requestView) curl() string {
	query := make([]string, 0, len(v.told.Query))
	for _, p := range v.told.Query {
		query = append(query, url.QueryEscape(p.Name)+"="+placed(p, url.QueryEscape))
	}
	address := v.url + v.told.Path
	if len(query) > 0 {
		address += "?" + strings.Join(query, "&")
	}
	parts := []string{"curl -X " + v.told.Method + " " + quoted(address)}
	body, typed := v.curlBody(), false
	for _, h := range v.told.Header {
		switch {
		case h.Name == "Authorization":
			parts = append(parts, "-H 'AUTHORIZATION: <TOKEN>'")
		case h.Value != "" && h.Name != "Content-Length" && h.Name != "User-Agent":
			typed = typed || h.Name == "Content-Type"
			parts = append(parts, "-H "+quoted(h.Name+": "+placed(h, plainly)))
		}
	}
	if body != "" {
		if !typed { // curl would say that it is a form
			parts = append(parts, "-H 'Content-Type:'")
		}
		parts = append(parts, "--data-raw "+quoted(body))
	}
	return strings.Join(parts, " \\\n  ")
}

// curlBody is what the request sent, with names in place of secrets. What was refused before it was read is a name too.
func (v *requestView) curlBody() string {
	body := v.told.Body
	for i, p := range v.told.Form {
		if i > 0 {
			body += "&"
		}
		body += url.QueryEscape(p.Name) + "=" + placed(p, url.QueryEscape)
	}
	sent := slices.ContainsFunc(v.told.Header, func(h ledger.TextPair) bool {
		return h.Name == "Content-Length" && h.Value != "" && h.Value != "0"
	})
	if body == "" && sent {
		return "<BODY>"
	}
	return body
}

// plainly returns a text as it is.
func plainly(text string) string { return text }

// placed returns a parameter's value, or where it is a secret its name to be replaced.
func placed(p ledger.TextPair, escape func(string) string) string {
	if p.Value == ledger.MaskedText {
		return "<" + strings.ToUpper(p.Name) + ">"
	}
	return escape(p.Value)
}

// quoted returns a text as a shell reads it as one word.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
