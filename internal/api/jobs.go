package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/cardfile"
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

// What takes longer than a request may is a job, as in the console: internal/job works on it behind the requests, and
// the caller looks how far it is.

// Jobs are kept by internal/store.
type Jobs interface {
	AddJob(ctx context.Context, j ledger.Job, files ...ledger.JobFile) error
	CancelJob(ctx context.Context, merchant ledger.MerchantID, id string, at time.Time) error
	DropJobFiles(ctx context.Context, j ledger.Job, names ...string) error
	Job(ctx context.Context, merchant ledger.MerchantID, id string) (ledger.Job, bool, error)
	Jobs(ctx context.Context, q ledger.JobQuery) ([]ledger.Job, error)
	JobFile(ctx context.Context, merchant ledger.MerchantID, job, name string) (ledger.JobFile, bool, error)
	JobFiles(ctx context.Context, merchant ledger.MerchantID, job string) ([]ledger.JobFile, error)
}

// Progress is how far a job is.
type Progress struct {
	ID      string     `json:"id" doc:"The job's id, by which it is asked for."`
	State   string     `json:"state" enum:"waits,runs,done,failed,cancelled" doc:"It waits for its turn, runs, is done, has failed, or was cancelled. The last three are for good."` //nolint:lll // a tag
	AskedAt time.Time  `json:"asked_at" doc:"When it was asked for, in UTC."`
	EndedAt *time.Time `json:"ended_at,omitempty" doc:"When it was done, failed or was cancelled; left out before that."`
	Done    int64      `json:"done" doc:"How far it is."`
	Total   int64      `json:"total,omitempty" doc:"Of so much; left out while that is not known."`
}

// jobStates are what has become of a job.
var jobStates = map[ledger.JobState]string{
	ledger.JobWaits: "waits", ledger.JobRuns: "runs", ledger.JobDone: "done", ledger.JobFailed: "failed",
	ledger.JobCancelled: "cancelled",
}

func progressOf(j *ledger.Job) Progress {
	return Progress{
		ID: j.ID, State: jobStates[j.State], AskedAt: j.At.UTC(), EndedAt: moment(j.EndedAt), Done: j.Done, Total: j.Total,
	}
}

// askedBy returns who asked for a job.
func askedBy(j *ledger.Job) Caller {
	return Caller{Agent: int64(j.Agent), Person: int64(j.Person), Shop: int64(j.Shop)}
}

// failedOf returns why a job has failed, where that is told in words.
func failedOf(j *ledger.Job) string {
	if j.State != ledger.JobFailed || j.Result == "failed" || strings.HasPrefix(j.Result, "{") {
		return ""
	}
	return j.Result
}

// JobNamed is the name of a request that asks for a job.
type JobNamed struct {
	Key string `header:"Idempotency-Key" maxLength:"64" doc:"A name for this request, unique among yours: one that another job was asked for by, or that something was done under, is refused. Sent again with the same content it asks for nothing more, and answers the job as it is now, for as long as that is kept: 14 days." example:"import-2026-03"` //nolint:lll // a tag
}

// ask is what a job is asked for, kept as JSON with it. Its content is what the body of a request says: that the same
// is asked for again in another language, or with another permission, makes it no other request.
type ask[A any] interface{ Content() A }

