package console

import (
	"cmp"
	"encoding/json"

	"github.com/a-h/templ"

	"tongka/internal/cardfile"
	"tongka/internal/ledger"
)

// An import is taken back in two steps: what would become of its cards, and doing it. Each is a job.

// undoRoutes are of those who take imports back.
var undoRoutes = []route{
	{"POST /console/m/{merchant}/import/{import}/undo", "undo import", inside, cardfile.MayUndo, (*call).checkUndo},
	{"POST /console/m/{merchant}/import/{undo}/undo/confirm", "undo import", inside, cardfile.MayUndo,
		(*call).confirmUndo},
}

// leftFiles is the list of the cards that stay.
var leftFiles = map[string]text{cardfile.Left: wLeftFile}

// mayUndo reports whether a job is an import that may have opened cards, which the person may take back.
func (v jobView) mayUndo() bool {
	return v.Kind == cardfile.JobImport && v.has(cardfile.Brought) && (v.back == "" || v.left) &&
		v.person.AllowedSomewhere(v.merchant.ID)&cardfile.MayUndo == cardfile.MayUndo
}

// importToUndo returns an import that the person may take back, and how its file was read. One at a shop of others is
// theirs.
func (c *call) importToUndo(id string) (j ledger.Job, plan cardfile.Plan, err error) {
	j, ok, err := c.cfg.Jobs.Job(c.r.Context(), c.merchant.ID, id)
	if err != nil || !ok || j.Kind != cardfile.JobImport || !j.Ended() {
		return j, plan, cmp.Or(err, errNowhere)
	}
	if err := json.Unmarshal([]byte(j.Ask), &plan); err != nil {
		return j, plan, err
	}
	if !c.person.May(cardfile.MayUndo, c.merchant.ID, plan.Shop) {
		return j, plan, errNotYours
	}
	return j, plan, nil
}

// checkUndo has told what would become of the cards of an import.
func (c *call) checkUndo() error {
	j, plan, err := c.importToUndo(c.r.PathValue("import"))
	if err != nil {
		return err
	}
	return c.beginUndo(cardfile.JobUndoCheck, j.ID, cardfile.Undo{
		Import: j.ID, Trial: plan.Behind, Name: plan.Name, Shop: plan.Shop,
		Operator: c.by().Operator, English: c.lang == lang(ledger.English),
	})
}

// confirmUndo takes an import back. The trial of it can be confirmed no more: that would find that all was done.
func (c *call) confirmUndo() error {
	j, err := c.jobDone(c.r.PathValue("undo"), cardfile.JobUndoCheck)
	if err != nil {
		return err
	}
	v, err := newUndoView(c.view(wBackTitle), j)
	if err != nil || v.out.Closed == 0 {
		return cmp.Or(err, errNowhere)
	}
	_, plan, err := c.importToUndo(v.undo.Import)
	if err != nil {
		return err
	}
	if err := c.dropTrial(v.undo.Trial); err != nil {
		return err
	}
	undo := v.undo
	undo.Shop, undo.Operator = plan.Shop, c.by().Operator
	return c.beginUndo(cardfile.JobUndo, j.ID, undo)
}

// dropTrial removes the file that a trial was made of. Somebody else may have done so already.
func (c *call) dropTrial(id string) error {
	trial, ok, err := c.cfg.Jobs.Job(c.r.Context(), c.merchant.ID, id)
	if err != nil || !ok {
		return err
	}
	_, err = c.takeFiles(&trial, cardfile.Uploaded)
	return err
}

// takenBackBy returns the address of the newest job that has taken an import back, "" if none has, and whether it left
// cards.
func (c *call) takenBackBy(j *ledger.Job, v view) (url string, left bool, err error) {
	if j.Kind != cardfile.JobImport {
		return "", false, nil
	}
	found, err := c.cfg.Jobs.Jobs(c.r.Context(), ledger.JobQuery{
		Merchant: j.Merchant, Kind: cardfile.JobUndo, Limit: confirmAmong,
	})
	for i := range found {
		var undo cardfile.Undo
		if json.Unmarshal([]byte(found[i].Ask), &undo) == nil && undo.Import == j.ID && found[i].State == ledger.JobDone {
			var out cardfile.Undone
			err = cmp.Or(err, json.Unmarshal([]byte(found[i].Result), &out))
			return v.at(jobPath(&found[i])), out.Left > 0, err
		}
	}
	return "", false, err
}

// beginUndo begins a job with the file that the one before it has, which says what the import has opened.
func (c *call) beginUndo(kind, before string, undo cardfile.Undo) error {
	file, ok, err := c.cfg.Jobs.JobFile(c.r.Context(), c.merchant.ID, before, cardfile.Brought)
	if err != nil || !ok {
		return cmp.Or(err, errNowhere)
	}
	return c.beginForm(kind, c.r.PostFormValue("request"), undo, file)
}

// undoView is what taking an import back would do, or has done.
type undoView struct {
	view
	job     ledger.Job
	undo    cardfile.Undo
	out     cardfile.Undone
	request string
}

func newUndoView(v view, j ledger.Job) (undoView, error) {
	u := undoView{view: v, job: j, request: drawn()}
	if err := json.Unmarshal([]byte(j.Ask), &u.undo); err != nil {
		return u, err
	}
	return u, json.Unmarshal([]byte(j.Result), &u.out)
}

// trial reports whether nothing was taken back yet.
func (v *undoView) trial() bool { return v.job.Kind == cardfile.JobUndoCheck }

// undoResult is what taking an import back shows when it is done, or was tried.
func undoResult(v jobView) templ.Component {
	u, err := newUndoView(v.view, v.Job)
	if err != nil {
		return templ.Raw("") // no program of ours wrote it
	}
	return undoOutcome(u)
}
