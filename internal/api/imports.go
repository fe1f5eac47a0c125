package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/cardfile"
	"tongka/internal/ledger"
)

// registerImports adds what brings cards in from files. Each step is a job of its own: the trial, the import, what
// taking it back would do, and that.
func (a *API) registerImports() {
	a.registerUpload()
	one := func(id, path, summary, about string) operation {
		return operation{
			id: id, path: "/imports/{import}" + path, tag: "jobs", needs: cardfile.MayImport, summary: summary, about: about,
			rows: true,
		}
	}
	reads(a, operation{
		id: "listImports", path: "/imports", tag: "jobs", needs: cardfile.MayImport,
		summary: "List the imports, with their trials and what took them back, the newest first",
		about:   "Also those of the console. Jobs are kept for 14 days.",
	}, listImports)
	reads(a, one("getImport", "", "Get how far an import is, and what it has done",
		"What it has done is for whoever asked for it, and for keys of all shops."), getImport)
	begins(a, one("commitImport", "/commit", "Import a file that was tried",
		"A key of some shops imports what it has tried itself. What it brings may be above the amount that takes a second "+
			"person: then it is refused, as no key is one. The cards that an import cut short has opened are recognised "+
			"by the next one of the same trial."), commitImport)
	undo := one("undoImport", "/undo", "Take the cards of an import back that nobody has used",
		"With dry_run a job tells what would become of them.")
	undo.needs = cardfile.MayUndo
	begins(a, undo, undoImport)
	asks(a, one("cancelImport", "/cancel", "End what is under way",
		"Cards that were opened until then stay, and can be taken back."), cancelImport)
	sendsFile(a, one("getImportFile", "/file", "Get the file with the rows that were refused, and why",
		"Of a trial with all rows, as far as the file is not too large; of what took an import back the cards that stay. "+
			"There is none if no row was refused. The journal says that it was taken."), importFile)
}

// registerUpload adds the operation whose body is a file, which is no JSON and so described by hand.
func (a *API) registerUpload() {
	o := operation{
		id: "tryImport", method: http.MethodPost, path: "/imports", tag: "jobs", needs: cardfile.MayImport,
		summary: "Send a file of cards, and have tried what importing it would do",
		about: "CSV or XLSX of at most 32 MiB, in UTF-8, GB18030, Big5 or UTF-16. Columns are recognised by their headers, " +
			"or are what `columns` says. Nothing is opened; POST …/commit does that.",
		once: true, bodied: true, takes: true, rows: true, most: ledger.MaxJobFile + 1,
	}
	op := a.describe(&o)
	op.RequestBody.Content = fileTypes()
	huma.Register(a.huma, op, answering(tryImport))
	o.illustrate(&op)
}

// begins adds an operation that asks for a job.
func begins[I, T any](a *API, o operation, do func(*call, *I) (T, error)) {
	o.once = true
	asks(a, o, do)
}

// tryImport has tried what importing a file would do.
func tryImport(c *call, in *ImportTried) (out Import, err error) {
	by, err := c.by(By{Shop: in.Shop, Operator: in.Operator})
	if err != nil {
		return out, err
	}
	columns, err := c.meanings(in)
	if err != nil {
		return out, err
	}
	if len(in.RawBody) == 0 || len(in.RawBody) > ledger.MaxJobFile {
		return out, c.refuseField("body", "want a file of cards of at most 32 MiB")
	}
	sum := sha256.Sum256(in.RawBody)
	plan := cardfile.Plan{
		Name: in.Name, Encoding: cardfile.Encoding(in.Encoding), Columns: columns, Level: ledger.LevelID(in.Level),
		OwnZeros: in.OwnZeros, Shop: by.Shop, Operator: by.Operator, English: c.lang == ledger.English,
		Sum: hex.EncodeToString(sum[:]),
	}
	return beginImport(c, cardfile.JobCheck, plan, by.Shop, func() ([]ledger.JobFile, error) {
		return []ledger.JobFile{{Name: cardfile.Uploaded, Content: in.RawBody}}, nil
	})
}

