package client_test

import (
	"bufio"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"tongka/client"
)

// patience is how long the program may take to stop.
const patience = time.Minute

// loser sends requests to the server and loses the first few answers.
type loser struct{ lose int }

var errLost = errors.New("answer is lost")

func (l *loser) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || l.lose == 0 {
		return res, err
	}
	l.lose--
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return nil, errLost
}

// TestDemo runs tills against the program as it is released.
func TestDemo(t *testing.T) {
	t.Parallel()
	base, key := demoWithKeys(t)
	till := client.Sandy{BaseURL: base, Token: "test", GUID: "{DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}"}
	shop := client.DC78{BaseURL: base, MSID: "10021", Key: "b77217c91f9d0f5670de0dfab0e75378176d6c2e"}
	t.Run("coupons", func(t *testing.T) { coupons(t, shop) })
	t.Run("cards are issued once", func(t *testing.T) { issuedOnce(t, shop) })
	t.Run("lost answers charge nobody twice", func(t *testing.T) { lostAnswers(t, till) })
	t.Run("a sale without an answer is taken back", func(t *testing.T) { takenBack(t, till, shop) })
	t.Run("the native API", func(t *testing.T) { nativeAPI(t, client.API{BaseURL: base, Key: "test", Merchant: 10000}) })
	t.Run("several cards", func(t *testing.T) {
		severalCards(t, client.API{BaseURL: base, Key: "test", Merchant: 10000})
	})
	t.Run("events", func(t *testing.T) { events(t, client.API{BaseURL: base, Key: key(everything)}) })
	t.Run("files", func(t *testing.T) { files(t, client.API{BaseURL: base, Key: key(everything)}) })
	t.Run("Python", func(t *testing.T) { python(t, "test_tongka.py", base, key(everything)) })
	t.Run("examples", func(t *testing.T) { runExamples(t, base, key("read,consume")) })
	t.Run("every endpoint", func(t *testing.T) { endpoints(t, till) })
	t.Run("collection", func(t *testing.T) { runCollection(t, base, key(everything)) })
}

func lostAnswers(t *testing.T, till client.Sandy) {
	ctx := t.Context()
	before := info(t, &till, "wx001")

	// Two answers are lost on the way: the first try was carried out.
	till.HTTP = &http.Client{Transport: &loser{2}}
	first, err := till.Consume(ctx, client.ConsumeRequest{Card: "wx001", Amount: 12_50})
	if err != nil || !first.Replayed || first.Balance != before.Balance-12_50 {
		t.Fatalf("got %+v, %v; the balance was %v", first, err, before.Balance)
	}

	// The only answer is lost; the till asks again later with the id in the error.
	till.HTTP = &http.Client{Transport: &loser{1}}
	till.Tries = 1
	lost, err := till.Recharge(ctx, client.RechargeRequest{Card: "wx001", Amount: 100_00, PayType: 1})
	unsure, ok := errors.AsType[client.Unsure](err)
	if !ok || unsure.RequestID != lost.RequestID || !errors.Is(err, errLost) {
		t.Fatalf("got %v", err)
	}
	again := client.RechargeRequest{RequestID: unsure.RequestID, Card: "wx001", Amount: 100_00, PayType: 1}
	second, err := till.Recharge(ctx, again)
	if err != nil || !second.Replayed || second.Bonus != 10_00 {
		t.Errorf("got %+v, %v", second, err)
	}
	third, err := till.Recharge(ctx, again)
	if err != nil || third != second {
		t.Errorf("got %+v, %v, want %+v", third, err, second)
	}
	again.Amount++
	if _, err := till.Recharge(ctx, again); code(err) != "400" {
		t.Errorf("another amount under the same id: got %v", err)
	}

	if after := info(t, &till, "wx001"); after.Balance != before.Balance-12_50+110_00 {
		t.Errorf("the balance was %v and is %v", before.Balance, after.Balance)
	}
	page, err := till.History(ctx, client.HistoryRequest{Card: "wx001", PageSize: 2})
	if err != nil || len(page.Entries) != 2 || page.Entries[0].EventType != 6 || page.Entries[1].EventType != 7 {
		t.Errorf("got %+v, %v", page, err)
	}
}

