package console

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// provedRoutes are of the proof of the books: a merchant's alone for those who see the reports of all its shops, and
// all of them for the host.
var provedRoutes = []route{
	{"GET /console/m/{merchant}/books", "books", inside, ledger.MayReports, (*call).showBooks},
	{"POST /console/m/{merchant}/books", "books", inside, ledger.MayReports, (*call).proveBooks},
	{"GET /console/host/books", "books", atHost, ledger.MaySettings | ledger.MayReports, (*call).showBooks},
	{"POST /console/host/books", "books", atHost, ledger.MaySettings | ledger.MayReports, (*call).proveBooks},
}

// ProofKind is the kind of the jobs that prove the books of a merchant, or with the host's id those of all.
const ProofKind = "verify"

const (
	// provedLately is how many of the newest proofs are looked at.
	provedLately = 10
	// provedWithin is how old the newest proof may be.
	provedWithin = 24 * time.Hour
)

// Proof is what was found when books were proved, and the result of a job of ProofKind. The console does not know how
// they are proved.
type Proof struct {
	Checks    []ProofCheck `json:"checks"` // in the order in which they are shown
	Empty     bool         `json:"empty"`  // there was not a single entry, so nothing is proved
	Cards     int64        `json:"cards"`
	Entries   int64        `json:"entries"`
	Principal ledger.Fen   `json:"principal"` // on all cards
	Bonus     ledger.Fen   `json:"bonus"`
	Points    int64        `json:"points"`
}

// ProofCheck is one check of a proof.
type ProofCheck struct {
	Check      int        `json:"check"` // by which phrase.Checks knows it
	Invariant  int        `json:"invariant"`
	Name       string     `json:"name"` // in English
	Rows       int64      `json:"rows"`
	Violations int64      `json:"violations"`
	Unknown    int64      `json:"unknown"` // rows that do not tell enough
	State      ProofState `json:"state"`
	Examples   []string   `json:"examples,omitempty"` // of violations, in English, without holders' data
}

// ProofState is what a check has come to.
type ProofState string

// What checks come to. One that had nothing to look at proves nothing.
const (
	ProofHolds   ProofState = "holds"
	ProofBroken  ProofState = "broken"
	ProofNothing ProofState = "nothing to check"
	ProofUnknown ProofState = "not known"
)

// provedResult shows what a job has found.
func provedResult(v jobView) templ.Component {
	p, ok := proofOf(&v.Job)
	if !ok {
		return templ.NopComponent
	}
	return proofTable(proofView{v.view, p})
}

// proofOf returns what a job has found; ok is false if it has not ended well.
func proofOf(j *ledger.Job) (p Proof, ok bool) {
	if j.Kind != ProofKind || j.State != ledger.JobDone {
		return p, false
	}
	return p, json.Unmarshal([]byte(j.Result), &p) == nil
}

// count returns how many checks have come to a state.
func (p *Proof) count(state ProofState) (n int) {
	for i := range p.Checks {
		if p.Checks[i].State == state {
			n++
		}
	}
	return n
}

// proofView is what was found, as a page shows it.
type proofView struct {
	view
	Proof
}

// verdict says in one line what was found, and whether it is good.
func (v view) verdict(p *Proof) (said string, good bool) {
	switch broken := p.count(ProofBroken); {
	case p.Empty:
		return v.lang.of(wProofEmpty), false
	case broken > 0:
		return v.count(broken, wProofBrokenOne, wProofBroken), false
	}
	return v.lang.of(wProofHolds.with(p.count(ProofHolds))), true
}

// checkName returns what a check is called.
func (v view) checkName(c *ProofCheck) string {
	return v.lang.of(text{phrase.Checks[c.Check], c.Name})
}

// proofStates are what states are called, and the badges that say so.
var proofStates = map[ProofState]struct {
	said  text
	class string
}{
	ProofHolds:   {text{"成立", "Holds"}, "bg-green-lt"},
	ProofBroken:  {text{"不成立", "Broken"}, "bg-red-lt"},
	ProofNothing: {text{"没有可查的", "Nothing to check"}, "bg-secondary-lt"},
	ProofUnknown: {text{"无法判断", "Not known"}, "bg-secondary-lt"},
}

