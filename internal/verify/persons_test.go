package verify

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// manager is a person who may do a shop manager's work at shop 1 of merchant 1, from a time on.
func manager(at time.Duration, change func(*personThen)) personThen {
	role, _ := ledger.FindRole("manager")
	p := personThen{ledger.Person{
		ID: 3, Grants: []ledger.PersonGrant{{Merchant: 1, Shops: []ledger.ShopID{1}, Permissions: role.Allowed}},
	}, noon.Add(at)}
	if change != nil {
		change(&p)
	}
	return p
}

// keyChanged is an entry of the host that changed an API key of a merchant, or with merchant 0 an integrator.
func keyChanged(may ledger.Permission, owner ledger.MerchantID, stopped bool) ledger.Entry {
	text, err := ledger.AgentText(&ledger.Agent{
		ID: 5, Name: "ERP", Owner: owner, Stopped: stopped, Grants: []ledger.Grant{{Merchant: max(owner, 1), Permissions: may}},
	})
	if err != nil {
		panic(err)
	}
	return ledger.Entry{Merchant: ledger.HostID, Kind: ledger.AgentChanged, Settings: text}
}

// What a person may do, or may not any more.
var (
	stopped = func(p *personThen) { p.Stopped = true }
	ended   = func(p *personThen) { p.Until = ledger.DateOf(noon).AddDays(-1) }
	cashier = func(p *personThen) {
		role, _ := ledger.FindRole("cashier")
		p.Grants[0].Permissions = role.Allowed
	}
	owner   = func(p *personThen) { p.Grants = []ledger.PersonGrant{{Permissions: ledger.AllPermissions}} }
	nothing = func(p *personThen) { p.Grants = nil }
	admin   = func(p *personThen) {
		p.Grants = []ledger.PersonGrant{{Merchant: 1, Permissions: ledger.MayPeople | ledger.MayReports}}
	}
	exporter = func(p *personThen) { p.Grants[0].Permissions = ledger.MayExport }
	reader   = func(p *personThen) { p.Grants[0].Permissions = ledger.MayRead | ledger.MayReveal }
	importer = func(p *personThen) {
		p.Grants[0].Permissions = ledger.MayOpen | ledger.MayRecharge | ledger.MayPoints | ledger.MayAdjust
	}
)

