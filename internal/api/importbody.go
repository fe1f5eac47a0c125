package api

import (
	"encoding/json"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/cardfile"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

// Encoding is one that a file may be in.
type Encoding string

// Schema lists the encodings.
func (Encoding) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Enum: []any{
		string(cardfile.UTF8), string(cardfile.GB18030), string(cardfile.Big5), string(cardfile.UTF16),
	}}
}

// Column is what a column of a file is.
type Column string

// ignored is the Column that is passed over.
const ignored = "ignored"

// Schema lists what columns can be.
func (Column) Schema(huma.Registry) *huma.Schema {
	all := []any{ignored}
	for _, m := range cardfile.Meanings {
		all = append(all, m)
	}
	return &huma.Schema{Type: "string", Enum: all}
}

// ImportTried is a file of cards that is to be tried.
type ImportTried struct {
	JobNamed
	Name     string   `query:"name" maxLength:"200" doc:"What the file is called, for people." example:"members.csv"`
	Encoding Encoding `query:"encoding" doc:"Left out to find out."`
	Columns  []Column `query:"columns" maxItems:"200" doc:"What each column is, in their order; left out for what the headers say." example:"[\"number\",\"name\",\"phone\",\"level\"]"` //nolint:lll // a tag
	Level    int64    `query:"level" minimum:"0" doc:"Of rows that name none; left out, these are refused." example:"1"`
	OwnZeros bool     `query:"own_zeros" doc:"Numbers that differ in leading zeros only are cards of their own."`
	Shop     int64    `query:"shop" minimum:"0" doc:"The shop where the cards are opened. A key for one shop need not name it." example:"11"` //nolint:lll // a tag
	Operator string   `query:"operator" maxLength:"64" doc:"Who does it, as the caller calls him."`
	RawBody  []byte   `contentType:"text/csv"`
}

// Import is a job about a file of cards.
type Import struct {
	Progress
	Kind   string        `json:"kind" enum:"trial,import,undo_trial,undo" doc:"A trial and an undo_trial change nothing."`
	By     Caller        `json:"by" doc:"Who asked for it."`
	Name   string        `json:"name,omitempty" doc:"What the file is called."`
	Of     string        `json:"of,omitempty" doc:"The trial that an import carries out, or the import that is taken back."` //nolint:lll // a tag
	Failed string        `json:"failed,omitempty" doc:"Why it has failed, where that is known."`
	Result *ImportResult `json:"result,omitempty" doc:"What the import has done, or the trial would have. Left out of lists."` //nolint:lll // a tag
	Undone *ImportUndone `json:"undone,omitempty" doc:"What was taken back, or would be. Left out of lists."`
	File   string        `json:"file,omitempty" doc:"The name of its file, if there is one. Left out of lists."`
}

// ImportResult is what an import has done, with control totals.
type ImportResult struct {
	Rows      int   `json:"rows" doc:"How many rows with data the file has."`
	Opened    int   `json:"opened" doc:"How many cards were opened, or would be."`
	Before    int   `json:"opened_before" doc:"By an import of the same trial that was cut short."`
	Refused   int   `json:"refused" doc:"How many rows were refused, or would be. They open no card."`
	Taken     int   `json:"taken" doc:"Of those refused: a card has the number already."`
	Alike     int   `json:"alike" doc:"Of those refused: a card has the number, but for leading zeros."`
	Principal int64 `json:"principal" doc:"On the cards opened, in fen."`
	Bonus     int64 `json:"bonus" doc:"Bonus on the cards opened, in fen."`
	Points    int64 `json:"points" doc:"Points on the cards opened."`
	Owed      int64 `json:"owed" doc:"What cards were brought with that owe, in fen."`
	Coupons   int   `json:"coupons" doc:"How many coupons were sent to the cards opened."`
	NoGender  int   `json:"unknown_genders" doc:"Cards whose gender in the file is none that is known."`
	TakesTwo  bool  `json:"needs_second_person" doc:"It brings more than one may: two people import it in the console."`

	Columns []ImportColumn  `json:"columns" doc:"What they were taken for."`
	Errors  []ImportError   `json:"errors" doc:"The first 100 of the rows that were refused. The file has all."`
	Changes []ImportChanged `json:"changes" doc:"What is written otherwise than in the file."`
}

// ImportColumn is a column of a file.
type ImportColumn struct {
	Header  string `json:"header" doc:"What stands above the column." example:"卡号"`
	Meaning Column `json:"meaning" doc:"What the column is taken for; ignored if it is passed over." example:"number"`
}

// ImportError is a row that was refused.
type ImportError struct {
	Line   int    `json:"line" doc:"In the file."`
	Number string `json:"number,omitempty" doc:"The card's number as the row has it; left out if it has none."`
	Why    string `json:"why" doc:"In English or Chinese by Accept-Language."`
}

