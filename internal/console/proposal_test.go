package console

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

// proposal adds a withdrawal of 50.00 from a merchant's card 6001 that somebody has proposed at a shop.
func (w *world) proposal(m ledger.MerchantID, id string, by ledger.PersonID, shop ledger.ShopID) {
	w.t.Helper()
	now := w.clock()
	w.must(w.store.AddProposal(w.t.Context(), ledger.Proposal{
		Merchant: m, ID: id, Card: 1, Number: "6001", Act: "withdraw", Form: `{"amount":["50"]}`, Person: by, Shop: shop,
		At: now, Until: now.Add(ledger.ProposalGood), State: ledger.ProposalWaits,
	}))
}

// limit has the first merchant want a second person above 100.00.
func (w *world) limit() {
	w.t.Helper()
	m := *w.dir.Merchant(1)
	m.Settings.SecondPerson = 100_00
	w.must(w.store.SaveMerchant(w.t.Context(), m))
	w.must(w.dir.Refresh(w.t.Context()))
}

// proposed has the manager ask for a refund of a bill of 320.00, and returns the path of the proposal.
func (w *world) proposed() (path string, bill ledger.EntryID) {
	w.t.Helper()
	w.do(command.Consume{Merchant: 1, Card: "6001", Amount: 400_00})
	bill = w.newestOf("6001").ID
	b := w.signedIn("manager")
	act := "/console/m/1/cards/1/do/refund"
	shown := b.post(act, "entry", itoa(int64(bill)), "note", "菜凉了 <b>", "at", "11")
	if body := shown.Body.String(); shown.Code != http.StatusOK || !strings.Contains(body, "超过 ¥100.00，须由另一个人确认") ||
		!strings.Contains(body, wPropose.Zh) || strings.Contains(body, wConfirm.Zh) {
		w.t.Fatalf("the preview: %d %s", shown.Code, fault(body))
	}
	sure := append(hidden(shown.Body.String()), "sure", "yes")
	first, again := b.post(act, sure...), b.post(act, sure...)
	path = strings.TrimSuffix(first.Header().Get("Location"), "?proposed")
	if first.Code != http.StatusSeeOther || !strings.HasPrefix(path, "/console/m/1/proposals/") ||
		again.Header().Get("Location") != first.Header().Get("Location") {
		w.t.Fatalf("proposed: %d %s, again: %s", first.Code, path, again.Header().Get("Location"))
	}
	return path, bill
}

// secondPerson returns a world in which the first merchant wants two people above 100.00, and a waiting proposal.
func secondPerson(t *testing.T) (w *world, path string, bill ledger.EntryID) {
	t.Helper()
	w = newWorld(t)
	w.cards()
	w.limit()
	path, bill = w.proposed()
	return w, path, bill
}

// refunds returns the refunds of card 6001.
func (w *world) refunds() (all []ledger.Entry) {
	w.t.Helper()
	w.must(w.store.EachEntry(w.t.Context(), 1, 0, func(e *ledger.Entry) error {
		if e.Kind == ledger.ConsumeRefunded {
			all = append(all, *e)
		}
		return nil
	}))
	return all
}

// kept returns what the store has of the proposal at a path.
func (w *world) kept(path string) ledger.Proposal {
	w.t.Helper()
	p, ok, err := w.store.Proposal(w.t.Context(), 1, path[strings.LastIndexByte(path, '/')+1:])
	w.must(err)
	if !ok {
		w.t.Fatalf("no proposal at %s", path)
	}
	return p
}

