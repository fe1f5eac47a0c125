package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"tongka/internal/cardfile"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

// An import goes four steps, each with an address of its own: the file, what its columns are, the trial, and the import
// itself. What was found in each stands in the row of its job, so a reload loses nothing.

// importRoutes are of those who bring cards from another system.
var importRoutes = []route{
	{"GET /console/m/{merchant}/import", "import", inside, cardfile.MayImport, (*call).showImport},
	{"POST /console/m/{merchant}/import", "import", inside, cardfile.MayImport, (*call).upload},
	{"GET /console/m/{merchant}/import/template.xlsx", "import", inside, cardfile.MayImport, (*call).importTemplate},
	{"GET /console/m/{merchant}/import/{look}", "columns", inside, cardfile.MayImport, (*call).showColumns},
	{"POST /console/m/{merchant}/import/{look}", "columns", inside, cardfile.MayImport, (*call).tryImport},
	{"POST /console/m/{merchant}/import/{check}/confirm", "import", inside, cardfile.MayImport, (*call).confirmImport},
}

// mendFiles are the files with the rows that were refused.
var mendFiles = map[string]text{
	cardfile.Told + "." + string(sheet.CSV): wMendFile, cardfile.Told + "." + string(sheet.XLSX): wMendFile,
}

// encodings are those that somebody may say a file is in.
var encodings = []cardfile.Encoding{cardfile.UTF8, cardfile.GB18030, cardfile.Big5, cardfile.UTF16}

// importView is the form for a file.
type importView struct {
	view
	encoding cardfile.Encoding
	places   []place // where its cards may be opened
	shop     ledger.ShopID
	noShop   text // what is wrong with the shop
	said     text // what is wrong with the file
}

func (c *call) importView() (importView, error) {
	v := importView{view: c.view(wImport), places: c.placesFor(cardfile.MayImport)}
	var err error
	v.shop, err = c.usual(v.places)
	return v, err
}

func (c *call) showImport() error {
	v, err := c.importView()
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, importPage(v))
}

// upload takes a file, and says at which shop its cards are opened, and has its columns looked at.
func (c *call) upload() error {
	v, err := c.importView()
	if err != nil {
		return err
	}
	got, err := c.receive()
	v.encoding = cardfile.Encoding(got.form.Get("encoding"))
	if fault, known := uploadFaults[err]; known {
		v.said = fault.said
		return c.show(fault.status, importPage(v))
	}
	if err != nil {
		return err
	}
	if len(got.content) == 0 {
		v.said = wFileEmpty
		return c.show(http.StatusUnprocessableEntity, importPage(v))
	}
	if !slices.Contains(encodings, v.encoding) {
		v.encoding = ""
	}
	if v.shop, v.noShop, err = c.chosenPlace(got.form.Get(whereField), cardfile.MayImport); err != nil {
		return err
	}
	if v.noShop != (text{}) {
		return c.show(http.StatusUnprocessableEntity, importPage(v))
	}
	plan := cardfile.Plan{
		Name: got.name, Encoding: v.encoding, Shop: v.shop, Operator: c.by().Operator,
		English: c.lang == lang(ledger.English),
	}
	file := ledger.JobFile{Name: cardfile.Uploaded, Content: got.content}
	return c.beginForm(cardfile.JobLook, got.form.Get("request"), plan, file)
}

// importTemplate sends a workbook that has nothing but the names of columns.
func (c *call) importTemplate() error {
	var header []string
	for _, m := range []string{
		"number", "name", "phone", "level", "principal", "bonus", "points", "expires",
		"birthday", "gender", "status", "remarks", "owes", "coupon", "coupon_until",
	} {
		header = append(header, c.lang.of(templateWords[m]))
	}
	c.attach("cards.xlsx", sheet.XLSX.ContentType())
	w, err := sheet.New(c.w, sheet.XLSX, c.lang.of(wCards), header)
	if err != nil {
		return err
	}
	return w.Close()
}

// columnsView is what the columns of a file are taken for.
type columnsView struct {
	view
	job     ledger.Job
	plan    cardfile.Plan
	seen    cardfile.Seen
	chosen  []string // by column
	level   ledger.LevelID
	zeros   bool
	faults  map[int]text // by column
	noLevel bool
	request string
}