// meanings returns what the columns of a file are said to be; nil if nothing is said of them.
func (c *call) meanings(in *ImportTried) (all []string, err error) {
	if _, known := c.merchant.Level(ledger.LevelID(in.Level)); in.Level != 0 && !known {
		return nil, c.refuseField("query.level", "want the id of a level")
	}
	for _, column := range in.Columns {
		meaning := string(column)
		if column == ignored {
			meaning = ""
		}
		all = append(all, meaning)
	}
	if all == nil {
		return nil, nil
	}
	switch fault := cardfile.CheckMeanings(all, in.Level != 0); {
	case fault.Twice > 0:
		return nil, c.refuseField("query.columns", "want "+all[fault.Twice-1]+" once")
	case fault.Missing != "":
		return nil, c.refuseField("query.columns", "want a column "+fault.Missing)
	}
	return all, nil
}

// beginImport begins a job about a file of cards, and answers it.
func beginImport[A ask[A]](
	c *call, kind string, what A, shop ledger.ShopID, files func() ([]ledger.JobFile, error),
) (out Import, err error) {
	j, err := begin(c, kind, what, shop, files)
	if err != nil {
		return out, err
	}
	return c.importOf(j)
}

// OfImport names a job about a file of cards.
type OfImport struct {
	Import string `path:"import" minLength:"1" maxLength:"64" doc:"The id of the job." example:"mV3x0gq4Jt8nK2aZc9Lw"`
}

// ImportStep is a request to go on with one.
type ImportStep struct {
	JobNamed
	OfImport
	Body By
}

// ImportUndo is a request to take an import back.
type ImportUndo struct {
	ImportStep
	Dry bool `query:"dry_run" doc:"Only say what would happen, and do nothing."`
}

// ImportNoted is a request about one that takes nothing else.
type ImportNoted struct {
	OfImport
	Body struct{}
}

// importHere returns the job of a path.
func (c *call) importHere(of OfImport) (*ledger.Job, error) {
	return c.job(of.Import, slices.Collect(maps.Keys(importKinds))...)
}

// Imports is a page of jobs about files of cards.
type Imports struct {
	Imports []Import `json:"imports" doc:"A page of imports, the newest first."`
	Next    string   `json:"next,omitempty" doc:"Asks for the next page as after; left out on the last one. A page may be short and have a next."` //nolint:lll // a tag
}

func listImports(c *call, in *Page) (out Imports, err error) {
	found, next, err := c.jobs(*in, slices.Collect(maps.Keys(importKinds))...)
	out = Imports{[]Import{}, next}
	for i := range found {
		one, err := c.importBriefly(&found[i])
		if err != nil {
			return out, err
		}
		out.Imports = append(out.Imports, one)
	}
	return out, err
}

// importBriefly returns a job about a file without its result, which has rows of the file.
func (c *call) importBriefly(j *ledger.Job) (Import, error) {
	out, err := c.importOf(j)
	out.Result, out.Undone = nil, nil
	return out, err
}

func getImport(c *call, in *OfImport) (out Import, err error) {
	j, err := c.importHere(*in)
	if err != nil {
		return out, err
	}
	if !c.obeys(j) {
		return c.importBriefly(j)
	}
	if out, err = c.importOf(j); err != nil {
		return out, err
	}
	f, err := c.firstFile(j, importFiles...)
	out.File = f.Name
	return out, err
}