// What is above the limit is done when another person confirms it, once, and the entry names both.
func TestSecondPerson(t *testing.T) {
	t.Parallel()
	w, path, bill := secondPerson(t)
	if len(w.refunds()) != 0 {
		t.Fatal("it is done before anybody confirmed it")
	}
	manager, admin := w.signedIn("manager"), w.signedIn("admin")
	page := manager.get(path + "?proposed").Body.String()
	if !strings.Contains(page, wProposed.Zh) || strings.Contains(page, `value="yes"`) || strings.Contains(page, "<b>") {
		t.Errorf("the proposer's page: %s", page)
	}
	own := manager.get(path)
	if got := manager.post(path, append(hidden(own.Body.String()), "sure", "yes")...); got.Code != http.StatusForbidden {
		t.Errorf("the proposer confirms it: %d", got.Code)
	}
	for _, at := range []string{"", "proposals", "cards/1"} {
		if got := admin.get("/console/m/1/" + at).Body.String(); !strings.Contains(got, "badge bg-red-lt ms-1\">2<") {
			t.Errorf("%q does not say that something is to be confirmed", at)
		}
	}
	for _, at := range []string{"/console/m/1/proposals", "/console/m/1/cards/1"} {
		if got := admin.get(at).Body.String(); !strings.Contains(got, path) || !strings.Contains(got, "菜凉了 &lt;b&gt;") ||
			!strings.Contains(got, "店长") {
			t.Errorf("%s does not list it", at)
		}
	}
	shown := admin.get(path).Body.String()
	if !strings.Contains(shown, "320.00") || strings.Contains(shown, wOutcomeNew.Zh) {
		t.Errorf("the outcome is not shown: %s", shown)
	}
	got := admin.post(path, append(hidden(shown), "sure", "yes")...)
	done := w.refunds()
	if got.Code != http.StatusSeeOther || len(done) != 1 {
		t.Fatalf("confirmed: %d %s, %d refunds", got.Code, fault(got.Body.String()), len(done))
	}
	by := done[0].By
	if by.Person != 2 || by.Proposer != 3 || by.Shop != 11 || by.Operator != "manager" || done[0].RefersTo != bill ||
		done[0].Note != "菜凉了 <b>" {
		t.Errorf("the entry: %+v", done[0])
	}
	if slip := admin.get(got.Header().Get("Location")); slip.Code != http.StatusOK {
		t.Errorf("the slip: %d", slip.Code)
	}
	p := w.kept(path)
	if p.State != ledger.ProposalConfirmed || p.DecidedBy != 2 || p.Entry != done[0].ID || !p.DecidedAt.Equal(done[0].At) {
		t.Errorf("kept: %+v", p)
	}
	for _, sure := range []string{"yes", "no"} {
		again := admin.post(path, append(hidden(shown), "sure", sure, "why", "x")...)
		if again.Code != http.StatusConflict || len(w.refunds()) != 1 {
			t.Errorf("decided again: %d, %d refunds", again.Code, len(w.refunds()))
		}
	}
	if page := manager.get(path).Body.String(); !strings.Contains(page, wConfirmed.Zh) || !strings.Contains(page, "管理员") {
		t.Errorf("the proposer is not told: %s", page)
	}
}

// A refund that is asked for from the history is told with its bill, once, and with its amount, which nobody typed.
func TestProposalTellsAmount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.limit()
	w.do(command.Consume{Merchant: 1, Card: "6001", Amount: 400_00})
	id := itoa(int64(w.newestOf("6001").ID))
	b := w.signedIn("manager")
	act := "/console/m/1/cards/1/do/refund?entry=" + id
	shown := b.post(act, "entry", id, "amount", "", "note", "", "at", "11").Body.String()
	path := b.post(act, append(hidden(shown), "sure", "yes")...).Header().Get("Location")
	if !strings.Contains(path, "/proposals/") {
		t.Fatalf("it leads to %q: %s", path, fault(shown))
	}
	if page := words(w.signedIn("admin").get(path).Body.String()); !strings.Contains(page, "已退款 0.00 还可以退 320.00") {
		t.Errorf("whoever confirms it does not see the bill: %s", page)
	}
	for _, at := range []string{path, "/console/m/1/proposals", "/console/m/1/cards/1"} {
		if page := words(b.get(at).Body.String()); !strings.Contains(page, "消费记录号 "+id+" 金额 ¥320.00") {
			t.Errorf("%s: %s", at, page)
		}
	}
}

