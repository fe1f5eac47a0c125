package api

import (
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/ledger"
)

// Currency is that of all amounts.
const Currency = "CNY"

// Day is a civil day at the merchant, like 2026-11-30; "" = none.
type Day string

// dayOf returns a date as answers have it. What never ends has none.
func dayOf(d ledger.Date) Day {
	if d == 0 || d == ledger.Forever {
		return ""
	}
	return Day(d.String())
}

// Schema describes a day.
func (Day) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Format: "date", Examples: []any{"2026-12-31"}}
}

// date returns the day that was sent; 0 if none was.
func (c *call) date(field string, d Day) (ledger.Date, error) {
	if d == "" {
		return 0, nil
	}
	day, err := ledger.ParseDate(string(d))
	if err != nil {
		return 0, c.refuseField(field, "want a day like 2026-12-31")
	}
	return day, nil
}

// moment returns a time as answers have it; nil if there is none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// names are values that stand in answers and requests by their names.
type names[T comparable] struct {
	of   map[T]string
	from map[string]T
	list []any // in the order of the values
}

// namesOf makes names of those that the core has, with underscores.
func namesOf[T comparable](all []T, name func(T) string) names[T] {
	n := names[T]{of: map[T]string{}, from: map[string]T{}}
	for _, v := range all {
		text := strings.ReplaceAll(name(v), "-", "_")
		n.of[v], n.from[text], n.list = text, v, append(n.list, text)
	}
	return n
}

var (
	kinds    = namesOf(ledger.Kinds, ledger.Kind.String)
	statuses = namesOf(ledger.Statuses, func(s ledger.Status) string {
		return map[ledger.Status]string{
			ledger.Active: "active", ledger.Lost: "lost", ledger.Returned: "returned", ledger.Replaced: "replaced",
			ledger.Stopped: "stopped",
		}[s]
	})
	cardKinds = namesOf([]ledger.CardKind{ledger.Micro, ledger.Common, ledger.StoredValue}, ledger.CardKind.String)
)

// Kind is the kind of an entry.
type Kind string

// Schema lists the kinds.
func (Kind) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: "string", Enum: kinds.list} }

// Status is the status of a card.
type Status string

// Schema lists the statuses.
func (Status) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Enum: statuses.list}
}

// CardKind is the kind of a card.
type CardKind string

// Schema lists the kinds.
func (CardKind) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "string", Enum: cardKinds.list}
}