// commitImport begins the import of a file that was tried.
func commitImport(c *call, in *ImportStep) (out Import, err error) {
	by, err := c.by(in.Body)
	if err != nil {
		return out, err
	}
	trial, err := c.job(in.Import, cardfile.JobCheck)
	if err != nil {
		return out, err
	}
	switch {
	case !c.obeys(trial):
		return out, c.refuse(faultShop)
	case trial.State != ledger.JobDone:
		return out, c.refuse(faultJob)
	}
	var plan cardfile.Plan
	var would cardfile.Outcome
	err = errors.Join(json.Unmarshal([]byte(trial.Ask), &plan), json.Unmarshal([]byte(trial.Result), &would))
	if err != nil {
		return out, err
	}
	plan.Behind, plan.Shop, plan.Operator = trial.ID, by.Shop, by.Operator
	return beginImport(c, cardfile.JobImport, plan, by.Shop, func() ([]ledger.JobFile, error) {
		if would.Opened == 0 {
			return nil, c.refuse(faultJob)
		}
		if would.TakesTwo(&c.merchant.Settings) {
			return nil, ledger.Refuse(ledger.NeedsSecondPerson, c.merchant.Settings.SecondPerson.String())
		}
		return c.handedOn(trial, cardfile.Uploaded)
	})
}

// undoImport begins to take an import back, or to tell what that would do.
func undoImport(c *call, in *ImportUndo) (out Import, err error) {
	by, err := c.by(in.Body)
	if err != nil {
		return out, err
	}
	done, err := c.job(in.Import, cardfile.JobImport)
	if err != nil {
		return out, err
	}
	var plan cardfile.Plan
	if err := json.Unmarshal([]byte(done.Ask), &plan); err != nil {
		return out, err
	}
	if !c.agent.ActsAt(plan.Shop) {
		return out, c.refuse(faultShop)
	}
	undo := cardfile.Undo{
		Import: done.ID, Trial: plan.Behind, Name: plan.Name, Shop: by.Shop, Operator: by.Operator,
		English: c.lang == ledger.English,
	}
	kind := cardfile.JobUndo
	if in.Dry {
		kind = cardfile.JobUndoCheck
	}
	return beginImport(c, kind, undo, by.Shop, func() ([]ledger.JobFile, error) {
		files, err := c.handedOn(done, cardfile.Brought)
		if err == nil && !in.Dry {
			err = c.dropTrial(undo.Trial)
		}
		return files, err
	})
}

// handedOn returns a file of a job that has ended, for the next to go on with.
func (c *call) handedOn(j *ledger.Job, name string) ([]ledger.JobFile, error) {
	f, there, err := c.cfg.Jobs.JobFile(c.ctx, j.Merchant, j.ID, name)
	if err != nil {
		return nil, err
	}
	if !there || !j.Ended() {
		return nil, c.refuse(faultJob)
	}
	return []ledger.JobFile{f}, nil
}

// dropTrial removes the file that a trial was made of: it can be committed no more, as that would find that all was
// done.
func (c *call) dropTrial(id string) error {
	trial, there, err := c.cfg.Jobs.Job(c.ctx, c.merchant.ID, id)
	if err != nil || !there {
		return err
	}
	return c.cfg.Jobs.DropJobFiles(c.ctx, trial, cardfile.Uploaded)
}

func cancelImport(c *call, in *ImportNoted) (out Import, err error) {
	j, err := c.importHere(in.OfImport)
	if err != nil {
		return out, err
	}
	if j, err = c.cancel(j); err != nil {
		return out, err
	}
	return c.importOf(j)
}

// importFile is the file of a job. Rows that go out again are an export.
func importFile(c *call, in *OfImport) (*ledger.Job, string, error) {
	j, err := c.importHere(*in)
	if err != nil {
		return nil, "", err
	}
	if !c.obeys(j) {
		return nil, "", c.refuse(faultShop)
	}
	f, err := c.firstFile(j, importFiles...)
	if err != nil || f.Name == "" || f.Name == cardfile.Left {
		return j, f.Name, err
	}
	var done cardfile.Outcome
	if err := json.Unmarshal([]byte(j.Result), &done); err != nil {
		return nil, "", err
	}
	return j, f.Name, c.record(f.Name, done.InFile(j.Kind))
}
