package cardfile

import "tongka/internal/ledger"

// Kinds of jobs about a file of cards: to look at its columns, to try an import, and to carry it out.
const (
	JobLook   = "import-look"
	JobCheck  = "import-check"
	JobImport = "import"
)

// MayImport is what takes to bring cards in with money and points that nobody has paid for here.
const MayImport = ledger.MayOpen | ledger.MayRecharge | ledger.MayPoints | ledger.MayAdjust

// Names of the files of a job that imports cards.
const (
	Uploaded = "upload"  // as it came
	Told     = "reasons" // its rows with why they are refused, to be mended and imported again; its sort follows a point
)

// Plan is how a file is imported, as somebody asks for it. It is kept as JSON.
type Plan struct {
	Name     string         `json:"name"` // the file's
	Encoding Encoding       `json:"encoding,omitempty"`
	Columns  []string       `json:"columns,omitempty"` // see Terms
	Level    ledger.LevelID `json:"level,omitempty"`   // of rows that name none; 0 = these are refused
	OwnZeros bool           `json:"own_zeros,omitempty"`
	Shop     ledger.ShopID  `json:"shop,omitempty"` // where the cards are opened
	Operator string         `json:"operator"`       // of the entries
	English  bool           `json:"english,omitempty"`
	// Behind is the job that this one goes on from: the import the dry run, that the look at the columns. An import does
	// each part of a file once under that name.
	Behind string `json:"behind,omitempty"`
	Sum    string `json:"sum,omitempty"` // SHA-256 of the file that a program has sent: another one is not the same
	// Proposer is who made the dry run of an import that another person has confirmed; 0 = the same, or an agent.
	Proposer ledger.PersonID `json:"proposer,omitempty"`
}

// Content returns what is asked for, without the language in which rows are refused.
func (p Plan) Content() Plan {
	p.English = false
	return p
}

// Seen is what a first look at a file tells.
type Seen struct {
	Fault    Reason   `json:"fault,omitzero"`     // why it cannot be read; the rest is empty then
	Encoding Encoding `json:"encoding,omitempty"` // "" = it is a workbook
	Rows     int      `json:"rows"`
	Blank    int      `json:"blank,omitempty"`
	Above    int      `json:"above,omitempty"` // lines above the header, which are passed over
	Columns  []Column `json:"columns,omitempty"`
}

// Report is what an import did, with control totals.
type Report struct {
	Rows      int        `json:"rows"`
	Opened    int        `json:"opened"`
	Before    int        `json:"opened_before"` // by an earlier run of the same file
	Refused   int        `json:"refused"`
	Taken     int        `json:"taken"`         // of those refused, the rows whose number a card has already
	Alike     int        `json:"alike"`         // of those refused, the rows whose number but for leading zeros a card has
	Principal ledger.Fen `json:"principal_fen"` // on the cards opened now and before
	Bonus     ledger.Fen `json:"bonus_fen"`
	Points    int64      `json:"points"`
	Owed      ledger.Fen `json:"owed_fen,omitempty"`
	Coupons   int        `json:"coupons,omitempty"`
	NoGender  int        `json:"unknown_genders,omitempty"` // cards whose gender in the file is none that is known
	// What all rows whose money can be read would bring, those that were refused among them: a row that is refused at a
	// trial, for its number or a level that is not there, may be opened later.
	Whole       ledger.Fen `json:"whole_fen,omitempty"`
	WholePoints int64      `json:"whole_points,omitempty"`
}

// TakesTwo reports whether what the rows can bring is more than one person may by a merchant's settings.
func (r *Report) TakesTwo(by *ledger.Settings) bool {
	return by.TakesTwoFor(max(r.Whole, r.Principal+r.Bonus), max(r.WholePoints, r.Points))
}

// Outcome is what an import did, or a dry run would have done.
type Outcome struct {
	Fault Reason `json:"fault,omitzero"` // why it cannot be read; the rest is empty then
	Report
	Columns []Column     `json:"columns,omitempty"` // what they were taken for
	First   []RefusedRow `json:"first,omitempty"`   // of the refused rows, at most MostTold
	Changes []Changed    `json:"changes,omitempty"` // of what is written otherwise than in the file
}

// InFile returns how many rows are in the file that a job of a kind leaves of them: a trial's has all, so that it can
// be mended and tried again, and an import's those that were refused.
func (o *Outcome) InFile(kind string) int64 {
	if kind == JobImport {
		return int64(o.Refused)
	}
	return int64(o.Rows)
}

// MostTold is how many refused rows an Outcome has, and how many examples of what is written otherwise in a column.
const MostTold, mostExamples = 100, 3

// RefusedRow is a row that was refused.
type RefusedRow struct {
	Line   int    `json:"line"`
	Number string `json:"number,omitempty"`
	Why    Reason `json:"why"`
}

// Refuse counts in a refused row.
func (o *Outcome) Refuse(row Row, why Reason) {
	if len(o.First) < MostTold {
		o.First = append(o.First, RefusedRow{row.Line, cut(row.Card.Number), why})
	}
}