// newColumnsView returns what a look at a file has found.
func newColumnsView(v view, j ledger.Job) (columnsView, error) {
	c := columnsView{view: v, job: j, faults: map[int]text{}, request: drawn()}
	if err := json.Unmarshal([]byte(j.Ask), &c.plan); err != nil {
		return c, err
	}
	if err := json.Unmarshal([]byte(j.Result), &c.seen); err != nil {
		return c, err
	}
	for _, column := range c.seen.Columns {
		c.chosen = append(c.chosen, column.Meaning)
	}
	if !slices.Contains(c.chosen, "level") && len(v.merchant.Levels) > 0 { // without one, no card could be opened
		c.level = v.merchant.Levels[0].ID
	}
	return c, nil
}

// columnsResult is what a look at a file shows when it is done.
func columnsResult(v jobView) templ.Component {
	c, err := newColumnsView(v.view, v.Job)
	if err != nil {
		return templ.Raw("") // no program of ours wrote it
	}
	return columnsForm(c)
}

// jobDone returns a job of a kind that is done.
func (c *call) jobDone(id, kind string) (j ledger.Job, err error) {
	j, ok, err := c.cfg.Jobs.Job(c.r.Context(), c.merchant.ID, id)
	if err == nil && (!ok || j.Kind != kind || j.State != ledger.JobDone) {
		err = errNowhere
	}
	return j, err
}

func (c *call) columnsHere() (v columnsView, err error) {
	j, err := c.jobDone(c.r.PathValue("look"), cardfile.JobLook)
	if err != nil {
		return v, err
	}
	return newColumnsView(c.view(wImportLook), j)
}

func (c *call) showColumns() error {
	v, err := c.columnsHere()
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, columnsPage(v))
}

// tryImport reads what the columns are, and begins the trial.
func (c *call) tryImport() error {
	v, err := c.columnsHere()
	if err != nil {
		return err
	}
	if !c.person.May(cardfile.MayImport, c.merchant.ID, v.plan.Shop) {
		return errNotYours
	}
	c.readColumns(&v)
	if len(v.faults) > 0 || v.noLevel || v.fault != "" {
		return c.show(http.StatusUnprocessableEntity, columnsPage(v))
	}
	file, ok, err := c.cfg.Jobs.JobFile(c.r.Context(), c.merchant.ID, v.job.ID, cardfile.Uploaded)
	if err != nil || !ok {
		return cmp.Or(err, errNowhere)
	}
	plan := v.plan
	plan.Columns, plan.Level, plan.OwnZeros, plan.Behind = v.chosen, v.level, v.zeros, v.job.ID
	plan.Operator, plan.English = c.by().Operator, c.lang == lang(ledger.English)
	return c.beginForm(cardfile.JobCheck, c.r.PostFormValue("request"), plan, file)
}

// readColumns reads what somebody said of the columns.
func (c *call) readColumns(v *columnsView) {
	for i := range v.chosen {
		v.chosen[i] = c.r.PostFormValue("column" + strconv.Itoa(i))
		if v.chosen[i] != "" && !slices.Contains(cardfile.Meanings, v.chosen[i]) {
			v.faults[i] = wChoose
		}
	}
	level, err := strconv.ParseInt(c.r.PostFormValue("level"), 10, 64)
	if v.level = 0; err == nil {
		v.level = ledger.LevelID(level)
	}
	if _, known := c.merchant.Level(v.level); v.level != 0 && !known {
		v.noLevel = true
	}
	v.zeros = c.r.PostFormValue("zeros") == "yes"
	switch fault := cardfile.CheckMeanings(v.chosen, v.level != 0); {
	case fault.Twice > 0:
		v.faults[fault.Twice-1] = wTwice
	case fault.Missing == "number":
		v.fault = c.lang.of(wNoNumber)
	case fault.Missing == "name":
		v.fault = c.lang.of(wNoNameAt)
	case fault.Missing == "coupon":
		v.fault = c.lang.of(wNoCouponsAt)
	case fault.Missing == "level":
		v.noLevel = true
	}
}

// outcomeView is what a trial would do, or an import has done.
type outcomeView struct {
	view
	job     ledger.Job
	plan    cardfile.Plan
	out     cardfile.Outcome
	request string
	file    bool // the file is still there: an import that was taken back is not begun again by its trial
}

func newOutcomeView(v view, j ledger.Job) (outcomeView, error) {
	o := outcomeView{view: v, job: j, request: drawn()}
	if err := json.Unmarshal([]byte(j.Ask), &o.plan); err != nil {
		return o, err
	}
	return o, json.Unmarshal([]byte(j.Result), &o.out)
}