// Of many who confirm a proposal or turn it down at the same moment one decides it, and what is kept says which.
func TestManyDecideAtOnce(t *testing.T) {
	t.Parallel()
	for _, turnsDown := range []string{"yes", "no"} {
		w, path, _ := secondPerson(t)
		admin, owner := w.signedIn("admin"), w.signedIn("owner")
		form := append(hidden(admin.get(path).Body.String()), "why", "不对")
		var all sync.WaitGroup
		codes := make([]int, 8)
		for i := range codes {
			b, sure := &tab{w, admin.cookies, admin.language}, "yes"
			if i%2 == 1 {
				b, sure = &tab{w, owner.cookies, owner.language}, turnsDown
			}
			r := b.request(http.MethodPost, path, strings.NewReader(urlOf(append(slices.Clone(form), "sure", sure))))
			all.Go(func() {
				rec := httptest.NewRecorder()
				b.handler.ServeHTTP(rec, r)
				codes[i] = rec.Code
			})
		}
		all.Wait()
		for _, code := range codes {
			if code != http.StatusSeeOther && code != http.StatusConflict {
				t.Errorf("answered %v", codes)
			}
		}
		p, done := w.kept(path), w.refunds()
		switch {
		case len(done) == 1 && p.State == ledger.ProposalConfirmed && p.Entry == done[0].ID &&
			p.DecidedBy == done[0].By.Person:
		case len(done) == 0 && p.State == ledger.ProposalTurnedDown && p.DecidedBy == 1 && turnsDown == "no":
		default:
			t.Errorf("%d refunds, and kept is %+v", len(done), p)
		}
	}
}

// urlOf returns a form as browsers send it.
func urlOf(pairs []string) string {
	form := make([]string, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		form = append(form, pairs[i]+"="+strings.ReplaceAll(pairs[i+1], "+", "%2B"))
	}
	return strings.Join(form, "&")
}

// A proposal that is turned down is never done, and the proposer is told why. Whoever takes back his own need not say
// why.
func TestTurnedDown(t *testing.T) {
	t.Parallel()
	w, path, _ := secondPerson(t)
	manager, admin := w.signedIn("manager"), w.signedIn("admin")
	form := hidden(admin.get(path).Body.String())
	if got := admin.post(path, "sure", "no", "why", "  "); got.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(got.Body.String(), wNeedWhy.Zh) {
		t.Errorf("without a reason: %d", got.Code)
	}
	if got := admin.post(path, "sure", "no", "why", "金额不对 <script>alert(1)</script>"); got.Code != http.StatusSeeOther {
		t.Fatalf("turned down: %d %s", got.Code, fault(got.Body.String()))
	}
	page := manager.get(path).Body.String()
	if !strings.Contains(page, wTurnedDown.Zh) || !strings.Contains(page, "金额不对 &lt;script&gt;") {
		t.Errorf("the proposer is not told: %s", page)
	}
	if got := admin.post(path, append(form, "sure", "yes")...); got.Code != http.StatusConflict || len(w.refunds()) != 0 {
		t.Errorf("confirmed afterwards: %d", got.Code)
	}
	w.proposal(1, "p2", 3, 11)
	if got := manager.post("/console/m/1/proposals/p2", "sure", "no"); got.Code != http.StatusSeeOther {
		t.Errorf("taken back: %d", got.Code)
	}
	if got := admin.get("/console/m/1/proposals/p2").Body.String(); !strings.Contains(got, wTakenBack.Zh) {
		t.Error("it is not taken back")
	}
}

