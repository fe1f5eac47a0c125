package ledger

import "fmt"

// CardKind is the kind of a card, numbered as on dc78 (mb_check, field type). A card's kind never changes.
type CardKind int

const (
	Micro       CardKind = 0  // 微卡: exists on a phone only
	Common      CardKind = 2  // 通卡: a plastic card that belongs to its holder; all cards of member-cjb are of this kind
	StoredValue CardKind = 15 // 储值卡: carries money for whoever has it, so it needs no name
)

var CardKindNames = map[CardKind]string{Micro: "micro", Common: "common", StoredValue: "stored-value"}

// String names the kind for logs; texts for people are the dialect's.
func (k CardKind) String() string {
	if name, ok := CardKindNames[k]; ok {
		return name
	}
	return fmt.Sprintf("kind %d", int(k))
}

// Limits of details, in characters.
const (
	MaxExtID    = 32
	MaxRemarks  = 200
	MaxSubject  = 200
	MaxReferrer = 32
	MaxOpenID   = 64
	MaxIDNumber = 32
	MaxPassword = 128 // of the keyed hash, not of what people type
)

// Details are facts about a card that move no money.
type Details struct {
	// ExtID is the inner code: digits, which a reader finds inside the plastic. No two cards of a merchant have the
	// same; "" = none.
	ExtID    string
	Remarks  string   // ext_info of dc78
	Subject  string   // what it was issued for; subject of dc78
	Referrer string   // who recruited the holder; refId of dc78
	Physical Physical // the shop's own card that is bound to this one
	OpenID   string   // the holder's id at the payment app; several cards may have the same
	IDNumber string   // of the holder's identity card
	Password string   // a keyed hash of the card's password, in base64url; "" = the card has none
	Pass     int64    // version of the phone's pass for member codes: codes of older versions no longer work
	Credit   Fen      // how far bills may take the card below zero; lowering it leaves what is already owed
}

// Physical is a card of another system that is bound to a card, as that system describes it. Its balance and
// points are not in our books.
type Physical struct {
	No, Type, Name string
	Balance        Fen
	Points         int64
}

// Allowed refuses details no card can have. The refusal's Detail names the field.
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

// ForEntry returns a copy of t for an entry, nil if t is empty.
func (t Details) ForEntry() *Details {
	if t == (Details{}) {
		return nil
	}
	return &t
}

// WithoutExtID returns a copy of t without the inner code for the entry that removes it, nil if there is no inner code.
func (t Details) WithoutExtID() *Details {
	if t.ExtID == "" {
		return nil
	}
	t.ExtID = ""
	return &t
}
