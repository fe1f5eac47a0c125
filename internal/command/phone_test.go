package command

import (
	"errors"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// do carries a command out on fresh books.
func do(t *testing.T, cmd Command) (Changes, error) {
	t.Helper()
	l, _, _ := cornered(t)
	return l.do(cmd, monday)
}

// A name without visible characters is refused by every command. A stored-value card needs no name.
func TestBlankNamesAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", " ", "\u3000", "\u200b", "\u2060", "\ufeff", "\u00ad", "\u3164", "\uffa0", "\u2800", "\u115f", "\u034f", "\ufe0f",
		" \u3000\u200b", "\u202e", "\U000e0020",
	} {
		if !ledger.Blank(name) {
			t.Errorf("%q is taken for a name", name)
		}
		card := NewCard{Number: "fresh", Level: 1, Kind: ledger.Common, Holder: ledger.Holder{Name: name}}
		for _, cmd := range []Command{
			Open{Merchant: 1, Card: card}, Issue{Merchant: 1, Cards: []NewCard{card}},
			ModifyHolder{Merchant: 1, Card: "good", Name: &name},
		} {
			if _, err := do(t, cmd); err == nil || !strings.Contains(err.Error(), "holder's data is not allowed: name") {
				t.Errorf("%T %q: got %v", cmd, name, err)
			}
		}
		ch, err := do(t, Import{Merchant: 1, Cards: []NewCard{card}})
		if err != nil || len(ch.Refused) != 1 ||
			ch.Refused[0].Refusal != (ledger.Refusal{Reason: ledger.BadHolder, Detail: "name"}) {
			t.Errorf("import of %q: got %+v, %v", name, ch.Refused, err)
		}
		card.Kind = ledger.StoredValue
		if _, err := do(t, Open{Merchant: 1, Card: card}); err != nil {
			t.Errorf("stored-value card of %q: %v", name, err)
		}
	}
	for _, name := range []string{"张", "a", "\u200b.\u200b", "👨\u200d👩", "é"} {
		if ledger.Blank(name) {
			t.Errorf("%q is taken for none", name)
		}
	}
}

// Every command stores phones normalised, and refuses a number whose digits a spreadsheet has lost.
func TestPhonesAreKeptNormal(t *testing.T) {
	t.Parallel()
	opened := func(phone string) (Changes, error) {
		return do(t, Open{
			Merchant: 1,
			Card: NewCard{
				Number: "fresh", Level: 1, Kind: ledger.Common, Holder: ledger.Holder{Name: " 张三\u200b", Phone: phone},
			},
		})
	}
	ch, err := opened("+86 138-0013\u200b-8000")
	if err != nil || ch.Opened[0].Holder != (ledger.Holder{Name: "张三", Phone: "13800138000"}) {
		t.Errorf("got %+v, %v", ch.Opened, err)
	}
	for _, phone := range []string{"1.38E+10", "1.38001E+10", "1E10", "1.3e+010"} {
		if _, err := opened(phone); !errors.Is(err, ledger.Refusal{Reason: ledger.BadHolder, Detail: "phone"}) {
			t.Errorf("%s: got %v", phone, err)
		}
	}
	phone := "１３９ 0013 9000"
	ch, err = do(t, ModifyHolder{Merchant: 1, Card: "good", Phone: &phone})
	if err != nil || ch.Cards[0].Holder.Phone != "13900139000" {
		t.Errorf("got %+v, %v", ch.Cards, err)
	}
}