// takenBack gives up a sale of which no answer came, on both wires.
func takenBack(t *testing.T, till client.Sandy, shop client.DC78) {
	ctx := t.Context()
	losing := func() *http.Client { return &http.Client{Transport: &loser{1}} }

	before := info(t, &till, "wx001")
	till.Tries, till.HTTP = 1, losing()
	_, err := till.Consume(ctx, client.ConsumeRequest{Card: "wx001", Amount: 12_50})
	unsure, _ := errors.AsType[client.Unsure](err)
	give := client.RefundRequest{Card: "wx001", Of: unsure.RequestID, Type: client.RefundConsume}
	back, err := till.Refund(ctx, give)
	if err != nil || back.Balance != before.Balance {
		t.Errorf("got %+v, %v; the balance was %v", back, err, before.Balance)
	}
	if _, err := till.Refund(ctx, give); code(err) != "400" {
		t.Errorf("once more: %v", err)
	}

	card, err := shop.MbCheck(ctx, client.MbCheckRequest{Mbno: "47302320"})
	if err != nil {
		t.Fatal(err)
	}
	shop.Tries, shop.HTTP = 1, losing()
	_, err = shop.MbTrans(ctx, client.MbTransRequest{Action: client.TransConsume, Mbno: "47302320", Amount: 1_00})
	unsure, _ = errors.AsType[client.Unsure](err)
	asked := client.MbRequestRequest{Of: "mb_trans", OfAction: client.TransConsume, Ref: unsure.RequestID}
	done, err := shop.MbRequest(ctx, asked)
	if err != nil || done.Done != 1 {
		t.Errorf("got %+v, %v", done, err)
	}
	paid, err := shop.MbRefund(ctx, client.MbRefundRequest{
		Action: client.TransConsume, Mbno: "47302320", OfRef: unsure.RequestID,
	})
	if err != nil || paid.Amount != 1_00 || paid.Balance+paid.Bonus != card.Balance+card.Bonus {
		t.Errorf("got %+v, %v; the card had %v and %v", paid, err, card.Balance, card.Bonus)
	}
}

// severalCards loses two answers of a bill that two cards pay, and each pays once; then the bill is refunded whole.
func severalCards(t *testing.T, api client.API) {
	ctx := t.Context()
	bill := map[string]any{
		"cards":  []any{map[string]any{"card": "wx001", "amount": 600}, map[string]any{"card": "M000123"}},
		"amount": 1000, "no_discount": 1000,
	}
	var quote struct{ Token string }
	if err := api.Quote(ctx, bill, &quote); err != nil {
		t.Fatal(err)
	}
	var paid, back struct{ Cards []struct{ Amount int64 } }
	losing := api
	losing.HTTP = &http.Client{Transport: &loser{2}}
	done, err := losing.Do(ctx, http.MethodPost, "/v1/consumes", "", map[string]any{"quote": quote.Token}, &paid)
	if err != nil || !done.Replayed || len(paid.Cards) != 2 || paid.Cards[0].Amount != 600 ||
		paid.Cards[1].Amount != 400 {
		t.Fatalf("paid %+v: %+v, %v", paid, done, err)
	}
	whole := map[string]any{"cards": []string{"wx001", "M000123"}, "request": done.RequestID}
	if _, err := api.Do(ctx, http.MethodPost, "/v1/refunds", "", whole, &back); err != nil || len(back.Cards) != 2 ||
		back.Cards[0].Amount != 600 || back.Cards[1].Amount != 400 {
		t.Fatalf("given back %+v: %v", back, err)
	}
}