// ImportChanged is a column whose values are written otherwise than in the file.
type ImportChanged struct {
	Header   string             `json:"header" doc:"What stands above the column."`
	Meaning  Column             `json:"meaning" doc:"What the column is taken for; ignored if it is passed over."`
	Rows     int                `json:"rows" doc:"In how many rows."`
	Examples []cardfile.Example `json:"examples" doc:"A few values of the column, each with what a card has in their place."` //nolint:lll // a tag
}

// ImportUndone is what taking an import back has done.
type ImportUndone struct {
	Cards     int           `json:"cards" doc:"Of the import."`
	Closed    int           `json:"closed" doc:"Taken back."`
	Before    int           `json:"closed_before" doc:"Taken back by an earlier job."`
	Left      int           `json:"left" doc:"Those that stay, as they were used."`
	Principal int64         `json:"principal" doc:"That those which were taken back had brought, in fen."`
	Bonus     int64         `json:"bonus" doc:"Bonus that those which were taken back had brought, in fen."`
	Points    int64         `json:"points" doc:"Points that those which were taken back had brought."`
	Owed      int64         `json:"owed" doc:"What those which were taken back had owed, in fen."`
	Staying   []ImportStays `json:"staying" doc:"The first 100 of those that stay. The file has all."`
}

// ImportStays is a card that is not taken back.
type ImportStays struct {
	Number string `json:"number" doc:"The card's number."`
	Why    string `json:"why" doc:"In English or Chinese by Accept-Language."`
}

// importKinds are the kinds of jobs about a file of cards, as they are called here.
var importKinds = map[string]string{
	cardfile.JobCheck: "trial", cardfile.JobImport: "import", cardfile.JobUndoCheck: "undo_trial",
	cardfile.JobUndo: "undo",
}

// importFiles are the files that these leave for whoever asked for them.
var importFiles = []string{
	cardfile.Told + "." + string(sheet.CSV), cardfile.Told + "." + string(sheet.XLSX), cardfile.Left,
}

// importOf returns a job as an answer has it.
func (c *call) importOf(j *ledger.Job) (Import, error) {
	out := Import{Progress: progressOf(j), Kind: importKinds[j.Kind], By: askedBy(j), Failed: failedOf(j)}
	told := j.State == ledger.JobDone || strings.HasPrefix(j.Result, "{")
	if j.Kind == cardfile.JobUndoCheck || j.Kind == cardfile.JobUndo {
		var undo cardfile.Undo
		err := json.Unmarshal([]byte(j.Ask), &undo)
		out.Name, out.Of = undo.Name, undo.Import
		if err == nil && told {
			out.Undone, err = c.undone(j.Result)
		}
		return out, err
	}
	var plan cardfile.Plan
	err := json.Unmarshal([]byte(j.Ask), &plan)
	if out.Name = plan.Name; j.Kind == cardfile.JobImport {
		out.Of = plan.Behind
	}
	if err != nil || !told {
		return out, err
	}
	var done cardfile.Outcome
	err = json.Unmarshal([]byte(j.Result), &done)
	if j.State == ledger.JobFailed {
		out.Failed = c.why(done.Fault)
		return out, err
	}
	out.Result = c.result(&done)
	return out, err
}

// why returns a reason in the language of the caller.
func (c *call) why(r cardfile.Reason) string { return text{Zh: r.Chinese, En: r.English}.in(c.lang) }

func (c *call) result(o *cardfile.Outcome) *ImportResult {
	r := &ImportResult{
		Rows: o.Rows, Opened: o.Opened, Before: o.Before, Refused: o.Refused, Taken: o.Taken, Alike: o.Alike,
		Principal: int64(o.Principal), Bonus: int64(o.Bonus), Points: o.Points, Owed: int64(o.Owed), Coupons: o.Coupons,
		NoGender: o.NoGender, TakesTwo: o.TakesTwo(&c.merchant.Settings),
		Columns: []ImportColumn{}, Errors: []ImportError{}, Changes: []ImportChanged{},
	}
	for _, column := range o.Columns {
		r.Columns = append(r.Columns, ImportColumn{column.Header, columnOf(column.Meaning)})
	}
	for _, row := range o.First {
		r.Errors = append(r.Errors, ImportError{row.Line, row.Number, c.why(row.Why)})
	}
	for _, ch := range o.Changes {
		r.Changes = append(r.Changes, ImportChanged{ch.Header, columnOf(ch.Meaning), ch.Rows, ch.Examples})
	}
	return r
}

// columnOf returns what a column is called that means something to an import.
func columnOf(meaning string) Column {
	if meaning == "" {
		return ignored
	}
	return Column(meaning)
}

func (c *call) undone(result string) (*ImportUndone, error) {
	var u cardfile.Undone
	err := json.Unmarshal([]byte(result), &u)
	out := &ImportUndone{
		Cards: u.Cards, Closed: u.Closed, Before: u.Before, Left: u.Left, Principal: int64(u.Principal),
		Bonus: int64(u.Bonus), Points: u.Points, Owed: int64(u.Owed), Staying: []ImportStays{},
	}
	for _, card := range u.First {
		out.Staying = append(out.Staying, ImportStays{card.Number, c.why(card.Why)})
	}
	return out, err
}
