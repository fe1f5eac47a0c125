package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"tongka/internal/ledger"
)

// Lists that belong to one row are stored in it as text: ":" between the numbers of a list, "," between lists. They
// are read and written with the row and never searched.

func appendList(b []byte, ns ...int64) []byte {
	if len(b) > 0 {
		b = append(b, ',')
	}
	for i, n := range ns {
		if i > 0 {
			b = append(b, ':')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return b
}

// numbers parses a text of lists that have width numbers each.
type numbers struct {
	left  string
	width int
	row   [4]int64
	err   error
}

func readList(s string, width int) *numbers { return &numbers{left: s, width: width} }

// len returns the number of lists that are left.
func (n *numbers) len() int {
	if n.left == "" {
		return 0
	}
	return strings.Count(n.left, ",") + 1
}

// scan reads the next list into row; it reports false at the end or on an error.
func (n *numbers) scan() bool {
	if n.left == "" || n.err != nil {
		return false
	}
	list, left, more := strings.Cut(n.left, ",")
	n.left = left
	for i := range n.width {
		var word string
		word, list, _ = strings.Cut(list, ":")
		if n.row[i], n.err = strconv.ParseInt(word, 10, 64); n.err != nil {
			return false
		}
	}
	if list != "" || more && left == "" {
		n.err = fmt.Errorf("not a list of %d numbers: %q", n.width, list)
	}
	return n.err == nil
}

func encodeTally(t ledger.Tally) string {
	b := make([]byte, 0, 64)
	for _, c := range t {
		var moved int64
		if c.MovedPoints {
			moved = 1
		}
		b = appendList(b, int64(c.Kind), moved, c.N)
	}
	return string(b)
}

func decodeTally(s string) (ledger.Tally, error) {
	n := readList(s, 3)
	t := make(ledger.Tally, 0, n.len())
	for n.scan() {
		if n.row[1] != 0 && n.row[1] != 1 {
			return nil, fmt.Errorf("not a tally: %q", s)
		}
		t = append(t, ledger.Count{Kind: ledger.Kind(n.row[0]), MovedPoints: n.row[1] != 0, N: n.row[2]})
	}
	return t, n.err
}

func encodePointLots(lots []ledger.PointLot) string {
	var b []byte
	for _, l := range lots {
		b = appendList(b, int64(l.GoodUntil), l.Points)
	}
	return string(b)
}

func decodePointLots(s string) ([]ledger.PointLot, error) {
	var lots []ledger.PointLot
	n := readList(s, 2)
	for n.scan() {
		lots = append(lots, ledger.PointLot{GoodUntil: ledger.Date(n.row[0]), Points: n.row[1]})
	}
	return lots, n.err
}

func encodePointParts(parts []ledger.PointAllocation) string {
	var b []byte
	for _, p := range parts {
		b = appendList(b, int64(p.GoodUntil), p.Points)
	}
	return string(b)
}

func decodePointParts(s string) ([]ledger.PointAllocation, error) {
	var parts []ledger.PointAllocation
	n := readList(s, 2)
	for n.scan() {
		parts = append(parts, ledger.PointAllocation{GoodUntil: ledger.Date(n.row[0]), Points: n.row[1]})
	}
	return parts, n.err
}

func encodeParts(parts []ledger.Allocation) string {
	b := make([]byte, 0, 48)
	for _, p := range parts {
		b = appendList(b, int64(p.Lot), int64(p.GoodUntil), int64(p.Principal), int64(p.Bonus))
	}
	return string(b)
}

func decodeParts(s string) ([]ledger.Allocation, error) {
	n := readList(s, 4)
	if n.len() == 0 {
		return nil, nil
	}
	parts := make([]ledger.Allocation, 0, n.len())
	for n.scan() {
		parts = append(parts, ledger.Allocation{
			Lot: ledger.EntryID(n.row[0]), GoodUntil: ledger.Date(n.row[1]),
			Principal: ledger.Fen(n.row[2]), Bonus: ledger.Fen(n.row[3]),
		})
	}
	return parts, n.err
}

func encodeLots(lots []ledger.Lot) string {
	b := make([]byte, 0, 32)
	for _, l := range lots {
		b = appendList(b, int64(l.GoodUntil), int64(l.ID), int64(l.Principal), int64(l.Bonus))
	}
	return string(b)
}

// decodeLots parses a card's lots, in the form that encodeLots writes and selectCards reads from rows of their own.
func decodeLots(s string) ([]ledger.Lot, error) {
	n := readList(s, 4)
	if n.len() == 0 {
		return nil, nil
	}
	lots := make([]ledger.Lot, 0, n.len())
	for n.scan() {
		lots = append(lots, ledger.Lot{
			GoodUntil: ledger.Date(n.row[0]), ID: ledger.EntryID(n.row[1]),
			Principal: ledger.Fen(n.row[2]), Bonus: ledger.Fen(n.row[3]),
		})
	}
	return lots, n.err
}

// extra holds the fields that few entries have. Their names are short because they are stored in every such row.
type extra struct {
	Rules  []extraRule  `json:"r,omitempty"`
	Holder *extraHolder `json:"h,omitempty"`
	Other  string       `json:"o,omitempty"`
	Note   string       `json:"t,omitempty"`
	Number string       `json:"n,omitempty"`
	Until  ledger.Date  `json:"u,omitempty"`
	Kind   int          `json:"k,omitempty"`
	Was    ledger.Date  `json:"z,omitempty"`

	Details *extraDetails `json:"d,omitempty"`
	Coupons []extraCoupon `json:"c,omitempty"`
	Offer   *extraOffer   `json:"f,omitempty"`
	Points  *extraPoints  `json:"p,omitempty"`
	Claimed int64         `json:"l,omitempty"` // milliseconds
	Invoice ledger.Fen    `json:"i,omitempty"`
	Account int64         `json:"a,omitempty"`
	Earn    int           `json:"e,omitempty"`

	Back     ledger.EntryID `json:"b,omitempty"`
	Brought  ledger.Fen     `json:"v,omitempty"`
	Forfeits []extraForfeit `json:"x,omitempty"`
	Settings string         `json:"s,omitempty"`

	Person   ledger.PersonID `json:"w,omitempty"`
	Proposer ledger.PersonID `json:"q,omitempty"`
	Address  string          `json:"g,omitempty"`

	HeldTo   int64 `json:"y,omitempty"` // milliseconds
	Released int   `json:"j,omitempty"`
}

type extraRule struct {
	Name   string     `json:"n"`
	Money  ledger.Fen `json:"m,omitempty"`
	Points int64      `json:"p,omitempty"`
}

type extraHolder struct {
	Name     string      `json:"n,omitempty"`
	Phone    string      `json:"p,omitempty"`
	Gender   int         `json:"g,omitempty"`
	Birthday ledger.Date `json:"b,omitempty"`
}

type extraForfeit struct {
	Lot       ledger.EntryID `json:"l"`
	GoodUntil ledger.Date    `json:"u"`
	Bonus     ledger.Fen     `json:"b"`
}

type extraPoints struct {
	Points int64      `json:"p"`
	Worth  ledger.Fen `json:"w"`
	Ratio  int64      `json:"r"`
}

type extraDetails struct {
	ExtID    string     `json:"x,omitempty"`
	Remarks  string     `json:"m,omitempty"`
	Subject  string     `json:"s,omitempty"`
	Referrer string     `json:"r,omitempty"`
	No       string     `json:"n,omitempty"`
	Type     string     `json:"t,omitempty"`
	Name     string     `json:"l,omitempty"`
	Balance  ledger.Fen `json:"b,omitempty"`
	Points   int64      `json:"p,omitempty"`
	OpenID   string     `json:"o,omitempty"`
	IDNumber string     `json:"i,omitempty"`
	Password string     `json:"w,omitempty"`
	Credit   ledger.Fen `json:"c,omitempty"`
	Pass     int64      `json:"a,omitempty"`
}

func extraOf(t *ledger.Details) *extraDetails {
	if t == nil {
		return nil
	}
	p := t.Physical
	return &extraDetails{
		ExtID: t.ExtID, Remarks: t.Remarks, Subject: t.Subject, Referrer: t.Referrer, No: p.No, Type: p.Type, Name: p.Name,
		Balance: p.Balance, Points: p.Points, OpenID: t.OpenID, IDNumber: t.IDNumber,
		Password: t.Password, Credit: t.Credit, Pass: t.Pass,
	}
}

func (x *extraDetails) details() ledger.Details {
	return ledger.Details{
		ExtID: x.ExtID, Remarks: x.Remarks, Subject: x.Subject, Referrer: x.Referrer,
		Physical: ledger.Physical{No: x.No, Type: x.Type, Name: x.Name, Balance: x.Balance, Points: x.Points},
		OpenID:   x.OpenID, IDNumber: x.IDNumber, Password: x.Password, Credit: x.Credit, Pass: x.Pass,
	}
}

func encodeForfeits(forfeits []ledger.Forfeit) []byte {
	var b []byte
	for _, f := range forfeits {
		b = appendList(b, int64(f.Lot), int64(f.GoodUntil), int64(f.Bonus))
	}
	return b
}

func decodeForfeits(s string) (forfeits []ledger.Forfeit, err error) {
	n := readList(s, 3)
	for n.scan() {
		forfeits = append(forfeits, ledger.Forfeit{
			Lot: ledger.EntryID(n.row[0]), GoodUntil: ledger.Date(n.row[1]), Bonus: ledger.Fen(n.row[2]),
		})
	}
	return forfeits, n.err
}

func encodeHolds(holds []ledger.Hold) string {
	var b []byte
	for _, h := range holds {
		b = appendList(b, int64(h.ID), int64(h.Amount), h.Until.UnixMilli())
	}
	return string(b)
}

func decodeHolds(s string) (holds []ledger.Hold, err error) {
	n := readList(s, 3)
	for n.scan() {
		holds = append(holds, ledger.Hold{
			ID: ledger.EntryID(n.row[0]), Amount: ledger.Fen(n.row[1]), Until: time.UnixMilli(n.row[2]).UTC(),
		})
	}
	return holds, n.err
}

// encodeAside returns what a card's row stores of the fields that few cards have: the sums as one list of numbers,
// after a semicolon the bonus to be forfeited as further lists, and then the details as JSON, without those that
// cards are looked up by, which have columns of their own. It returns "" if there is none of these.
func encodeAside(c *ledger.Card) (string, error) {
	var b []byte
	if c.Invoiceable != 0 || c.Charges != (ledger.Charges{}) {
		b = appendList(b, int64(c.Invoiceable), int64(c.Charges.Amount), int64(c.Charges.Bills))
	}
	if len(c.Forfeits) > 0 {
		b = append(append(b, ';'), encodeForfeits(c.Forfeits)...)
	}
	t := c.Details
	t.ExtID, t.OpenID = "", ""
	if t == (ledger.Details{}) {
		return string(b), nil
	}
	details, err := marshal(extraOf(&t))
	return string(append(b, details...)), err
}

func decodeAside(s string, c *ledger.Card) error {
	if s == "" {
		return nil
	}
	lists, details, found := strings.Cut(s, "{")
	sums, forfeits, _ := strings.Cut(lists, ";")
	var err error
	if c.Forfeits, err = decodeForfeits(forfeits); err != nil {
		return fmt.Errorf("forfeits: %w", err)
	}
	n := readList(sums, 3)
	if n.scan() {
		c.Invoiceable = ledger.Fen(n.row[0])
		c.Charges = ledger.Charges{Amount: ledger.Fen(n.row[1]), Bills: int(n.row[2])}
	}
	switch {
	case n.err != nil:
		return fmt.Errorf("sums: %w", n.err)
	case n.left != "":
		return fmt.Errorf("sums: want one list, got %q", sums)
	case !found:
		return nil
	}
	var x extraDetails
	if err := json.Unmarshal([]byte("{"+details), &x); err != nil {
		return fmt.Errorf("details: %w", err)
	}
	c.Details = x.details()
	return nil
}

// extras encodes the rare fields of entries, one entry after the other, in the same memory.
type extras struct{ x extra }

// encode returns "" for an entry without any rare field, such as that of a plain consume.
func (w *extras) encode(e *ledger.Entry) (string, error) {
	x := &w.x
	*x = extra{
		Other: e.OtherCard, Note: e.Note, Number: e.Number, Until: e.CardExpires, Was: e.ExpiredAt,
		Kind:   int(e.CardKind),
		Holder: (*extraHolder)(e.Holder), Details: extraOf(e.Details), Invoice: e.Invoice, Account: e.ChargedTo,
		Earn: e.Version, Brought: e.Invoiceable, Back: e.Back, Settings: e.Settings,
		Person: e.By.Person, Proposer: e.By.Proposer, Address: e.By.Address, Released: int(e.Released),
	}
	for _, r := range e.Rules {
		x.Rules = append(x.Rules, extraRule(r))
	}
	for _, f := range e.Forfeits {
		x.Forfeits = append(x.Forfeits, extraForfeit(f))
	}
	if !e.By.Claimed.IsZero() {
		x.Claimed = e.By.Claimed.UnixMilli()
	}
	if !e.HeldUntil.IsZero() {
		x.HeldTo = e.HeldUntil.UnixMilli()
	}
	x.addCoupons(e)
	if e.ByPoints != (ledger.PointPay{}) {
		x.Points = (*extraPoints)(&e.ByPoints)
	}
	if reflect.ValueOf(x).Elem().IsZero() { // also when fields are added to it
		return "", nil
	}
	b, err := marshal(x)
	if err != nil {
		return "", fmt.Errorf("entry %d: %w", e.ID, err)
	}
	return string(b), nil
}

// errNoText reports a value that JSON would change and that is therefore not stored.
var errNoText = errors.New("holds what is not a text")

// marshal is json.Marshal for values that must be read back unchanged: it refuses bytes that are not UTF-8, which
// json.Marshal would replace.
func marshal(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err == nil && replaced(b) {
		return nil, errNoText
	}
	return b, err
}

// replaced reports whether JSON contains the escape \ufffd. json.Marshal writes it for bytes that are not UTF-8 and
// for nothing else: it writes the character U+FFFD itself unescaped, and a backslash as two.
func replaced(b []byte) bool {
	for {
		i := bytes.IndexByte(b, '\\')
		if i < 0 || i+2 > len(b) {
			return false
		}
		if bytes.HasPrefix(b[i:], []byte(`\ufffd`)) {
			return true
		}
		b = b[i+2:] // past what is escaped
	}
}

func decodeExtra(s string, e *ledger.Entry) error {
	if s == "" {
		return nil
	}
	var x extra
	if err := json.Unmarshal([]byte(s), &x); err != nil {
		return fmt.Errorf("extra: %w", err)
	}
	e.OtherCard, e.Note, e.Number, e.CardExpires, e.CardKind = x.Other, x.Note, x.Number, x.Until, ledger.CardKind(x.Kind)
	for _, r := range x.Rules {
		e.Rules = append(e.Rules, ledger.RuleHit(r))
	}
	e.Holder, e.Invoice, e.ChargedTo, e.Version = (*ledger.Holder)(x.Holder), x.Invoice, x.Account, x.Earn
	e.Invoiceable, e.ExpiredAt = x.Brought, x.Was
	e.Back, e.Released = x.Back, ledger.Released(x.Released)
	if x.HeldTo != 0 {
		e.HeldUntil = time.UnixMilli(x.HeldTo).UTC()
	}
	e.Settings = x.Settings
	e.By.Person, e.By.Proposer, e.By.Address = x.Person, x.Proposer, x.Address
	if x.Details != nil {
		details := x.Details.details()
		e.Details = &details
	}
	for _, f := range x.Forfeits {
		e.Forfeits = append(e.Forfeits, ledger.Forfeit(f))
	}
	x.coupons(e)
	if x.Points != nil {
		e.ByPoints = ledger.PointPay(*x.Points)
	}
	if x.Claimed != 0 {
		e.By.Claimed = time.UnixMilli(x.Claimed).UTC()
	}
	return nil
}