// cardNamed matches where an example names a card by its id.
var cardNamed = regexp.MustCompile(`\bcard (\d+)\b`)

// cardsIn returns the cards that an example names, for those who may look at them.
func (v view) cardsIn(example string) (all []ledger.CardID) {
	if v.merchant == nil || v.person.AllowedSomewhere(v.merchant.ID)&ledger.MayRead == 0 {
		return nil
	}
	for _, m := range cardNamed.FindAllStringSubmatch(example, -1) {
		if id, err := strconv.ParseInt(m[1], 10, 64); err == nil && id > 0 {
			all = append(all, ledger.CardID(id))
		}
	}
	return all
}

// booksView is the page of the proofs of a merchant, or of the host.
type booksView struct {
	view
	proofs []provedLine
	copies backupsView // of the host's
}

// provedLine is a proof that was asked for.
type provedLine struct {
	jobView
	verdict string // of one that has ended well
	good    bool
}

func (c *call) showBooks() error {
	if !c.person.May(ledger.MayReports, c.at(), 0) {
		return errNotYours
	}
	v := booksView{view: c.view(wBooks)}
	jobs, err := proofs(c.r.Context(), c.cfg.Jobs, c.at())
	if err != nil {
		return err
	}
	for i := range jobs {
		line := provedLine{jobView: jobView{
			view: v.view, Job: jobs[i], kind: jobKinds[ProofKind], who: c.askedBy(&jobs[i]),
		}}
		if p, ok := proofOf(&jobs[i]); ok {
			line.verdict, line.good = v.verdict(&p)
		}
		v.proofs = append(v.proofs, line)
	}
	if c.merchant == nil {
		if v.copies, err = c.backups(v.view); err != nil {
			return err
		}
	}
	return c.show(http.StatusOK, booksPage(v))
}

// proofs returns the newest proofs of a merchant, or of the host.
func proofs(ctx context.Context, in jobLister, merchant ledger.MerchantID) ([]ledger.Job, error) {
	return in.Jobs(ctx, ledger.JobQuery{Merchant: merchant, Kind: ProofKind, Limit: provedLately})
}

// ProvedAt returns when the last of the newest proofs of a merchant, or of the host, came to its end; the zero time if
// none did.
func ProvedAt(ctx context.Context, in jobLister, merchant ledger.MerchantID) (at time.Time, err error) {
	found, err := proofs(ctx, in, merchant)
	for i := range found {
		if j := &found[i]; j.State == ledger.JobDone && j.EndedAt.After(at) {
			at = j.EndedAt
		}
	}
	return at, err
}

// proveBooks asks for a proof, or leads to the one that is under way.
func (c *call) proveBooks() error {
	if !c.person.May(ledger.MayReports, c.at(), 0) {
		return errNotYours
	}
	return c.beginOnce(ProofKind)
}

// provedNotice says that the books do not hold, or that nobody has proved them for long. Whoever proves all books has
// proved the merchant's too, but what is wrong in them is told by a proof of the merchant's own.
func (c *call) provedNotice(ctx context.Context, books DayBooks, v view) (all []notice, err error) {
	own, err := proofs(ctx, books, c.merchant.ID)
	if err != nil {
		return nil, err
	}
	latest := time.Time{}
	for i := range own {
		p, ok := proofOf(&own[i])
		if !ok {
			continue
		}
		if latest = own[i].EndedAt; p.count(ProofBroken) > 0 {
			return []notice{{said: v.lang.of(wBooksBroken), bad: true, url: v.at(jobPath(&own[i]))}}, nil
		}
		break
	}
	ofAll, err := ProvedAt(ctx, books, ledger.HostID)
	if ofAll.After(latest) {
		latest = ofAll
	}
	if err == nil && c.cfg.Clock().Sub(latest) > provedWithin {
		said := wBooksUnproved
		if latest.IsZero() { // perhaps they were begun minutes ago
			said = wNotProvedYet
		}
		all = append(all, notice{said: v.lang.of(said), url: v.at("books")})
	}
	return all, err
}