// endpoints calls the endpoints that the other test does not, and provokes each kind of refusal.
// nativeAPI loses two answers of a bill that was agreed to, and it is paid once.
func nativeAPI(t *testing.T, api client.API) {
	ctx := t.Context()
	var before, after struct {
		Balance struct{ Total int64 }
	}
	if err := api.Get(ctx, "/v1/cards/wx001", nil, &before); err != nil {
		t.Fatal(err)
	}
	var quote struct {
		Token string
		After struct{ Total int64 }
	}
	if err := api.Quote(ctx, map[string]any{"card": "wx001", "amount": 1250}, &quote); err != nil {
		t.Fatal(err)
	}
	api.HTTP = &http.Client{Transport: &loser{2}}
	done, err := api.Do(ctx, http.MethodPost, "/v1/consumes", "", map[string]any{"quote": quote.Token}, &after)
	if err != nil || !done.Replayed || after.Balance.Total != quote.After.Total ||
		after.Balance.Total >= before.Balance.Total {
		t.Fatalf("paid %+v of %+v, quoted %+v: %+v, %v", after, before, quote.After, done, err)
	}
	_, err = api.Do(ctx, http.MethodPost, "/v1/consumes", done.RequestID, map[string]any{"card": "wx001", "amount": 1}, &after)
	if p, ok := errors.AsType[client.Problem](err); !ok || p.Code != "idempotency_key_reused" {
		t.Errorf("the name for something else: %v", err)
	}
	var settings struct{ Version int64 }
	if err := api.Get(ctx, "/v1/settings", nil, &settings); err != nil {
		t.Fatal(err)
	}
	_, err = api.Change(ctx, http.MethodPatch, "/v1/settings", settings.Version+1, "", map[string]any{}, nil)
	if p, ok := errors.AsType[client.Problem](err); !ok || p.Code != "version_moved" && p.Code != "forbidden" {
		t.Errorf("a version that is not there: %v", err)
	}
}

// events follows what happens from where it stood.
func events(t *testing.T, api client.API) {
	ctx := t.Context()
	var stood int64
	for page, err := range api.Events(ctx, 0, "consume", "recharge") {
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			if e.Type != "consume" && e.Type != "recharge" || e.Merchant != 10000 || e.At.IsZero() {
				t.Fatalf("got %+v", e)
			}
		}
		stood = page.Next
	}
	bill := map[string]any{"card": "wx001", "amount": 100}
	if _, err := api.Do(ctx, http.MethodPost, "/v1/consumes", "", bill, nil); err != nil || stood == 0 {
		t.Fatalf("stood at %d: %v", stood, err)
	}
	var seen []client.Event
	for page, err := range api.Events(ctx, stood) {
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, page.Events...)
	}
	if !slices.ContainsFunc(seen, func(e client.Event) bool { return e.Type == "consume" }) {
		t.Errorf("got %+v", seen)
	}
}

// files sends a file, and reads one.
func files(t *testing.T, api client.API) {
	ctx := t.Context()
	var job struct{ ID string }
	cards := client.File{Type: "text/csv", Content: []byte("卡号,姓名\nGO0001,王小二\n")}
	if _, err := api.Upload(ctx, "/v1/imports?name=a.csv&level=1", "", cards, &job); err != nil {
		t.Fatal(err)
	}
	ended(t, &api, "/v1/imports/"+job.ID)
	if _, err := api.Do(ctx, http.MethodPost, "/v1/exports", "", map[string]string{"format": "csv"}, &job); err != nil {
		t.Fatal(err)
	}
	ended(t, &api, "/v1/exports/"+job.ID)
	file, err := api.Download(ctx, "/v1/exports/"+job.ID+"/file")
	if err != nil || !strings.HasPrefix(file.Type, "text/csv") || !strings.Contains(string(file.Content), "wx001") {
		t.Errorf("got %s %s, %v", file.Type, file.Content, err)
	}
}

