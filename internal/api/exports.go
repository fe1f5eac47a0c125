package api

import (
	"encoding/json"
	"errors"

	"tongka/internal/cardfile"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

// registerExports adds what takes cards out into files.
func (a *API) registerExports() {
	one := func(id, path, summary, about string) operation {
		return operation{
			id: id, path: "/exports" + path, tag: "jobs", needs: ledger.MayExport, summary: summary, about: about,
		}
	}
	reads(a, one("listExports", "", "List the exports, the newest first", "Also those of the console."), listExports)
	begins(a, one("exportCards", "", "Have cards written into a file",
		"Phones are whole if the key may see them, and masked otherwise."), exportCards)
	reads(a, one("getExport", "/{export}", "Get how far an export is", ""), getExport)
	asks(a, one("cancelExport", "/{export}/cancel", "End what is under way", ""), cancelExport)
	sendsFile(a, one("getExportFile", "/{export}/file", "Get the file with the cards",
		"Whoever asked for it has it, and the journal says that it was taken."), exportFile)
}

// ExportBody says which cards are wanted.
type ExportBody struct {
	Format string `json:"format" enum:"csv,xlsx" doc:"csv is text in UTF-8, xlsx a workbook."`
	CardsFilter
	AtLeast *int64 `json:"balance_at_least,omitempty" doc:"In fen."`
	AtMost  *int64 `json:"balance_at_most,omitempty" doc:"In fen."`
}

// ExportAsked is a request for an export.
type ExportAsked struct {
	JobNamed
	Body ExportBody
}

// Export is a job that writes cards into a file.
type Export struct {
	Progress
	By     Caller `json:"by" doc:"Who asked for it."`
	Format string `json:"format" enum:"csv,xlsx" doc:"csv is text in UTF-8, xlsx a workbook."`
	Whole  bool   `json:"whole_phones" doc:"Phones are not masked."`
	Cards  int64  `json:"cards" doc:"How many are in the file, once it is done."`
	Failed string `json:"failed,omitempty" doc:"Why it has failed, where that is known."`
}

// exported returns what a job was asked for, and what it has done.
func exported(j *ledger.Job) (ask cardfile.Export, done cardfile.Exported, err error) {
	err = json.Unmarshal([]byte(j.Ask), &ask)
	if j.State == ledger.JobDone {
		err = errors.Join(err, json.Unmarshal([]byte(j.Result), &done))
	}
	return ask, done, err
}

func exportOf(j *ledger.Job) (Export, error) {
	ask, done, err := exported(j)
	return Export{
		Progress: progressOf(j), By: askedBy(j), Format: string(ask.Format), Whole: ask.Whole, Cards: done.Cards,
		Failed: failedOf(j),
	}, err
}

func exportCards(c *call, in *ExportAsked) (out Export, err error) {
	filter, err := in.Body.filter(c, "body.")
	if err != nil {
		return out, err
	}
	filter.AtLeast, filter.AtMost = (*ledger.Fen)(in.Body.AtLeast), (*ledger.Fen)(in.Body.AtMost)
	ask := cardfile.Export{
		Filter: filter, Format: sheet.Format(in.Body.Format), Whole: c.may(ledger.MayReveal), Lang: c.lang,
	}
	j, err := begin(c, cardfile.JobExport, ask, c.somewhere(), func() ([]ledger.JobFile, error) { return nil, nil })
	if err != nil {
		return out, err
	}
	return exportOf(j)
}

// OfExport names an export.
type OfExport struct {
	Export string `path:"export" minLength:"1" maxLength:"64" doc:"The id of the job." example:"mV3x0gq4Jt8nK2aZc9Lw"`
}

// ExportNoted is a request about an export that takes nothing else.
type ExportNoted struct {
	OfExport
	Body struct{}
}

// Exports is a page of exports.
type Exports struct {
	Exports []Export `json:"exports" doc:"A page of exports, the newest first."`
	Next    string   `json:"next,omitempty" doc:"Asks for the next page as after; left out on the last one."`
}

func listExports(c *call, in *Page) (out Exports, err error) {
	found, next, err := c.jobs(*in, cardfile.JobExport)
	out = Exports{[]Export{}, next}
	for i := range found {
		one, err := exportOf(&found[i])
		if err != nil {
			return out, err
		}
		out.Exports = append(out.Exports, one)
	}
	return out, err
}

func getExport(c *call, in *OfExport) (out Export, err error) {
	j, err := c.job(in.Export, cardfile.JobExport)
	if err != nil {
		return out, err
	}
	return exportOf(j)
}

func cancelExport(c *call, in *ExportNoted) (out Export, err error) {
	j, err := c.job(in.Export, cardfile.JobExport)
	if err != nil {
		return out, err
	}
	if j, err = c.cancel(j); err != nil {
		return out, err
	}
	return exportOf(j)
}

// exportFile is the file of an export, for whoever asked for it. A key that may not see phones any more does not get
// them.
func exportFile(c *call, in *OfExport) (*ledger.Job, string, error) {
	j, err := c.job(in.Export, cardfile.JobExport)
	if err != nil {
		return nil, "", err
	}
	if !c.own(j) {
		return nil, "", c.refuse(faultNowhere)
	}
	ask, done, err := exported(j)
	if err == nil && ask.Whole && !c.may(ledger.MayReveal) {
		err = c.denied(ledger.MayReveal)
	}
	f, missed := c.firstFile(j, cardfile.ExportFile(ask.Format))
	if err = errors.Join(err, missed); err != nil || f.Name == "" {
		return j, "", err
	}
	return j, f.Name, c.record(f.Name, done.Cards)
}