// Whoever decides is told that the proposer was stopped since, in the list and on the page.
func TestProposerWasStopped(t *testing.T) {
	t.Parallel()
	w, path, _ := secondPerson(t)
	admin := w.signedIn("admin")
	pages := []string{path, "/console/m/1/proposals", "/console/m/1/cards/1"}
	for _, at := range pages {
		if got := admin.get(at).Body.String(); strings.Contains(got, wProposerStopped.Zh) {
			t.Errorf("%s: somebody who is not stopped is said to be", at)
		}
	}
	p := *w.dir.PersonNamed("manager")
	p.Stopped = true
	w.do(command.ChangePerson{To: p})
	w.must(w.dir.Refresh(t.Context()))
	for _, at := range pages {
		if got := admin.get(at).Body.String(); !strings.Contains(got, wProposerStopped.Zh) {
			t.Errorf("%s does not tell", at)
		}
	}
}

// After a day a proposal is over.
func TestProposalExpires(t *testing.T) {
	t.Parallel()
	w, path, _ := secondPerson(t)
	admin := w.signedIn("admin")
	form := hidden(admin.get(path).Body.String())
	w.wait(int(ledger.ProposalGood/time.Second) - 1)
	admin = w.signedIn("admin") // the session was idle for longer than it lasts
	if got := admin.get(path).Body.String(); !strings.Contains(got, `value="yes"`) {
		t.Error("it is over too early")
	}
	w.wait(1)
	for _, sure := range []string{"yes", "no"} {
		if got := admin.post(path, append(form, "sure", sure, "why", "x")...); got.Code != http.StatusConflict || len(w.refunds()) != 0 {
			t.Errorf("decided when it is over: %d", got.Code)
		}
	}
	if got := admin.get("/console/m/1/proposals").Body.String(); !strings.Contains(got, wNoProposals.Zh) ||
		!strings.Contains(got, wOver.Zh) || strings.Contains(got, "ms-1") {
		t.Errorf("the list: %s", got)
	}
}

// Proposals are seen by those who may do the same at that shop, and by whoever made them. To all others they are not
// there.
func TestWhoSeesProposals(t *testing.T) {
	t.Parallel()
	w, path, _ := secondPerson(t)
	w.proposal(1, "elsewhere", 2, 12)
	w.proposal(2, "canary", 6, 21)
	for name, want := range map[string]struct{ own, elsewhere, others int }{
		"owner":   {http.StatusOK, http.StatusOK, http.StatusNotFound},
		"admin":   {http.StatusOK, http.StatusOK, http.StatusNotFound},
		"manager": {http.StatusOK, http.StatusNotFound, http.StatusNotFound},
		"cashier": {http.StatusForbidden, http.StatusForbidden, http.StatusForbidden},
		"auditor": {http.StatusForbidden, http.StatusForbidden, http.StatusForbidden},
	} {
		b := w.signedIn(name)
		for at, code := range map[string]int{
			path: want.own, "/console/m/1/proposals/elsewhere": want.elsewhere, "/console/m/1/proposals/canary": want.others,
			"/console/m/1/proposals/none": want.others,
		} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				got := b.send(method, at, nil).Code
				if code == http.StatusOK && method == http.MethodPost {
					if got != http.StatusUnprocessableEntity {
						t.Errorf("%s %s %s: %d", name, method, at, got)
					}
				} else if got != code {
					t.Errorf("%s %s %s: %d", name, method, at, got)
				}
			}
		}
		page := b.get("/console/m/1/cards/1").Body.String()
		if sees := strings.Contains(page, path); sees != (want.own == http.StatusOK) {
			t.Errorf("%s sees it at the card: %t", name, sees)
		}
		list := b.get("/console/m/1/proposals").Body.String()
		if sees := strings.Contains(list, "elsewhere"); sees != (want.elsewhere == http.StatusOK) {
			t.Errorf("%s sees one of another shop in the list: %t", name, sees)
		}
	}
}

