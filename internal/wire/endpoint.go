package wire

import (
	"net/http"

	"tongka/internal/ledger"
)

// Endpoint is what a dialect tells people of one thing that tills can ask for.
type Endpoint struct {
	Name    string            // as requests are listed: consume, mb_trans/1
	May     ledger.Permission // what an agent needs for it
	Changes bool              // it does something; otherwise it only reads
	Gives   bool              // what it does may be at stake: see ledger.Settings.AtStake
	Fields  []Field           // those that are sent first stand first
}

// Field is one that a request has, or may have.
type Field struct {
	Name     string
	Required bool
	Of       FieldOf
	Sample   string // a value that suits it, where Of does not say which
	Fixed    bool   // it always has the sample
}

// FieldOf says what the value of a field names.
type FieldOf int

const (
	OfText       FieldOf = iota
	OfNumber             // an amount, points, or what else is counted
	OfCard               // the number of a card
	OfNewCard            // a number that no card has yet
	OfLevel              // the id of a level
	OfPayType            // the id of a pay type
	OfCouponKind         // the id of a kind of coupons
	OfRequest            // what this request is called, so that it is done once
	OfOperator           // who is at the till
	OfProof              // a password or a code: it is never shown again
)

// Try is a request that somebody makes by hand.
type Try struct {
	Endpoint string
	Values   map[string]string // by name; those that are empty are not sent
	Agent    *ledger.Agent
	Shop     ledger.Shop
	// Key is the token of an agent or the ApiKey of a shop, and Secret a developer secret, as whoever tries typed them.
	// Without a key the request is made to be looked at: what proves it is left out.
	Key, Secret string
}

// Built is a request that was made of a Try.
type Built struct {
	Method, Path, Query string
	Header              http.Header // may hold the key
	Body                string
	Signed, Sign        string // the text that is signed, without key and secret, and its signature; "" = nothing is
}

// Find returns the endpoint of that name, or nil.
func Find(all []Endpoint, name string) *Endpoint {
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return nil
}

// Each calls fn with the name and value of every field that a request has.
func (e *Endpoint) Each(values map[string]string, fn func(f *Field, value string)) {
	for i := range e.Fields {
		f := &e.Fields[i]
		value := values[f.Name]
		if f.Fixed {
			value = f.Sample
		}
		if value != "" {
			fn(f, value)
		}
	}
}

// Number reports whether the field is sent as a number, where what it holds is one.
func (f *Field) Number() bool {
	return f.Of == OfNumber || f.Of == OfLevel || f.Of == OfPayType || f.Of == OfCouponKind
}
