package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// Every detail has a limit, and a value at the limit is allowed.
func TestDetailsAllowed(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("卡", n) }
	for _, c := range []struct {
		details ledger.Details
		want    string // the field that is refused; "" = none
	}{
		{ledger.Details{}, ""},
		{*fullDetails(), ""},
		{ledger.Details{ExtID: strings.Repeat("0", ledger.MaxExtID)}, ""},
		{ledger.Details{ExtID: strings.Repeat("0", ledger.MaxExtID+1)}, "extid"},
		{ledger.Details{ExtID: "1x"}, "extid"},
		{ledger.Details{ExtID: "１"}, "extid"},
		{ledger.Details{Remarks: long(ledger.MaxRemarks)}, ""},
		{ledger.Details{Remarks: long(ledger.MaxRemarks + 1)}, "remarks"},
		{ledger.Details{Remarks: "a\nb"}, "remarks"},
		{ledger.Details{Referrer: long(ledger.MaxReferrer + 1)}, "referrer"},
		{ledger.Details{OpenID: long(ledger.MaxOpenID + 1)}, "openid"},
		{ledger.Details{OpenID: "\xff"}, "openid"},
		{ledger.Details{IDNumber: long(ledger.MaxIDNumber + 1)}, "idnumber"},
		{ledger.Details{Password: long(ledger.MaxPassword + 1)}, "password"},
		{ledger.Details{Physical: ledger.Physical{No: long(ledger.MaxNumber + 1)}}, "physical.no"},
		{ledger.Details{Physical: ledger.Physical{Type: long(ledger.MaxNameLen + 1)}}, "physical.type"},
		{ledger.Details{Physical: ledger.Physical{Name: long(ledger.MaxNameLen + 1)}}, "physical.name"},
		{ledger.Details{Physical: ledger.Physical{Balance: ledger.MaxFen, Points: ledger.MaxPoints}}, ""},
		{ledger.Details{Physical: ledger.Physical{Balance: ledger.MaxFen + 1}}, "physical.balance"},
		{ledger.Details{Physical: ledger.Physical{Balance: -1}}, "physical.balance"},
		{ledger.Details{Physical: ledger.Physical{Points: ledger.MaxPoints + 1}}, "physical.points"},
		{ledger.Details{Physical: ledger.Physical{Points: -1}}, "physical.points"},
		{ledger.Details{Credit: ledger.MaxFen}, ""},
		{ledger.Details{Credit: ledger.MaxFen + 1}, "credit"},
		{ledger.Details{Credit: -1}, "credit"},
	} {
		err := c.details.Allowed()
		want := error(ledger.Refusal{Reason: ledger.BadDetails, Detail: c.want})
		if c.want == "" {
			want = nil
		}
		if !errors.Is(err, want) {
			t.Errorf("%+v: got %v, want %v", c.details, err, want)
		}
	}
}