// sameAsk reports whether what a job was asked for has the same content.
func sameAsk[A ask[A]](before *ledger.Job, now A) bool {
	var was A
	if json.Unmarshal([]byte(before.Ask), &was) != nil {
		return false
	}
	a, errA := json.Marshal(was.Content())
	b, errB := json.Marshal(now.Content())
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// begin asks for a job at a shop, once under the name of the request. files are those that it is to work on; they are
// asked for only if the job is new, and may refuse it.
func begin[A ask[A]](
	c *call, kind string, what A, shop ledger.ShopID, files func() ([]ledger.JobFile, error),
) (*ledger.Job, error) {
	asked, err := json.Marshal(what)
	if err != nil {
		return nil, err
	}
	id := c.jobID(c.request, kind == cardfile.JobUndoCheck)
	for {
		j, there, err := c.cfg.Jobs.Job(c.ctx, c.merchant.ID, id)
		switch {
		case err != nil:
			return nil, err
		case there && (j.Kind != kind || !sameAsk(&j, what)):
			return nil, c.problem(ledger.Refuse(ledger.RequestReused, c.request))
		case there:
			return &j, nil
		}
		if err := c.freeName(kind); err != nil {
			return nil, err
		}
		if err := c.roomForJobs(); err != nil {
			return nil, err
		}
		with, err := files()
		if err != nil {
			return nil, err
		}
		now := c.cfg.Clock()
		err = c.cfg.Jobs.AddJob(c.ctx, ledger.Job{
			Merchant: c.merchant.ID, ID: id, Kind: kind, Ask: string(asked), Agent: c.agent.ID, Shop: shop, At: now,
			State: ledger.JobWaits, Until: now,
		}, with...)
		if err != nil {
			return nil, err
		}
	}
}

// freeName refuses a job under a name that something else was done under. What only tells what would happen takes none.
// The other way round nothing is looked for: no bill is to wait for a job that is not there.
func (c *call) freeName(kind string) error {
	if kind == cardfile.JobUndoCheck {
		return nil
	}
	done, err := c.carriedOut(c.request)
	if err == nil && done != nil {
		err = c.problem(ledger.Refuse(ledger.RequestReused, c.request))
	}
	return err
}

// jobID returns the id of the job that a request of the key asks for. No person's job has such a one. What only tells
// what would happen takes no name from what does it.
func (c *call) jobID(request string, dry bool) string {
	name := fmt.Appendf(nil, "agent %d\n%s", c.agent.ID, request)
	if dry {
		name = append(name, "\ndry"...)
	}
	sum := sha256.Sum256(name)
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}

// jobsAhead is how many jobs of a merchant may wait or run when a program asks for another: each keeps a file.
const jobsAhead = 20

// jobsEnd is when one is asked for again that was refused for those: most take some seconds.
const jobsEnd = 10 * time.Second

// roomForJobs refuses a job where that many are under way.
func (c *call) roomForJobs() error {
	newest, err := c.cfg.Jobs.Jobs(c.ctx, ledger.JobQuery{Merchant: c.merchant.ID, Limit: jobsAhead})
	ended := func(j ledger.Job) bool { return j.Ended() }
	if err == nil && len(newest) == jobsAhead && !slices.ContainsFunc(newest, ended) {
		err = c.refuseFor(faultJobs, jobsEnd)
	}
	return err
}

// somewhere returns a shop at which the key may act; 0 = at all.
func (c *call) somewhere() ledger.ShopID {
	if c.agent.Shops == nil {
		return 0
	}
	return c.agent.Shops[0]
}

// itself is who does what no shop is named for.
func (c *call) itself() ledger.Caller { return ledger.Caller{Agent: c.agent.ID, Shop: c.somewhere()} }

// job returns a job of the merchant that is of one of some kinds.
func (c *call) job(id string, kinds ...string) (*ledger.Job, error) {
	j, there, err := c.cfg.Jobs.Job(c.ctx, c.merchant.ID, id)
	if err != nil {
		return nil, err
	}
	if !there || !slices.Contains(kinds, j.Kind) {
		return nil, c.refuse(faultNowhere)
	}
	return &j, nil
}

// own reports whether the key asked for a job. obeys reports whether the key may end it: also those of others if it may
// act at all shops, as nobody knows at which of them it works.
func (c *call) own(j *ledger.Job) bool   { return j.Agent == c.agent.ID }
func (c *call) obeys(j *ledger.Job) bool { return c.own(j) || c.agent.ActsAt(0) }

// cancel asks for the end of a job, and returns it as it is then. One that has ended stays as it is.
func (c *call) cancel(j *ledger.Job) (*ledger.Job, error) {
	if !c.obeys(j) {
		return nil, c.refuse(faultShop)
	}
	if err := c.cfg.Jobs.CancelJob(c.ctx, j.Merchant, j.ID, c.cfg.Clock()); err != nil {
		return nil, err
	}
	return c.job(j.ID, j.Kind)
}

// jobs returns a page of the merchant's jobs of some kinds, and where the next one begins.
func (c *call) jobs(p Page, kinds ...string) (all []ledger.Job, next string, err error) {
	q := ledger.JobQuery{Merchant: c.merchant.ID, Limit: p.Limit}
	if len(kinds) == 1 {
		q.Kind = kinds[0]
	}
	after, err := c.cursor(p.After)
	if err != nil {
		return nil, "", err
	}
	if after != "" {
		at, id, _ := strings.Cut(after, " ")
		ms, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			return nil, "", c.refuseField("query.after", "want the next of a page")
		}
		q.At, q.ID = time.UnixMilli(ms).UTC(), id
	}
	all, err = c.cfg.Jobs.Jobs(c.ctx, q)
	if len(all) == p.Limit {
		last := &all[len(all)-1]
		next = c.cursorText(fmt.Sprintf("%d %s", last.At.UnixMilli(), last.ID))
	}
	return slices.DeleteFunc(all, func(j ledger.Job) bool { return !slices.Contains(kinds, j.Kind) }), next, err
}

