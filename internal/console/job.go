package console

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tongka/internal/auth"
	"tongka/internal/cardfile"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// What takes longer than a page may is a job: a row that says what is to be done and how far it is. Its page can be
// left and come back to, and shows the same after a restart of the server.

// Jobs are kept by internal/store. internal/job works on them.
type Jobs interface {
	jobLister
	AddJob(ctx context.Context, j ledger.Job, files ...ledger.JobFile) error
	CancelJob(ctx context.Context, merchant ledger.MerchantID, id string, at time.Time) error
	DropJobFiles(ctx context.Context, j ledger.Job, names ...string) error
	Job(ctx context.Context, merchant ledger.MerchantID, id string) (ledger.Job, bool, error)
	JobFile(ctx context.Context, merchant ledger.MerchantID, job, name string) (ledger.JobFile, bool, error)
	JobFiles(ctx context.Context, merchant ledger.MerchantID, job string) ([]ledger.JobFile, error)
}

// jobLister lists jobs.
type jobLister interface {
	Jobs(ctx context.Context, q ledger.JobQuery) ([]ledger.Job, error)
}

// jobRoutes are for those who ask for jobs. A kind of job says itself what it takes.
var jobRoutes = []route{
	{"GET /console/m/{merchant}/jobs", "jobs", inside, 0, (*call).showJobs},
	{"GET /console/m/{merchant}/jobs/{job}", "job", inside, 0, (*call).showJob},
	{"POST /console/m/{merchant}/jobs/{job}/cancel", "job", inside, 0, (*call).cancelJob},
	{"GET /console/m/{merchant}/jobs/{job}/files/{name}", "job file", inside, 0, (*call).sendJobFile},

	{"GET /console/host/jobs", "jobs", atHost, ledger.MaySettings, (*call).showJobs},
	{"GET /console/host/jobs/{job}", "job", atHost, ledger.MaySettings, (*call).showJob},
	{"POST /console/host/jobs/{job}/cancel", "job", atHost, ledger.MaySettings, (*call).cancelJob},
	{"GET /console/host/jobs/{job}/files/{name}", "job file", atHost, ledger.MaySettings, (*call).sendJobFile},
}

// jobsShown is the number of jobs on a page.
const jobsShown = 50

// jobKind is what the console knows of jobs of one kind.
type jobKind struct {
	title  text
	needs  ledger.Permission                            // to ask for one, and to see what became of it
	whole  bool                                         // it takes that for all shops
	files  map[string]text                              // what it leaves for people to take, by name
	own    bool                                         // they are for whoever asked for it
	result func(v jobView) templ.Component              // what its page shows when it is done; nil = nothing
	taken  func(c *call, j *ledger.Job, f string) error // called before a file is sent; nil = nothing is to be done
}

// jobKinds are the kinds of jobs, by the name in their rows.
var jobKinds = map[string]*jobKind{
	cardfile.JobLook: {title: wImportLook, needs: cardfile.MayImport, result: columnsResult},
	cardfile.JobCheck: {
		title: wImportCheck, needs: cardfile.MayImport, result: outcomeResult, files: mendFiles, taken: (*call).outcomeTaken,
	},
	cardfile.JobImport: {
		title: wImport, needs: cardfile.MayImport, result: outcomeResult, files: mendFiles, taken: (*call).outcomeTaken,
	},

	cardfile.JobUndoCheck: {title: wUndoCheck, needs: cardfile.MayUndo, result: undoResult, files: leftFiles},
	cardfile.JobUndo:      {title: wBackTitle, needs: cardfile.MayUndo, result: undoResult, files: leftFiles},

	codes.JobSeries:    seriesJob,
	cardfile.JobExport: exportJob,
	BackupKind:         {title: wBackup, needs: ledger.MayExport, whole: true},
	ProofKind:          {title: wProof, needs: ledger.MayReports, whole: true, result: provedResult},
}

