package phrase

import (
	"testing"
	"time"
	"unicode"

	"tongka/internal/ledger"
)

// Whatever the ledger has a name for has words in both languages. A new kind without words would be an empty line on a
// screen.
// How long somebody waits is said in what people count in, rounded up, and never as nothing.
func TestWait(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]Text{
		0: {"1 秒", "1 second"}, time.Millisecond: {"1 秒", "1 second"}, 1500 * time.Millisecond: {"2 秒", "2 seconds"},
		2 * time.Minute: {"120 秒", "120 seconds"}, 2*time.Minute + 1: {"3 分钟", "3 minutes"},
		2 * time.Hour: {"120 分钟", "120 minutes"}, 2*time.Hour + 1: {"3 小时", "3 hours"}, 24 * time.Hour: {"24 小时", "24 hours"},
	} {
		if got := Wait(d); got != want {
			t.Errorf("%v: %v, want %v", d, got, want)
		}
	}
}

func TestEverythingHasWords(t *testing.T) {
	t.Parallel()
	look := func(what any, said Text) {
		t.Helper()
		if said.Zh == "" || said.En == "" || han(said.En) {
			t.Errorf("%v: %q", what, said)
		}
	}
	for _, k := range ledger.Kinds {
		look(k, Kinds[k])
	}
	for _, s := range ledger.Statuses {
		look(s, Statuses[s])
	}
	for _, k := range []ledger.CardKind{ledger.Micro, ledger.Common, ledger.StoredValue} {
		look(k, CardKinds[k])
	}
	for _, r := range ledger.Reasons() {
		look(r, Refusals[r])
	}
	if len(Refusals) != len(ledger.Reasons()) || len(Kinds) != len(ledger.Kinds) {
		t.Error("there are words for what the ledger does not know")
	}
}

func han(s string) bool {
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			return true
		}
	}
	return false
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	short := Refusal(ledger.Refusal{Reason: ledger.CardTaken, Detail: "6001"})
	if short.In(ledger.Chinese) != "卡号已被使用：6001" || short.In(ledger.English) != "The card number is taken: 6001" {
		t.Errorf("got %q", short)
	}
	phone := Refusal(ledger.Refusal{Reason: ledger.BadHolder, Detail: "phone"})
	if phone != holderWants["phone"] {
		t.Errorf("of a phone that is not possible is told %q", phone)
	}
	if got := Refusal(ledger.Refusal{Reason: ledger.BadDetails, Detail: "extid"}); got != Refusals[ledger.BadDetails] {
		t.Errorf("a field's name is shown to people: %q", got)
	}
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	for f, want := range map[ledger.Fen]string{
		0: "0.00", -5: "-0.05", 99_999: "999.99", 100_000: "1,000.00", -123456789: "-1,234,567.89",
		1_000_000_000_00: "1,000,000,000.00",
	} {
		if got := Yuan(f); got != want {
			t.Errorf("%d: got %s, want %s", f, got, want)
		}
	}
	if SignedYuan(5) != "+0.05" || SignedYuan(-5) != "-0.05" || SignedYuan(0) != "0.00" {
		t.Error("an amount has another sign")
	}
	if SignedCount(1200) != "+1,200" || SignedCount(-1) != "-1" || SignedCount(0) != "0" {
		t.Error("a number has another sign")
	}
	if got := Percent(1250); got != "12.5%" {
		t.Errorf("a rate is %s", got)
	}
	for number, want := range map[string]string{
		"": "", "60": "****", "6001": "6****01", "M000123": "M****23", "8800123456": "88****3456",
		"18600002465": "186****2465", "张三李四王五": "张****王五",
	} {
		if got := Masked(number); got != want {
			t.Errorf("%s: got %s, want %s", number, got, want)
		}
	}
}
