package ledger

import (
	"encoding/base64"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
)

func wholeAgent() Agent {
	return Agent{
		ID: 7, Name: "till", TokenHash: [32]byte{1, 2, 3}, Spare: [32]byte{4}, Weak: true, Allow: []string{"10.0.0.0/8"}, Until: 20270101,
		Stopped: true, Always200: true, Grants: []Grant{{1, MayRead | MayCancelLoss}}, Version: 9,
		Shop: 11, Key: []byte("sealed-key"), Scheme: "scheme: none\n", Secret: []byte("sealed-secret"),
		Owner: 1, Shops: []ShopID{11, 12},
	}
}

// The text of an agent tells any of its facts from any other, and all but what stands for a secret is read back.
// Only the version is left out: it is the entry that has the text.
func TestInvariant61AgentTextIsWhole(t *testing.T) {
	t.Parallel()
	whole := wholeAgent()
	text, err := AgentText(&whole)
	if err != nil {
		t.Fatal(err)
	}
	fields := reflect.TypeFor[Agent]()
	for i := range fields.NumField() {
		a := wholeAgent()
		reflect.ValueOf(&a).Elem().Field(i).SetZero()
		other, err := AgentText(&a)
		if name := fields.Field(i).Name; err != nil || (other == text) != (name == "Version") {
			t.Errorf("without %s: %s, %v", name, other, err)
		}
	}
	for what, change := range map[string]func(*Agent){
		"a bit of the token": func(a *Agent) { a.TokenHash[31] ^= 1 },
		"a bit of the key":   func(a *Agent) { a.Key = []byte("sealed-kez") },
		"key and secret":     func(a *Agent) { a.Key, a.Secret = a.Secret, a.Key },
		"an unknown right":   func(a *Agent) { a.Grants[0].Permissions |= 1 << 40 },
		"a shop":             func(a *Agent) { a.Shops = a.Shops[:1] },
	} {
		a := wholeAgent()
		change(&a)
		if other, err := AgentText(&a); err != nil || other == text {
			t.Errorf("%s: %s, %v", what, other, err)
		}
	}
	read, err := ParseAgent(text)
	read.TokenHash, read.Spare, read.Key, read.Secret = whole.TokenHash, whole.Spare, whole.Key, whole.Secret
	read.Version = whole.Version
	if err != nil || !reflect.DeepEqual(read, whole) {
		t.Errorf("read back as %+v, %v", read, err)
	}
}

// Nothing of a token, an ApiKey or a developer secret is in the journal, in no form, not even sealed (invariant 45).
func TestInvariant45AgentTextHidesSecrets(t *testing.T) {
	t.Parallel()
	a := wholeAgent()
	text, err := AgentText(&a)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range [][]byte{a.TokenHash[:], a.Key, a.Secret} {
		for _, form := range []string{
			string(secret), hex.EncodeToString(secret)[:8], base64.StdEncoding.EncodeToString(secret)[:8],
		} {
			if strings.Contains(text, form) {
				t.Errorf("%q of a secret is in %s", form, text)
			}
		}
	}
}

// The text of a merchant that is new is its id and its settings, as its own journal would have them.
func TestInvariant61AddedText(t *testing.T) {
	t.Parallel()
	m := Merchant{
		ID: 5, GUID: "{A}", Name: "店 <b>", Shops: []Shop{{ID: 1, GUID: "{B}", Name: "总店"}}, Settings: Settings{MaxAmount: 7},
		Levels: []Level{{
			ID: 2, PayRate: 9000, Earn: 3, Rights: Rights{
				NoRecharge: true, CashBack: CashBack{Each: 5, Back: 1}, Renewals: []Renewal{{Price: 2, Months: 3}},
				Account: HouseAccount{ID: 1, Name: "a"},
			},
		}},
		Rules:    []Rule{{ID: 1, Name: "送", Kind: Percent, AddRate: 1000}},
		PayTypes: []PayType{{ID: 1, Name: "现金", Code: "wx", Invoiceable: true}},
	}
	text, err := AddedText(&m)
	if err != nil {
		t.Fatal(err)
	}
	want, err := SettingsText(&m)
	if err != nil {
		t.Fatal(err)
	}
	id, settings, err := ParseAdded(text)
	if err != nil || id != 5 || settings != want {
		t.Errorf("read back as %d, %s, %v, want %s", id, settings, err, want)
	}
	read, err := ParseSettings(settings)
	if err != nil ||
		!reflect.DeepEqual(read, &Merchant{
			Settings: m.Settings, Shops: m.Shops, Levels: m.Levels, Rules: m.Rules, PayTypes: m.PayTypes,
		}) {
		t.Errorf("settings are read back as %+v, %v", read, err)
	}
}