// MayHaveDone reports whether whoever asked for a job may, on a day of UTC, have it done. Those of nobody are the
// program's own.
func MayHaveDone(j *ledger.Job, who *auth.Directory, today ledger.Date) bool {
	k := jobKinds[j.Kind]
	if k == nil || j.Person == 0 && j.Agent == 0 {
		return true
	}
	if j.Agent != 0 {
		a := who.AgentByID(j.Agent)
		return a != nil && !a.Stopped && !a.Over(today) && a.May(k.needs, j.Merchant) && a.ActsAt(j.Shop)
	}
	p := who.Person(j.Person)
	return p != nil && !p.Stopped && !p.Over(today) && p.AllowedSomewhere(j.Merchant)&k.needs == k.needs
}

// seesJob reports whether jobs of a kind are any of the person's business.
func (c *call) seesJob(k *jobKind) bool {
	if k == nil {
		return false
	}
	if c.merchant == nil {
		return c.person.May(k.needs, ledger.HostID, 0)
	}
	if k.whole {
		return c.person.May(k.needs, c.merchant.ID, 0)
	}
	return c.person.AllowedSomewhere(c.merchant.ID)&k.needs == k.needs
}

// begin asks for a job and leads to its page. request was drawn for the form: one that is sent twice is one job.
func (c *call) begin(kind, request string, ask any, files ...ledger.JobFile) error {
	asked, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	now := c.cfg.Clock()
	j := ledger.Job{
		Merchant: c.at(), ID: c.onceID(kind, request), Kind: kind, Ask: string(asked),
		Person: c.person.ID, At: now, State: ledger.JobWaits, Until: now,
	}
	if err := c.cfg.Jobs.AddJob(c.r.Context(), j, files...); err != nil {
		return err
	}
	c.note().Outcome = "begun"
	return c.to(c.view(wJobs).at(jobPath(&j)))
}

// beginForm asks for the job of a form.
func (c *call) beginForm(kind, request string, ask any, files ...ledger.JobFile) error {
	request, err := formRequest(request, ask, files...)
	if err != nil {
		return err
	}
	return c.begin(kind, request, ask, files...)
}

// takeFiles removes files of a job that has ended, the first of which is there, and reports whether it was this request
// that did: of several, at whatever servers, one has them.
func (c *call) takeFiles(j *ledger.Job, names ...string) (took bool, err error) {
	err = c.cfg.Jobs.DropJobFiles(c.r.Context(), *j, names...)
	if !errors.Is(err, command.ErrStale) {
		return err == nil, err
	}
	// A database that was busy for long says the same as one in which somebody else was first.
	_, there, readErr := c.cfg.Jobs.JobFile(c.r.Context(), j.Merchant, j.ID, names[0])
	if there || readErr != nil {
		return false, cmp.Or(readErr, err)
	}
	return false, nil
}

// formRequest returns the request that a form stands for. A form with another file or other fields is another one,
// though it has the request of one before: somebody went back in the browser.
func formRequest(request string, ask any, files ...ledger.JobFile) (string, error) {
	asked, err := json.Marshal(ask)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		sum := sha256.Sum256(f.Content)
		asked = append(asked, sum[:]...)
	}
	of := sha256.Sum256(asked)
	if request == "" { // no page of ours has made the form
		request = drawn()
	}
	return request + "\n" + string(of[:]), nil
}

// beginOnce asks for a job of a kind of which there is one at a time, or leads to the one that is under way.
func (c *call) beginOnce(kind string) error {
	under, err := UnderWay(c.r.Context(), c.cfg.Jobs, c.at(), kind)
	if err != nil {
		return err
	}
	if under != nil {
		return c.to(c.view(wJobs).at(jobPath(under)))
	}
	return c.begin(kind, c.cfg.Clock().Format(time.RFC3339), struct{}{})
}

// underWayAmong is how many of the newest jobs of a kind are looked through for one that has not ended: where there is
// one at a time, it is the newest.
const underWayAmong = 5

// UnderWay returns a merchant's job of a kind that has not ended; nil if there is none.
func UnderWay(ctx context.Context, in jobLister, merchant ledger.MerchantID, kind string) (*ledger.Job, error) {
	found, err := in.Jobs(ctx, ledger.JobQuery{Merchant: merchant, Kind: kind, Limit: underWayAmong})
	i := slices.IndexFunc(found, func(j ledger.Job) bool { return !j.Ended() })
	if err != nil || i < 0 {
		return nil, err
	}
	return &found[i], nil
}