// firstFile returns the first of some files that a job has left; none if it has left none of them.
func (c *call) firstFile(j *ledger.Job, names ...string) (f ledger.JobFile, err error) {
	there, err := c.cfg.Jobs.JobFiles(c.ctx, j.Merchant, j.ID)
	i := slices.IndexFunc(there, func(f ledger.JobFile) bool { return slices.Contains(names, f.Name) })
	if err != nil || i < 0 || j.State != ledger.JobDone {
		return f, err
	}
	return there[i], nil
}

// sendsFile adds an operation that answers a file that a job has left. do returns the name of the file, and records
// that it is taken.
func sendsFile[I any](a *API, o operation, do func(*call, *I) (*ledger.Job, string, error)) {
	o.method, o.rows = http.MethodGet, true
	op := a.describe(&o)
	op.Responses[strconv.Itoa(http.StatusOK)] = &huma.Response{Description: "The file", Content: fileTypes()}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		c := callOf(ctx)
		f, err := c.take(do(c, in))
		if err != nil { // one that is recorded and not sent may be asked for again
			return nil, c.problem(notDone(err))
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			ctx.SetHeader("Content-Type", f.Type)
			ctx.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
			ctx.SetHeader("Content-Length", strconv.Itoa(len(f.Content)))
			ctx.SetStatus(http.StatusOK)
			_, _ = ctx.BodyWriter().Write(f.Content) // the caller is gone, and nobody reads the error
		}}, nil
	})
	o.illustrate(&op)
}

// take returns a file of a job.
func (c *call) take(j *ledger.Job, name string, err error) (f ledger.JobFile, _ error) {
	there := name != ""
	if err == nil && there {
		f, there, err = c.cfg.Jobs.JobFile(c.ctx, j.Merchant, j.ID, name)
	}
	switch {
	case err != nil:
		return f, err
	case !there:
		return f, c.refuse(faultNowhere)
	}
	return f, nil
}

// record records that rows are taken out of the books, before they are sent.
func (c *call) record(what string, rows int64) error {
	_, err := c.cfg.Doer.Do(c.ctx, command.RecordExport{
		Merchant: c.merchant.ID, By: c.itself(), What: what, Rows: rows,
	})
	return err
}

// fileTypes are the media types of files of cards.
func fileTypes() map[string]*huma.MediaType {
	all := map[string]*huma.MediaType{}
	for _, f := range sheet.Formats {
		name, _, _ := mime.ParseMediaType(f.ContentType())
		all[name] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	}
	return all
}

// uploadPatience is how long a file may take to come.
const uploadPatience = 5 * time.Minute