// trial reports whether no card was opened yet.
func (v *outcomeView) trial() bool { return v.job.Kind == cardfile.JobCheck }

// waits reports whether the import takes another person than the one who tried it, and is looked at: no agent is one.
func (v *outcomeView) waits() bool {
	two := ledger.Caller{Person: v.person.ID, Proposer: v.job.Person}
	return !two.Two() && v.out.TakesTwo(&v.merchant.Settings)
}

// outcomeTaken records that rows of a file go out again, with the reasons why they were refused.
func (c *call) outcomeTaken(j *ledger.Job, file string) error {
	var out cardfile.Outcome
	if err := json.Unmarshal([]byte(j.Result), &out); err != nil {
		return err
	}
	return c.recordTaken(ledger.MayOpen, file, out.InFile(j.Kind))
}

// outcomeResult is what a trial or an import shows when it is done.
func outcomeResult(v jobView) templ.Component {
	o, err := newOutcomeView(v.view, v.Job)
	if err != nil {
		return templ.Raw("") // no program of ours wrote it
	}
	o.file = v.has(cardfile.Uploaded)
	return importOutcome(o)
}

// confirmImport begins the import that was tried, at the shop that was chosen for it.
func (c *call) confirmImport() error {
	j, err := c.jobDone(c.r.PathValue("check"), cardfile.JobCheck)
	if err != nil {
		return err
	}
	v, err := newOutcomeView(c.view(wImport), j)
	if err != nil || v.out.Opened == 0 {
		return cmp.Or(err, errNowhere)
	}
	if !c.person.May(cardfile.MayImport, c.merchant.ID, v.plan.Shop) {
		return errNotYours
	}
	if v.waits() {
		c.note().Outcome = "refused"
		c.say(http.StatusForbidden, wImport, wOtherConfirms)
		return nil
	}
	file, ok, err := c.cfg.Jobs.JobFile(c.r.Context(), c.merchant.ID, j.ID, cardfile.Uploaded)
	if err != nil || !ok {
		return cmp.Or(err, errNowhere)
	}
	plan := v.plan
	plan.Behind, plan.Operator = j.ID, c.by().Operator
	if j.Person != c.person.ID {
		plan.Proposer = j.Person
	}
	return c.beginForm(cardfile.JobImport, c.r.PostFormValue("request"), plan, file)
}

// confirmAmong is how many of the newest trials and imports are looked through for those that wait.
const confirmAmong = 50

// importsToConfirm are notices of the trials that wait for the person: what they would bring takes another one than who
// made them. They are told of for as long as a proposal is good.
func (c *call) importsToConfirm(ctx context.Context, v view) (all []notice, err error) {
	if c.merchant.Settings.SecondPerson == 0 {
		return nil, nil
	}
	newest := func(kind string) []ledger.Job {
		found, listErr := c.cfg.Jobs.Jobs(ctx, ledger.JobQuery{Merchant: c.merchant.ID, Kind: kind, Limit: confirmAmong})
		err = errors.Join(err, listErr)
		return found
	}
	begun := map[string]bool{}
	for _, j := range newest(cardfile.JobImport) {
		var plan cardfile.Plan
		if json.Unmarshal([]byte(j.Ask), &plan) == nil {
			begun[plan.Behind] = true
		}
	}
	for _, j := range newest(cardfile.JobCheck) {
		if j.State != ledger.JobDone || begun[j.ID] || c.cfg.Clock().Sub(j.EndedAt) > ledger.ProposalGood {
			continue
		}
		o, bad := newOutcomeView(v, j)
		two := ledger.Caller{Person: c.person.ID, Proposer: j.Person}
		if bad == nil && o.out.Opened > 0 && two.Two() && o.out.TakesTwo(&c.merchant.Settings) &&
			c.person.May(cardfile.MayImport, c.merchant.ID, o.plan.Shop) {
			all = append(all, notice{said: v.lang.of(wImportWaits) + o.plan.Name, url: v.at(jobPath(&j))})
		}
	}
	return all, err
}

// why returns a reason in the language of the screen.
func (v view) why(r cardfile.Reason) string { return v.lang.of(text{r.Chinese, r.English}) }

// meaning returns what a column is.
func (v view) meaning(name string) string { return v.lang.of(meaningWords[name]) }

// drawn returns a name under which a form that is sent twice is one.
func drawn() string { return rand.Text() }
