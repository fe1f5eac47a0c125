package store

import (
	"encoding/json"
	"fmt"

	"tongka/internal/ledger"
)

// levelRights is how a level's row stores its rights: as one text, because no level is ever looked up by them.
type levelRights struct {
	NoRecharge  bool           `json:"n,omitempty"`
	MemberPrice bool           `json:"m,omitempty"`
	Each        ledger.Fen     `json:"e,omitempty"`
	Back        ledger.Fen     `json:"b,omitempty"`
	Renewals    []levelRenewal `json:"r,omitempty"`
	Account     *levelAccount  `json:"a,omitempty"`
}

type levelRenewal struct {
	Price  ledger.Fen `json:"p"`
	Months int        `json:"m"`
}

type levelAccount struct {
	ID        int64      `json:"i"`
	Name      string     `json:"n,omitempty"`
	MaxAmount ledger.Fen `json:"a,omitempty"`
	Fixed     ledger.Fen `json:"f,omitempty"`
	MaxCount  int        `json:"c,omitempty"`
}

// encodeRights returns "" for a level that gives nothing besides discount and points.
func encodeRights(g *ledger.Rights) (string, error) {
	x := levelRights{NoRecharge: g.NoRecharge, MemberPrice: g.MemberPrice, Each: g.CashBack.Each, Back: g.CashBack.Back}
	for _, one := range g.Renewals {
		x.Renewals = append(x.Renewals, levelRenewal(one))
	}
	if g.Account != (ledger.HouseAccount{}) {
		account := levelAccount(g.Account)
		x.Account = &account
	}
	b, err := marshal(x)
	if string(b) == "{}" {
		return "", nil
	}
	return string(b), err
}

func decodeRights(s string) (ledger.Rights, error) {
	var g ledger.Rights
	if s == "" {
		return g, nil
	}
	var x levelRights
	if err := json.Unmarshal([]byte(s), &x); err != nil {
		return g, fmt.Errorf("rights of a level: %w", err)
	}
	g.NoRecharge, g.MemberPrice, g.CashBack = x.NoRecharge, x.MemberPrice, ledger.CashBack{Each: x.Each, Back: x.Back}
	for _, one := range x.Renewals {
		g.Renewals = append(g.Renewals, ledger.Renewal(one))
	}
	if x.Account != nil {
		g.Account = ledger.HouseAccount(*x.Account)
	}
	return g, nil
}

// writeLevel writes a level after its merchant and place.
func writeLevel(r *rows, l *ledger.Level) {
	rights, err := encodeRights(&l.Rights)
	if err != nil {
		r.err = err
	}
	r.int(int64(l.ID)).text(l.Name).int(int64(l.PayRate)).int(int64(l.Earn)).text(rights)
}

func readLevel(r record) (ledger.Level, error) {
	l := ledger.Level{
		ID: ledger.LevelID(r.int()), Name: r.text(), PayRate: ledger.Rate(r.int()), Earn: ledger.Rate(r.int()),
	}
	var err error
	l.Rights, err = decodeRights(r.text())
	return l, err
}