// What a proposal would do is decided anew for whoever confirms it: if things have moved, that is said, and nothing
// else is done than was shown.
func TestProposalMoved(t *testing.T) {
	t.Parallel()
	w, path, bill := secondPerson(t)
	admin := w.signedIn("admin")
	form := hidden(admin.get(path).Body.String())
	w.do(command.RefundConsume{Merchant: 1, Card: "6001", Entry: bill, Amount: 20_00})
	if got := admin.post(path, append(form, "sure", "yes")...); got.Code != http.StatusConflict || len(w.refunds()) != 1 ||
		!strings.Contains(got.Body.String(), "300.00") {
		t.Errorf("something else than was shown: %d, %d refunds", got.Code, len(w.refunds()))
	}
	shown := admin.get(path).Body.String()
	if !strings.Contains(shown, wOutcomeNew.Zh) {
		t.Error("it is not said that things have moved")
	}
	if got := admin.post(path, append(hidden(shown), "sure", "yes")...); got.Code != http.StatusSeeOther || len(w.refunds()) != 2 {
		t.Errorf("as shown now: %d, %d refunds", got.Code, len(w.refunds()))
	}

	w, path, bill = secondPerson(t)
	admin = w.signedIn("admin")
	form = hidden(admin.get(path).Body.String())
	w.do(command.RefundConsume{Merchant: 1, Card: "6001", Entry: bill})
	shown = admin.get(path).Body.String()
	if !strings.Contains(shown, wNotNow.Zh) || strings.Contains(shown, `value="yes"`) {
		t.Error("it is offered though it cannot be done")
	}
	if got := admin.post(path, append(form, "sure", "yes")...); got.Code != http.StatusUnprocessableEntity || len(w.refunds()) != 1 {
		t.Errorf("what cannot be done: %d", got.Code)
	}
}

// forgetful does not keep what has become of proposals.
type forgetful struct{ *storetest.MemStore }

func (forgetful) DecideProposal(context.Context, ledger.Proposal) error {
	return errors.New("disk full")
}

// If what was decided could not be noted, it stays decided, and the next who decides learns of it.
func TestDecidedAndNotNoted(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"yes", "no"} {
		for _, second := range []string{"yes", "no"} {
			w, path, _ := secondPerson(t)
			admin, owner := w.signedIn("admin"), w.signedIn("owner")
			form := append(hidden(admin.get(path).Body.String()), "why", "不对")
			w.console.cfg.Proposals = forgetful{w.store}
			if got := admin.post(path, append(slices.Clone(form), "sure", first)...); got.Code != http.StatusSeeOther {
				t.Fatalf("%s: %d", first, got.Code)
			}
			if !strings.Contains(w.log.String(), "disk full") {
				t.Error("the log does not say that it could not be noted")
			}
			w.console.cfg.Proposals = w.store
			if got := owner.post(path, append(slices.Clone(form), "sure", second)...); got.Code != http.StatusSeeOther {
				t.Errorf("%s, then %s: %d", first, second, got.Code)
			}
			p, want := w.kept(path), ledger.ProposalConfirmed
			if first == "no" {
				want = ledger.ProposalTurnedDown
			}
			if p.State != want || p.DecidedBy != 2 || len(w.refunds()) != map[string]int{"yes": 1, "no": 0}[first] {
				t.Errorf("%s, then %s: %+v, %d refunds", first, second, p, len(w.refunds()))
			}
		}
	}
}