// ended waits until a job is done.
func ended(t *testing.T, api *client.API, path string) {
	t.Helper()
	var job struct{ State string }
	for range 300 {
		if err := api.Get(t.Context(), path, nil, &job); err != nil {
			t.Fatal(err)
		}
		if job.State != "waits" && job.State != "runs" {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if job.State != "done" {
		t.Fatalf("%s is %s", path, job.State)
	}
}

// TestPythonAlone tests the client for Python without a server.
func TestPythonAlone(t *testing.T) {
	t.Parallel()
	python(t, "test_alone.py")
}

// python runs a test of the client for Python.
func python(t *testing.T, file string, args ...string) {
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("python3 is needed to test its client: apt-get install python3")
	}
	cmd := exec.CommandContext(t.Context(), path, append([]string{"../sdk/python/" + file}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func endpoints(t *testing.T, till client.Sandy) {
	ctx := t.Context()
	levels, err := till.Levels(ctx)
	if err != nil || len(levels) != 2 || levels[1] != (client.Level{ID: 2, Name: "高级会员"}) {
		t.Errorf("levels: got %+v, %v", levels, err)
	}
	rules, err := till.RechargeRules(ctx, "wx001")
	if err != nil || len(rules.Rules) != 2 || len(rules.PayTypes) != 4 {
		t.Errorf("rules: got %+v, %v", rules, err)
	}
	opened, err := till.Open(ctx, client.OpenRequest{
		Card: "NEW001", Level: 1, Name: "王小二", Phone: "13800000009", Gender: 1,
	})
	if err != nil || opened.Number != "NEW001" || opened.Shop != "聚客西餐" {
		t.Errorf("open: got %+v, %v", opened, err)
	}
	if _, err := till.Open(ctx, client.OpenRequest{
		Card: "NEW001", Level: 1, Name: "王小二", Phone: "13800000009",
	}); code(err) != client.CodeTaken {
		t.Errorf("open again: got %v", err)
	}
	changed, err := till.Modify(ctx, client.ModifyRequest{Card: "NEW001", Birthday: new("1999-9-9")})
	if err != nil || changed.Birthday != "1999-09-09" || changed.Name != "王小二" || changed.Gender != 1 {
		t.Errorf("modify: got %+v, %v", changed, err)
	}
	found, err := till.Cards(ctx, "NEW0")
	if err != nil || len(found) != 1 || found[0].Status != "正常" {
		t.Errorf("cards: got %+v, %v", found, err)
	}
	left, err := till.ConsumeScore(ctx, client.ConsumeScoreRequest{Card: "M000123", Score: 475})
	if err != nil || left.Score != 2000 {
		t.Errorf("score: got %+v, %v", left, err)
	}
	if _, err := till.Consume(ctx, client.ConsumeRequest{Card: "NEW001", Amount: 1}); code(err) != client.CodeShort {
		t.Errorf("consume: got %v", err)
	}
	if _, err := till.CardInfo(ctx, "nobody"); code(err) != client.CodeNoCard {
		t.Errorf("card info: got %v", err)
	}
	till.Token = "wrong"
	if _, err := till.CardInfo(ctx, "wx001"); code(err) != "401" {
		t.Errorf("wrong token: got %v", err)
	}
}

// coupons sends coupons to a card while answers are lost on the way, and pays with them.
func coupons(t *testing.T, shop client.DC78) {
	ctx := t.Context()
	list := func(merge int) []client.Coupon {
		t.Helper()
		m, err := shop.MbCheck(ctx, client.MbCheckRequest{Mbno: "47302320", Coupons: 1, Merge: merge})
		if err != nil {
			t.Fatal(err)
		}
		return m.Coupons
	}
	first := list(0)
	if len(first) != 2 || first[0].Name != "彭老板的券" || first[0].Cash != 30_00 || first[0].Least != 100_00 ||
		first[0].Subject != "赠送" || first[1].Type != client.CouponGoods {
		t.Fatalf("got %+v", first)
	}
	kinds, err := shop.CoDelist(ctx)
	if err != nil || len(kinds) != 2 ||
		kinds[0] != (client.Activity{ID: "28200", Name: "彭老板的券", Cash: 30_00, CouponType: client.CouponCash}) {
		t.Fatalf("got %+v, %v", kinds, err)
	}
	shop.HTTP = &http.Client{Transport: &loser{2}}
	sent, err := shop.CoSend(ctx, client.CoSendRequest{Mbno: "47302320", Activity: string(kinds[0].ID), Qty: 3})
	if err != nil || len(sent.List) != 3 || sent.Name != "彭老板的券" {
		t.Fatalf("got %+v, %v", sent, err)
	}
	together := list(1)
	if len(together) != 2 || together[0].Qty != 4 || len(together[0].IDs) != 4 {
		t.Fatalf("got %+v", together)
	}
	shop.HTTP = &http.Client{Transport: &loser{1}}
	bill := client.MbTransRequest{
		Action: client.TransConsume, Mbno: "47302320", Amount: 200_00,
		Coupons: client.CouponIDs{first[0].ID, sent.List[2].ID},
	}
	paid, err := shop.MbTrans(ctx, bill)
	if err != nil || paid.ByCoupons != 60_00 || paid.Amount != 200_00 {
		t.Errorf("got %+v, %v", paid, err)
	}
	if _, err := shop.MbTrans(ctx, bill); code(err) != "0" {
		t.Errorf("used again: got %v", err)
	}
	if left := list(0); len(left) != 3 {
		t.Errorf("got %+v", left)
	}
}

// issuedOnce loses the answer of an issue: the cards exist once, and are returned again without passwords.
func issuedOnce(t *testing.T, shop client.DC78) {
	shop.HTTP = &http.Client{Transport: &loser{2}}
	stored := 15
	issue := client.MbNewcardRequest{Ref: "issue-1", Cards: []client.NewCard{{Kind: &stored, Count: 3}}}
	cards, err := shop.MbNewcard(t.Context(), issue)
	if err != nil || len(cards) != 3 || cards[0].Password != "" {
		t.Fatalf("got %+v, %v", cards, err)
	}
	again, err := shop.MbNewcard(t.Context(), issue)
	if err != nil || len(again) != 3 || again[2] != cards[2] {
		t.Errorf("got %+v, %v, want %+v", again, err, cards)
	}
}

func info(t *testing.T, till *client.Sandy, card string) client.Card {
	t.Helper()
	c, err := till.CardInfo(t.Context(), card)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// code returns the code of an error that leaves nothing open.
func code(err error) string {
	if _, ok := errors.AsType[client.Unsure](err); ok {
		return "unsure"
	}
	no, _ := errors.AsType[client.Error](err)
	return no.Code
}

// demoWithKeys builds the program, starts a demo on a free port, and returns its base URL and what makes a key of the
// demo's first merchant. The demo is stopped when the test ends.
func demoWithKeys(t *testing.T) (base string, key func(permissions string) string) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "tongka")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	build := exec.Command("go", "build", "-o", program, "./cmd/tongka")
	build.Dir = ".."
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	db := "sqlite:" + filepath.Join(dir, "demo.db")
	cmd := exec.Command(program, "demo", "--no-year", "--addr", "127.0.0.1:0", "--db", db)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 1)
	done := make(chan error, 1)
	go func() { done <- follow(cmd, out, said) }()
	t.Cleanup(func() { stop(t, cmd, done) })
	select {
	case base = <-said:
	case <-time.After(patience):
	}
	if base == "" {
		t.Fatal("the demo does not say where it is")
	}
	made := 0
	return base, func(permissions string) string {
		made++
		out, err := exec.CommandContext(t.Context(), program, "key", "add", "--db", db, "--merchant", "10000", "--permissions",
			permissions, "test "+strconv.Itoa(made)).Output()
		if err != nil {
			t.Fatal(err)
		}
		_, secret, _ := strings.Cut(strings.TrimSpace(string(out)), ": ")
		known := client.API{BaseURL: base, Key: secret}
		for range 50 { // a server knows a new key within a second
			if err = known.Get(t.Context(), "/v1/merchant", nil, &struct{}{}); err == nil {
				return secret
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("the key is not known: %v", err)
		return ""
	}
}

var base = regexp.MustCompile(`member-cjb\s+(http://\S+?)/api2/`)

// follow reads the program's output to its end, and sends its address as soon as the program says that it is
// listening.
func follow(cmd *exec.Cmd, out io.Reader, said chan<- string) error {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := base.FindStringSubmatch(lines.Text()); m != nil {
			said <- m[1]
		}
	}
	close(said)
	return cmd.Wait()
}

func stop(t *testing.T, cmd *exec.Cmd, done <-chan error) {
	t.Helper()
	_ = cmd.Process.Signal(os.Interrupt)
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("demo: %v", err)
		}
	case <-time.After(patience):
		_ = cmd.Process.Kill()
		t.Errorf("the demo does not stop when it is interrupted: %v", <-done)
	}
}

// TestImports: a till needs only this package and the standard library.
func TestImports(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range f.Imports {
			path, err := strconv.Unquote(imp.Path.Value)
			first, _, _ := strings.Cut(path, "/")
			if err != nil || strings.Contains(first, ".") || first == "tongka" {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}
