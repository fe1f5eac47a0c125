package ledger

import "fmt"

// CardKind is what sort of card it is: the numbers of the dc78 wire (mb_check, field type). It never
// changes.
type CardKind int

const (
	Micro       CardKind = 0  // 微卡: lives on a phone only
	Common      CardKind = 2  // 通卡: a card of plastic that stands for its holder; all of member-cjb's are
	StoredValue CardKind = 15 // 储值卡: carries money for whoever holds it, so it needs no name
)

var CardKindNames = map[CardKind]string{Micro: "micro", Common: "common", StoredValue: "stored-value"}

// String names the kind for logs; people's words are the dialect's.
func (k CardKind) String() string {
	if name, ok := CardKindNames[k]; ok {
		return name
	}
	return fmt.Sprintf("kind %d", int(k))
}

// Limits of details, in letters.
const (
	MaxExtID    = 32
	MaxRemarks  = 200
	MaxSubject  = 200
	MaxReferrer = 32
	MaxOpenID   = 64
	MaxIDNumber = 32
	MaxPassword = 128 // of the keyed hash, not of what people type
)

// Details are facts of a card that move no money.
type Details struct {
	// inner code: digits, what a reader finds inside the plastic; no two cards of a merchant share one; "" = none
	ExtID    string
	Remarks  string   // ext_info of the dc78 wire
	Subject  string   // what for it was issued; subject of the dc78 wire
	Referrer string   // who brought the holder; refId of the dc78 wire
	Physical Physical // the shop's own card that was bound to this one
	OpenID   string   // the holder's at the payment app; several cards may share one
	IDNumber string   // of the holder's identity card
	Password string   // a keyed hash of the card's password, in base64url; "" = the card has none
	Pass     int64    // which pass for member codes the holder's phone has: codes of those before are good no more
	Credit   Fen      // how far bills may take the card below nothing; lowering it leaves what is owed
}

// Physical is a card of another system that is bound to a card, as that system shows it. Its balance
// and points are in no books of ours.
type Physical struct {
	No, Type, Name string
	Balance        Fen
	Points         int64
}

// Allowed refuses facts no card can have. Detail names the field of Details.
func (t *Details) Allowed() error {
	for _, field := range []struct {
		name string
		ok   bool
	}{
		{"extid", t.ExtID == "" || Digits(t.ExtID, 1, MaxExtID)},
		{"remarks", PlainText(t.Remarks, MaxRemarks)},
		{"subject", PlainText(t.Subject, MaxSubject)},
		{"referrer", PlainText(t.Referrer, MaxReferrer)},
		{"physical.no", PlainText(t.Physical.No, MaxNumber)},
		{"physical.type", PlainText(t.Physical.Type, MaxNameLen)},
		{"physical.name", PlainText(t.Physical.Name, MaxNameLen)},
		{"physical.balance", t.Physical.Balance >= 0 && t.Physical.Balance <= MaxFen},
		{"physical.points", t.Physical.Points >= 0 && t.Physical.Points <= MaxPoints},
		{"openid", PlainText(t.OpenID, MaxOpenID)},
		{"idnumber", PlainText(t.IDNumber, MaxIDNumber)},
		{"password", PlainText(t.Password, MaxPassword)},
		{"credit", t.Credit >= 0 && t.Credit <= MaxFen},
	} {
		if !field.ok {
			return Refuse(BadDetails, field.name)
		}
	}
	return nil
}

// ForEntry is t as an entry has it: nil where there is nothing to tell.
func (t Details) ForEntry() *Details {
	if t == (Details{}) {
		return nil
	}
	return &t
}

// WithoutExtID is t as an entry has it that takes the inner code off the card; nil where there is none.
func (t Details) WithoutExtID() *Details {
	if t.ExtID == "" {
		return nil
	}
	t.ExtID = ""
	return &t
}