// Every act that can be above the limit becomes a proposal there, and none below it.
func TestActsAboveTheLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.limit()
	w.do(command.ChargeToAccount{Merchant: 1, Card: "6001", Amount: 200_00})
	signed := w.newestOf("6001").ID
	w.do(command.Recharge{Merchant: 1, Card: "6001", Amount: 200_00, PayType: 1})
	paid := w.newestOf("6001").ID
	b := w.signedIn("manager")
	for act, form := range map[string][]string{
		"withdraw": {"amount", "150"}, "return": {"paytype", "2"}, "adjust-points": {"points", "10001"}, "credit": {"amount", "100.01"},
		"reverse": {"entry", itoa(int64(paid))}, "refund-charge": {"entry", itoa(int64(signed))},
	} {
		path := "/console/m/1/cards/1/do/" + act
		shown := b.post(path, append(form, "at", "11")...)
		got := b.post(path, append(hidden(shown.Body.String()), "sure", "yes")...)
		if !strings.Contains(got.Header().Get("Location"), "/proposals/") {
			t.Errorf("%s: %d %s %s", act, shown.Code, fault(shown.Body.String()), got.Header().Get("Location"))
		}
	}
	for act, form := range map[string][]string{
		"withdraw": {"amount", "100"}, "adjust-points": {"points", "10000"}, "credit": {"amount", "100"},
	} {
		path := "/console/m/1/cards/1/do/" + act
		shown := b.post(path, append(form, "at", "11")...)
		got := b.post(path, append(hidden(shown.Body.String()), "sure", "yes")...)
		if !strings.Contains(got.Header().Get("Location"), "/slip/") {
			t.Errorf("%s within the limit: %d %s %s", act, shown.Code, fault(shown.Body.String()), got.Header().Get("Location"))
		}
	}
	if list := words(b.get("/console/m/1/proposals").Body.String()); !strings.Contains(list, "支付方式 微信") {
		t.Errorf("the list does not say by what is paid out: %s", list)
	}
	var acts []string
	found, err := w.store.WaitingProposals(t.Context(), ledger.WaitingQuery{Merchant: 1, Now: w.clock(), Limit: 99})
	w.must(err)
	for _, p := range found {
		acts = append(acts, p.Act)
	}
	if slices.Sort(acts); strings.Join(acts, " ") != "adjust-points credit refund-charge return reverse withdraw withdraw" {
		t.Errorf("proposed: %v", acts) // one of the withdrawals is the world's
	}
}

// What waits for somebody is told however many proposals of others, which he does not see, wait before it.
func TestProposalsBehindThoseOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.limit()
	for i := range 2*waitingPage + 5 {
		w.proposal(1, "o"+strconv.Itoa(1000+i), 2, 12) // at a shop where the manager confirms nothing
	}
	w.wait(1)
	w.proposal(1, "here", 2, 11)
	list := w.signedIn("manager").get("/console/m/1/proposals").Body.String()
	if !strings.Contains(list, "proposals/here") || !strings.Contains(list, `bg-red-lt ms-1">1<`) {
		t.Error("the one that waits for the manager is not listed and counted")
	}
	if strings.Contains(list, "proposals/o1") {
		t.Error("he sees those of another shop")
	}
}

// More than can be shown at once are said to be more.
func TestMoreProposalsThanShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.limit()
	for i := range maxWaiting + 1 {
		w.proposal(1, "o"+strconv.Itoa(10_000+i), 2, 11)
	}
	list := w.signedIn("manager").get("/console/m/1/proposals").Body.String()
	if n := strings.Count(list, "proposals/o1"); n != maxWaiting || !strings.Contains(list, wMoreWait.with(maxWaiting).Zh) {
		t.Errorf("%d are listed", n)
	}
	file := w.signedIn("admin").get("/console/m/1/proposals.csv").Body.String()
	if !strings.Contains(file, wFirstOnes.with(maxWaiting).Zh) {
		t.Error("the file does not say that there are more")
	}
}

// The list of proposals goes back page by page.
func TestProposalsByPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.limit()
	for i := range earlierShown + 3 {
		w.proposal(1, "q"+strconv.Itoa(100+i), 3, 11)
		w.wait(1)
	}
	w.wait(int(ledger.ProposalGood / time.Second))
	admin := w.signedIn("admin")
	first := admin.get("/console/m/1/proposals").Body.String()
	if !strings.Contains(first, "q152") || strings.Contains(first, "q101") || !strings.Contains(first, wOlder.Zh) {
		t.Error("the first page is not the newest")
	}
	_, link, _ := strings.Cut(first, `href="/console/m/1/proposals?`)
	link, _, _ = strings.Cut(link, `"`)
	second := admin.get("/console/m/1/proposals?" + strings.ReplaceAll(link, "&amp;", "&")).Body.String()
	if !strings.Contains(second, "q101") || strings.Contains(second, "q152") || strings.Contains(second, wOlder.Zh) {
		t.Errorf("the second page is not the rest: %s", link)
	}
}