// Each row is a person's life in the host's journal and an entry at noon, and what is said of it.
func TestInvariant36OfPersons(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		was  []personThen
		e    ledger.Entry
		want string // what the check fails with; "" = it holds
	}{
		"a refund":            {[]personThen{manager(-time.Hour, nil)}, ledger.Entry{Kind: ledger.ConsumeRefunded}, ""},
		"by nobody":           {nil, ledger.Entry{Kind: ledger.ConsumeRefunded}, "whom the host has never had"},
		"by a cashier":        {[]personThen{manager(-time.Hour, cashier)}, ledger.Entry{Kind: ledger.ConsumeRefunded}, "not allowed"},
		"a cashier's bill":    {[]personThen{manager(-time.Hour, cashier)}, ledger.Entry{Kind: ledger.Consumed}, ""},
		"points by a cashier": {[]personThen{manager(-time.Hour, cashier)}, ledger.Entry{Kind: ledger.PointsAdjusted}, "not allowed"},
		"at another shop": {
			[]personThen{manager(-time.Hour, nil)}, ledger.Entry{Kind: ledger.Consumed, By: ledger.Caller{Shop: 2}}, "not allowed",
		},
		"at another merchant": {[]personThen{manager(-time.Hour, nil)}, ledger.Entry{Kind: ledger.Consumed, Merchant: 2}, "not allowed"},
		"an owner anywhere":   {[]personThen{manager(-time.Hour, owner)}, ledger.Entry{Kind: ledger.Consumed, Merchant: 2}, ""},
		"of settings":         {[]personThen{manager(-time.Hour, nil)}, ledger.Entry{Kind: ledger.SettingsChanged}, "not allowed"},
		"a look":              {[]personThen{manager(-time.Hour, nil)}, ledger.Entry{Kind: ledger.DataShown}, ""},
		"an export":           {[]personThen{manager(-time.Hour, exporter)}, ledger.Entry{Kind: ledger.DataExported}, ""},
		"a series's file":     {[]personThen{manager(-time.Hour, nil)}, ledger.Entry{Kind: ledger.DataExported}, ""},
		"an export by others": {[]personThen{manager(-time.Hour, reader)}, ledger.Entry{Kind: ledger.DataExported}, "not allowed"},
		"long stopped":        {[]personThen{manager(-2*time.Hour, nil), manager(-time.Hour, stopped)}, ledger.Entry{Kind: ledger.Consumed}, "not allowed"},
		"just stopped":        {[]personThen{manager(-2*time.Hour, nil), manager(-time.Minute, stopped)}, ledger.Entry{Kind: ledger.Consumed}, ""},
		"ended":               {[]personThen{manager(-time.Hour, ended)}, ledger.Entry{Kind: ledger.Consumed}, "not allowed"},
		"one's own name":      {[]personThen{manager(-time.Hour, nothing)}, ledger.Entry{Kind: ledger.PersonChanged}, ""},
		"a lost card brought": {[]personThen{manager(-time.Hour, importer)}, ledger.Entry{Kind: ledger.ReportedLost}, ""},
		"a stopped one":       {[]personThen{manager(-time.Hour, importer)}, ledger.Entry{Kind: ledger.CardStopped}, ""},
		"coupons brought":     {[]personThen{manager(-time.Hour, importer)}, ledger.Entry{Kind: ledger.CouponSent}, ""},
		"an import undone":    {[]personThen{manager(-time.Hour, nil)}, ledger.Entry{Kind: ledger.OpeningReversed}, ""},
		"by who may bring":    {[]personThen{manager(-time.Hour, importer)}, ledger.Entry{Kind: ledger.OpeningReversed}, "not allowed"},
		"a key":               {[]personThen{manager(-time.Hour, admin)}, keyChanged(ledger.MayReports, 1, false), ""},
		"one with more":       {[]personThen{manager(-time.Hour, admin)}, keyChanged(ledger.MayRefund, 1, false), "not allowed"},
		"that one stopped":    {[]personThen{manager(-time.Hour, admin)}, keyChanged(ledger.MayRefund, 1, true), ""},
		"another's key":       {[]personThen{manager(-time.Hour, admin)}, keyChanged(ledger.MayReports, 2, true), "not allowed"},
		"a key by a manager":  {[]personThen{manager(-time.Hour, nil)}, keyChanged(ledger.MayReports, 1, true), "not allowed"},
		"an agent":            {[]personThen{manager(-time.Hour, admin)}, keyChanged(ledger.MayReports, 0, true), "not allowed"},
		"of nothing":          {[]personThen{manager(-time.Hour, nothing)}, ledger.Entry{Kind: ledger.LotsExpired}, "not allowed"},
	} {
		c.e.ID, c.e.At, c.e.By.Person = 9, noon, 3
		if c.e.Kind != ledger.AgentChanged {
			c.e.Merchant, c.e.By.Shop = cmp.Or(c.e.Merchant, 1), cmp.Or(c.e.By.Shop, 1)
		}
		l := newAudit()
		l.peopleThen = map[ledger.PersonID][]personThen{3: c.was}
		l.grantedPerson(&c.e)
		r := l.checks[36]
		if got := strings.Join(r.Examples, "\n"); r.Rows != 1 || (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %+v, want %q", name, r, c.want)
		}
	}
}

// Before a person's first entry, and where time was taken back, the order of two journals is not known.
func TestInvariant36OfPersonsUnknown(t *testing.T) {
	t.Parallel()
	e := ledger.Entry{ID: 9, Merchant: 1, Kind: ledger.Consumed, At: noon, By: ledger.Caller{Person: 3, Shop: 1}}
	for name, prepare := range map[string]func(*audit){
		"before the first": func(l *audit) { l.peopleThen = map[ledger.PersonID][]personThen{3: {manager(time.Hour, nil)}} },
		"the host's time":  func(l *audit) { l.wentBack = true },
		"the merchant's":   func(l *audit) { l.backs = []ledger.TimeBack{{}} },
	} {
		l := newAudit()
		prepare(l)
		l.grantedPerson(&e)
		if r := l.checks[36]; r.Rows != 1 || r.Unknown != 1 || r.Violations != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// Above the limit of the settings in force two different people stand in an entry, and nobody twice (invariant 62).
func TestInvariant62(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		by    ledger.Caller
		gross ledger.Fen
		want  string
	}{
		"one, up to the limit": {ledger.Caller{Person: 1}, 500_00, ""},
		"one, above it":        {ledger.Caller{Person: 1}, 500_01, "has no second person"},
		"two":                  {ledger.Caller{Person: 1, Proposer: 2}, 500_01, ""},
		"one, twice":           {ledger.Caller{Person: 1, Proposer: 1}, 5, "no second person"},
		"a proposer alone":     {ledger.Caller{Proposer: 1}, 5, "no second person"},
		"a till":               {ledger.Caller{Agent: 1}, 500_01, ""},
	} {
		l := newAudit()
		e := ledger.Entry{ID: 9, Kind: ledger.Withdrawn, Gross: c.gross, By: c.by}
		l.byTwo(&ledger.Merchant{Settings: ledger.Settings{SecondPerson: 500_00}}, &ledger.Card{}, &e)
		r := l.checks[62]
		if got := strings.Join(r.Examples, "\n"); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %+v, want %q", name, r, c.want)
		}
		if checked := c.by.Agent == 0; checked != (r.Rows == 1) {
			t.Errorf("%s: %d rows", name, r.Rows)
		}
	}
}
