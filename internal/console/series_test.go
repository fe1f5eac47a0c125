package console

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
	"tongka/internal/store/storetest"
)

const seriesAt = "/console/m/1/series"

// countedUp is the form of a series whose numbers are counted up.
func countedUp(more ...string) []string {
	return append([]string{
		"count", "30", "level", "2", "numbers", "counted", "prefix", "88", "start", "5", "digits", "4", "check", "", "at", "11",
	}, more...)
}

// issue asks for a series, looks at it and confirms it, and returns the address and the page of its job.
func (b *tab) issue(form []string) (path, page string) {
	b.t.Helper()
	shown := b.post(seriesAt, form...)
	if shown.Code != http.StatusOK {
		b.t.Fatalf("what would be issued: %d %s", shown.Code, fault(shown.Body.String()))
	}
	return b.then(b.post(seriesAt, append(hidden(shown.Body.String()), "sure", "yes")...))
}

// A series is shown before it is issued. Its cards are opened by the person at the shop; numbers that cards have are
// told, and what is printed has all others.
func TestSeries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.do(command.Open{Merchant: 1, Card: command.NewCard{Number: "880006", Kind: ledger.StoredValue, Level: 1}})
	b := w.signedIn("cashier")
	shown := b.post(seriesAt, countedUp()...).Body.String()
	for _, want := range []string{
		"880005", "880034", "金卡", wIssueN.with(30).Zh, "人民路店", wHasNumber.Zh + "：1<", ">880006<",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("what would be issued lacks %q: %s", want, fault(shown))
		}
	}
	if w.card("880005") != nil {
		t.Fatal("a look has issued cards")
	}
	at, page := b.issue(countedUp())
	for _, want := range []string{wIssuedNow.Zh, ">29<", "880006", "files/" + codes.SeriesFile} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	c := w.card("880034")
	if c == nil || c.Kind != ledger.StoredValue || c.Level != 2 || c.OpenedShop != 11 || c.Details.Password != "" {
		t.Fatalf("issued %+v", c)
	}
	if e := w.newestOf("880034"); e.By.Person != 4 || e.By.Operator != "cashier" {
		t.Errorf("by %+v", e.By)
	}
	rows := w.printed(b.get(at + "/files/" + codes.SeriesFile).Body.Bytes())
	if len(rows) != 30 || rows[1][0] != "880005" || rows[29][0] != "880034" ||
		slices.ContainsFunc(rows, func(row []string) bool { return row[0] == "880006" }) {
		t.Errorf("printed %q", rows)
	}
	if e := w.ownNewest(1); e.Kind != ledger.DataExported || e.By.Person != 4 {
		t.Errorf("the file that was taken is not recorded: %+v", e)
	}
}

// printed returns the rows of a workbook.
func (w *world) printed(book []byte) (rows [][]string) {
	w.t.Helper()
	w.must(sheet.ReadXLSX(book, 1<<24, func(row []string) error {
		rows = append(rows, slices.Clone(row))
		return nil
	}))
	return rows
}

// ownNewest returns the newest entry of a merchant that is of no card.
func (w *world) ownNewest(m ledger.MerchantID) (newest ledger.Entry) {
	w.t.Helper()
	w.must(w.store.EachEntry(w.t.Context(), m, 0, func(e *ledger.Entry) error {
		if e.Card == 0 {
			newest = *e
		}
		return nil
	}))
	return newest
}

// Passwords are in the file and nowhere else in clear, only whoever asked gets it, and once.
func TestSeriesPasswords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, other := w.signedIn("cashier"), w.signedIn("admin")
	at, page := b.issue([]string{"count", "40", "level", "1", "numbers", "drawn", "prefix", "6", "passwords", "yes", "at", "11"})
	take := strings.Replace(at, "/jobs/", "/series/", 1) + "/file"
	if !strings.Contains(page, take) || strings.Contains(page, "files/") {
		t.Fatalf("the report: %s", page)
	}
	if page := other.get(at).Body.String(); strings.Contains(page, take) || !strings.Contains(page, wOnlyAsker.Zh) {
		t.Errorf("another person's report: %s", page)
	}
	if got := other.post(take); got.Code != http.StatusForbidden {
		t.Errorf("another person takes the file: %d", got.Code)
	}
	for _, name := range []string{codes.SeriesSealed, codes.SeriesSeed} {
		if got := b.get(at + "/files/" + name); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, got.Code)
		}
	}
	job := strings.TrimPrefix(at, "/console/m/1/jobs/")
	rec := b.post(take)
	rows := w.printed(rec.Body.Bytes())
	if len(rows) != 41 || rec.Header().Get("Content-Disposition") == "" {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows[1:] {
		c := w.card(row[0])
		if c == nil || !codes.Valid(row[0]) || row[0][0] != '6' || len(row[1]) != codes.PINDigits ||
			c.Details.Password != "kept/1/"+row[1] {
			t.Errorf("printed %q of %+v", row, c)
		}
	}
	if got := b.post(take); got.Code != http.StatusGone || !strings.Contains(got.Body.String(), wTakenOnce.Zh) {
		t.Errorf("taken again: %d", got.Code)
	}
	if page := b.get(at).Body.String(); strings.Contains(page, take) || !strings.Contains(page, wTakenOnce.Zh) {
		t.Errorf("the report afterwards: %s", page)
	}
	if left, err := w.store.JobFiles(t.Context(), 1, job); err != nil || len(left) > 0 {
		t.Errorf("left: %+v, %v", left, err)
	}
	if e := w.ownNewest(1); e.Kind != ledger.DataExported || e.By.Person != 4 || !strings.Contains(e.Note, "40") {
		t.Errorf("it is not recorded: %+v", e)
	}
}

