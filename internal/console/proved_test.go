package console

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// proof adds a proof of the books that has ended, so long ago.
func (w *world) proof(merchant ledger.MerchantID, id string, ago time.Duration, p Proof) {
	w.t.Helper()
	result, err := json.Marshal(p)
	w.must(err)
	at := w.clock().Add(-ago)
	w.must(w.store.AddJob(w.t.Context(), ledger.Job{
		Merchant: merchant, ID: id, Kind: ProofKind, Ask: "{}", Person: 2, At: at, State: ledger.JobDone, EndedAt: at,
		Result: string(result),
	}))
}

// someProof is what a proof may have found; broken is how many violations.
func someProof(broken int64) Proof {
	p := Proof{Cards: 2, Entries: 9, Principal: 500_00, Checks: []ProofCheck{
		{Check: 3, Invariant: 3, Name: "cards and lots are the fold of their entries", Rows: 9, State: ProofHolds},
		{Check: 62, Invariant: 62, Name: "two people", State: ProofNothing},
	}}
	if broken > 0 {
		p.Checks[0].State, p.Checks[0].Violations = ProofBroken, broken
		p.Checks[0].Examples = []string{"card 1: <script>alert(1)</script> is wrong"}
	}
	return p
}

// A proof is begun by a button and is a job; one that is under way is gone on with.
func TestBooksAreProved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("auditor")
	got := b.post("/console/m/1/books")
	job := got.Header().Get("Location")
	if got.Code != http.StatusSeeOther || !strings.HasPrefix(job, "/console/m/1/jobs/") {
		t.Fatalf("begun: %d %s", got.Code, job)
	}
	w.wait(60)
	if again := w.signedIn("admin").post("/console/m/1/books").Header().Get("Location"); again != job {
		t.Errorf("another one is begun beside it: %s", again)
	}
	j, ok, err := w.store.Job(t.Context(), 1, strings.TrimPrefix(job, "/console/m/1/jobs/"))
	if err != nil || !ok || j.Kind != ProofKind || j.Person != 5 {
		t.Errorf("the job is %+v, %v", j, err)
	}
	if page := b.get(job); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), wProof.Zh) {
		t.Errorf("its page: %d", page.Code)
	}
	if page := w.signedIn("manager").get(job); page.Code != http.StatusNotFound {
		t.Errorf("whoever sees one shop sees the proof of all: %d", page.Code)
	}
}

// A proof of all books says that it counts the entries of merchants, and that its checks look at the host's as well.
func TestWhatAProofCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.proof(ledger.HostID, "all", time.Minute, someProof(0))
	page := words(w.signedIn("owner").get("/console/host/jobs/all").Body.String())
	for _, want := range []string{wProofOfAll.Zh + " 9", wProofHostToo.Zh, wProofRules.Zh, "规则 62 "} {
		if !strings.Contains(page, want) {
			t.Errorf("it does not say %q: %s", want, page)
		}
	}
}

// What was found is shown rule by rule in the language of who looks, a fault with the card it is at.
func TestWhatAProofFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.proof(1, "good", time.Hour, someProof(0))
	w.proof(1, "bad", time.Minute, someProof(1))
	w.proof(1, "empty", 2*time.Hour, Proof{Empty: true})
	b := w.signedIn("auditor")
	list := words(b.get("/console/m/1/books").Body.String())
	for _, want := range []string{wProofBrokenOne.Zh, "1 条规则通过", wProofEmpty.Zh, "管理员"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q: %s", want, list)
		}
	}
	page := b.get("/console/m/1/jobs/bad").Body.String()
	for _, want := range []string{"03", "卡和批次等于流水的累计", "不成立", "没有可查的", "card 1: &lt;script&gt;", "/console/m/1/cards/1", "¥500.00"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, words(page))
		}
	}
	b.language = "en"
	page = words(b.get("/console/m/1/jobs/good").Body.String())
	if !strings.Contains(page, "cards and lots are the fold of their entries") || !strings.Contains(page, "The books hold: 1 rules were checked") {
		t.Errorf("in English: %s", page)
	}
}

// Today tells that books do not hold, and that nobody has proved them for a day; a proof of all books is one.
func TestAttentionToTheBooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	w.fold()
	today := func() string { return w.signedIn("admin").get("/console/m/1/").Body.String() }
	if page := today(); !strings.Contains(page, wNotProvedYet.Zh) || !strings.Contains(page, "/console/m/1/books") {
		t.Errorf("never proved: %s", words(page))
	}
	w.proof(ledger.HostID, "all", time.Hour, someProof(3))
	if page := today(); strings.Contains(page, wBooksUnproved.Zh) || strings.Contains(page, wBooksBroken.Zh) {
		t.Errorf("all were proved, and elsewhere something is wrong: %s", words(page))
	}
	w.wait(24 * 60 * 60)
	if page := today(); !strings.Contains(page, wBooksUnproved.Zh) {
		t.Errorf("a day later: %s", words(page))
	}
	w.proof(1, "own", time.Minute, someProof(2))
	if page := today(); !strings.Contains(page, wBooksBroken.Zh) || !strings.Contains(page, "jobs/own") {
		t.Errorf("broken: %s", words(page))
	}
	w.proof(1, "again", 0, someProof(0))
	if page := today(); strings.Contains(page, wBooksBroken.Zh) || strings.Contains(page, wBooksUnproved.Zh) {
		t.Errorf("mended: %s", words(page))
	}
}