// onceID returns the id of what the person asks for by these texts: who asks for the same twice asks for one.
func (c *call) onceID(parts ...string) string {
	id := sha256.Sum256([]byte(strconv.FormatInt(int64(c.person.ID), 10) + "\n" + strings.Join(parts, "\n")))
	return base64.RawURLEncoding.EncodeToString(id[:15])
}

// jobPath returns the address of a job's page within its merchant's.
func jobPath(j *ledger.Job) string { return "jobs/" + j.ID }

// jobView is a job as its page shows it.
type jobView struct {
	view
	ledger.Job
	kind  *jobKind
	who   string
	files []jobFile
	kept  []string // the names of all files that are kept with it
	back  string   // the address of the job that took it back; "" = none did
	left  bool     // that job left cards, which may be taken back later
}

// about returns what the job was asked for with, as far as that has a name, and how far it came: what tells it from
// others of its kind.
func (v jobView) about() string {
	var asked struct {
		Name string `json:"name"`
	}
	if json.Unmarshal([]byte(v.Ask), &asked) != nil || asked.Name == "" {
		return ""
	}
	if v.Done > 0 {
		return asked.Name + " · " + phrase.Count(v.Done)
	}
	return asked.Name
}

// has reports whether a file is kept with the job.
func (v jobView) has(name string) bool { return slices.Contains(v.kept, name) }

// shows reports whether the job has a result that its kind shows: also of one that failed, where that says why.
func (v jobView) shows() bool {
	said := v.State == ledger.JobFailed && strings.HasPrefix(v.Result, "{")
	return v.kind.result != nil && (v.State == ledger.JobDone || said)
}

// jobFile is a file that a job has left.
type jobFile struct {
	name text
	url  string
}

// came returns how far a job came that did not come to its end; "" if it did, or did nothing.
func (v jobView) came() string {
	switch {
	case !v.Ended(), v.State == ledger.JobDone, v.Done == 0:
		return ""
	case v.Total == 0:
		return phrase.Count(v.Done)
	}
	return phrase.Count(v.Done) + " / " + phrase.Count(v.Total)
}

// jobsView is a list of jobs.
type jobsView struct {
	view
	all   []jobView
	older string // the address of the next page; "" = there is none
}

func (c *call) showJobs() error {
	v := jobsView{view: c.view(wJobs)}
	q := ledger.JobQuery{Merchant: c.at(), Limit: jobsShown}
	if ms, err := strconv.ParseInt(c.r.URL.Query().Get("at"), 10, 64); err == nil {
		q.At, q.ID = time.UnixMilli(ms), c.r.URL.Query().Get("id")
	}
	found, err := c.cfg.Jobs.Jobs(c.r.Context(), q)
	if err != nil {
		return err
	}
	v.all = c.jobsSeen(v.view, found)
	if len(found) == jobsShown {
		last := &found[len(found)-1]
		v.older = v.at("jobs?at=" + strconv.FormatInt(last.At.UnixMilli(), 10) + "&id=" + url.QueryEscape(last.ID))
	}
	return c.show(http.StatusOK, jobsPage(v))
}

// jobsSeen returns those of some jobs that are any of the person's business.
func (c *call) jobsSeen(v view, found []ledger.Job) (all []jobView) {
	for i := range found {
		if k := jobKinds[found[i].Kind]; c.seesJob(k) {
			all = append(all, jobView{view: v, Job: found[i], kind: k, who: c.askedBy(&found[i])})
		}
	}
	return all
}

// askedBy returns what whoever asked for a job is called.
func (c *call) askedBy(j *ledger.Job) string {
	if j.Agent == 0 {
		return c.nameOf(j.Person)
	}
	name, known := c.names().agent(j.Agent)
	if !known {
		return "#" + name
	}
	return name
}

// jobHere returns the job of the path, if it is any of the person's business.
func (c *call) jobHere() (*ledger.Job, *jobKind, error) {
	j, ok, err := c.cfg.Jobs.Job(c.r.Context(), c.at(), c.r.PathValue("job"))
	if err != nil {
		return nil, nil, err
	}
	k := jobKinds[j.Kind]
	if !ok || !c.seesJob(k) {
		return nil, nil, errNowhere
	}
	return &j, k, nil
}