// bothRead are jobs of which two servers have read a file before either goes on.
type bothRead struct {
	*storetest.MemStore
	read *sync.WaitGroup
}

func (j bothRead) JobFile(ctx context.Context, m ledger.MerchantID, job, name string) (ledger.JobFile, bool, error) {
	f, ok, err := j.MemStore.JobFile(ctx, m, job, name)
	if ok {
		j.read.Done()
		j.read.Wait()
	}
	return f, ok, err
}

// Of two servers that are asked for the passwords of a series at the same moment, one hands them out.
func TestSeriesPasswordsOfTwoServers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at, _ := w.signedIn("cashier").issue([]string{"count", "3", "level", "1", "numbers", "drawn", "passwords", "yes", "at", "11"})
	var read sync.WaitGroup
	read.Add(2)
	statuses := make(chan int, 2)
	for range 2 {
		cfg := w.console.cfg
		cfg.Jobs = bothRead{w.store, &read}
		server, err := New(cfg)
		w.must(err)
		mux := http.NewServeMux()
		server.Register(mux)
		b := w.signedIn("cashier")
		go func() {
			rec := httptest.NewRecorder()
			httpd.New(mux, httpd.Config{Logger: slog.New(slog.DiscardHandler)}).Handler().ServeHTTP(
				rec, b.request(http.MethodPost, strings.Replace(at, "/jobs/", "/series/", 1)+"/file", strings.NewReader("")))
			statuses <- rec.Code
		}()
	}
	got := []int{<-statuses, <-statuses}
	slices.Sort(got)
	if want := []int{http.StatusOK, http.StatusGone}; !slices.Equal(got, want) {
		t.Errorf("answered %d, want %d", got, want)
	}
}

// One that was cancelled tells of how many it was to be.
func TestSeriesCutShort(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.store.AddJob(t.Context(), ledger.Job{
		Merchant: 1, ID: "cut", Kind: codes.JobSeries, Person: 2, At: w.clock(), EndedAt: w.clock(), State: ledger.JobDone,
		Ask: `{"count":90}`, Result: `{"opened":49,"taken":["6001"]}`, Done: 50, Total: 90, Cancelled: true,
	}))
	if page := words(w.signedIn("admin").get("/console/m/1/jobs/cut").Body.String()); !strings.Contains(page, "49 / 90") {
		t.Errorf("the report: %s", page)
	}
}

// What cannot be issued is told beside its field, and nothing that was typed is lost.
func TestSeriesFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	for _, c := range []struct {
		change []string
		want   text
	}{
		{[]string{"count", "0"}, wBadCount}, {[]string{"count", "50001"}, wBadCount}, {[]string{"count", "x"}, wNoCount},
		{[]string{"prefix", "店"}, wBadPrefix}, {[]string{"prefix", "A", "check", "yes"}, wBadPrefix},
		{[]string{"prefix", "A", "numbers", "drawn"}, wBadPrefix},
		{[]string{"digits", ""}, wBadDigits}, {[]string{"digits", "39"}, wBadDigits}, {[]string{"start", "9999"}, wBadStart},
		{[]string{"prefix", "10", "digits", "16"}, wBadBarcode}, {[]string{"level", "77"}, wChoose},
	} {
		form := countedUp()
		for i := 0; i < len(c.change); i += 2 {
			form[slices.Index(form, c.change[i])+1] = c.change[i+1]
		}
		got := b.post(seriesAt, form...)
		page := got.Body.String()
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(page, c.want.Zh) {
			t.Errorf("%s: %d %s", c.change, got.Code, fault(page))
		}
		if !strings.Contains(page, `value="`+form[slices.Index(form, "start")+1]+`"`) {
			t.Errorf("%s: what was typed is lost", c.change)
		}
	}
	edit := b.post(seriesAt, countedUp("sure", "edit")...)
	if page := edit.Body.String(); !strings.Contains(page, `value="88"`) || !strings.Contains(page, `value="30"`) {
		t.Error("to change it loses what was typed")
	}
	if got := b.post(seriesAt, countedUp("sure", "yes")...); got.Code != http.StatusNotFound {
		t.Errorf("without a look: %d", got.Code)
	}
	if got := b.post(seriesAt, countedUp("at", "21")[2:]...); got.Code == http.StatusSeeOther {
		t.Error("begun at a shop of another merchant")
	}
}
