package cardfile

import "tongka/internal/ledger"

// Kinds of jobs that take an import back: to tell what would become of its cards, and to do it.
const (
	JobUndoCheck = "import-undo-check"
	JobUndo      = "import-undo"
)

// MayUndo is what takes to take cards back that were brought in: what they came by, and to close cards.
const MayUndo = MayImport | ledger.MayCashOut

// Names of the files of these jobs.
const (
	Brought = "brought"   // the commands that were to open cards, as JSON; an import leaves it
	Left    = "left.xlsx" // the cards that stay, with why
)

// Chunk is a command of an import that was to open cards.
type Chunk struct {
	Request string `json:"request"` // its id
	Cards   int    `json:"cards"`   // at most so many were opened
}

// Undo is how an import is taken back, as somebody asks for it. It is kept as JSON.
type Undo struct {
	Import   string        `json:"import"`         // the job
	Trial    string        `json:"trial"`          // the job that tried the import, which can be confirmed no more
	Name     string        `json:"name"`           // of the file that was imported
	Shop     ledger.ShopID `json:"shop,omitempty"` // where the cards are closed
	Operator string        `json:"operator"`       // of the entries
	English  bool          `json:"english,omitempty"`
}

// Content returns what is asked for, without the language in which cards that stay are told.
func (u Undo) Content() Undo {
	u.English = false
	return u
}

// Undone is what taking an import back did, or would have done.
type Undone struct {
	Cards     int           `json:"cards"`         // of the import
	Closed    int           `json:"closed"`        // taken back now
	Before    int           `json:"before"`        // taken back by an earlier job
	Left      int           `json:"left"`          // those that stay, as they were used
	Principal ledger.Fen    `json:"principal_fen"` // that those which were taken back had brought
	Bonus     ledger.Fen    `json:"bonus_fen"`
	Owed      ledger.Fen    `json:"owed_fen"`
	Points    int64         `json:"points"`
	First     []StayingCard `json:"first,omitempty"` // of those that stay, at most MostTold
}

// StayingCard is a card that is not taken back.
type StayingCard struct {
	Card   ledger.CardID `json:"card"`
	Number string        `json:"number"`
	Why    Reason        `json:"why"`
}

// Stay counts in a card that is not taken back.
func (u *Undone) Stay(c StayingCard) {
	u.Left++
	if len(u.First) < MostTold {
		u.First = append(u.First, c)
	}
}

// Back counts in what a card had brought that is taken back, by the entries that brought it.
func (u *Undone) Back(brought []ledger.Entry, before bool) {
	if before {
		u.Before++
	} else {
		u.Closed++
	}
	for i := range brought {
		if e := &brought[i]; e.Kind == ledger.BalanceOpened {
			u.Principal += e.Gross
			u.Bonus += e.Bonus
			u.Owed += e.Net - e.Delta()
			u.Points += e.Points
		}
	}
}