func (c *call) showJob() error {
	j, k, err := c.jobHere()
	if err != nil {
		return err
	}
	v := jobView{view: c.view(k.title), Job: *j, kind: k, who: c.askedBy(j)}
	if j.Ended() {
		if err = c.filesOf(&v); err != nil {
			return err
		}
		if v.back, v.left, err = c.takenBackBy(j, v.view); err != nil {
			return err
		}
	}
	return c.show(http.StatusOK, jobPage(v))
}

// filesOf finds the files that are kept with a job, and which of them are for people.
func (c *call) filesOf(v *jobView) error {
	found, err := c.cfg.Jobs.JobFiles(c.r.Context(), v.Merchant, v.ID)
	for _, f := range found {
		v.kept = append(v.kept, f.Name)
		if name, ok := v.kind.files[f.Name]; ok && v.State == ledger.JobDone && v.kind.gives(&v.Job, c.person) {
			v.files = append(v.files, jobFile{name, v.at(jobPath(&v.Job) + "/files/" + url.PathEscape(f.Name))})
		}
	}
	return err
}

// gives reports whether a person may take the files that a job has left.
func (k *jobKind) gives(j *ledger.Job, to *ledger.Person) bool {
	return j.Person == to.ID || !k.own && k.obeys(j, to)
}

// obeys reports whether a person may end a job: whoever asked for it, or may ask for one at all shops, as nobody knows
// at which of them it works.
func (k *jobKind) obeys(j *ledger.Job, to *ledger.Person) bool {
	return j.Person == to.ID || to.May(k.needs, j.Merchant, 0)
}

// cancelJob asks for the end of a job. One that has ended stays as it is.
func (c *call) cancelJob() error {
	j, k, err := c.jobHere()
	if err != nil {
		return err
	}
	if !k.obeys(j, c.person) {
		return errNotYours
	}
	if err := c.cfg.Jobs.CancelJob(c.r.Context(), j.Merchant, j.ID, c.cfg.Clock()); err != nil {
		return err
	}
	return c.to(c.view(wJobs).at(jobPath(j)))
}

// sendJobFile sends a file that a job has left for people.
func (c *call) sendJobFile() error {
	j, k, err := c.jobHere()
	if err != nil {
		return err
	}
	if httpd.Foreign(c.r, c.cfg.URL) { // some files are sent without an entry
		return errForeign
	}
	name := c.r.PathValue("name")
	if _, ok := k.files[name]; !ok || j.State != ledger.JobDone || !k.gives(j, c.person) {
		return errNowhere
	}
	f, ok, err := c.cfg.Jobs.JobFile(c.r.Context(), j.Merchant, j.ID, name)
	if err != nil {
		return err
	}
	if !ok {
		return errNowhere
	}
	if k.taken != nil {
		if err := k.taken(c, j, name); err != nil {
			return err
		}
	}
	c.sendFile(f.Name, f.Type, f.Content)
	return nil
}

// percent returns how far a job is, from 0 to 100; ok is false if that is not known.
func (v jobView) percent() (n int, ok bool) {
	if v.Total <= 0 {
		return 0, false
	}
	return int(min(v.Done, v.Total) * 100 / v.Total), true
}

// state returns what has become of a job, and the class of the badge that says so.
func (v jobView) state() (said, class string) {
	switch v.State {
	case ledger.JobWaits:
		return v.lang.of(wJobWaits), "bg-secondary-lt"
	case ledger.JobRuns:
		if v.Cancelled {
			return v.lang.of(wJobEnds), "bg-secondary-lt"
		}
		return v.lang.of(wJobRuns), "bg-blue-lt"
	case ledger.JobDone:
		return v.lang.of(wJobDone), "bg-green-lt"
	case ledger.JobCancelled:
		return v.lang.of(wJobCancelled), "bg-secondary-lt"
	case ledger.JobFailed:
	}
	return v.lang.of(wJobFailed), "bg-red-lt"
}
