package command

import (
	"fmt"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// atPhone returns what a holder does at a phone: the loss of the card is reported.
func atPhone(phone Phone, card string, id ledger.CardID, password string) ByHolder {
	b := ByHolder{
		Merchant: 1, Phone: phone, From: "10.0.0.1", Card: card, ID: id, Command: ReportLost{Merchant: 1, Card: card},
	}
	if password != "" {
		b.Password = func(kept string) bool { return kept == password }
	}
	return b
}

// Each row corrects the fault of the row above it. Cards of guarded are numbered as they were opened: phone has no
// password, pass has one.
func TestPrecedenceOfHolders(t *testing.T) {
	t.Parallel()
	old := atPhone(BoundPhone, "pass", 2, "right")
	old.Pass = 7
	for name, rows := range map[string][]struct {
		cmd  Command
		want ledger.Reason
	}{
		"bound": {
			{atPhone(BoundPhone, "none", 9, "right"), ledger.PasswordWrong},
			{atPhone(BoundPhone, "pass", 1, "right"), ledger.PasswordWrong},
			{atPhone(BoundPhone, "pass", 2, ""), ledger.PasswordNeeded},
			{atPhone(BoundPhone, "pass", 2, "wrong"), ledger.PasswordWrong},
			{old, ledger.BindingOver},
			{atPhone(BoundPhone, "pass", 2, "right"), 0},
		},
		"bound, without a password": {
			{atPhone(BoundPhone, "stopped", 4, ""), ledger.CardIsStopped},
			{atPhone(BoundPhone, "nobody", 3, ""), 0},
			{atPhone(BoundPhone, "nobody", 3, "any"), 0},
		},
		"former": {
			{atPhone(FormerPhone, "none", 9, "right"), ledger.PasswordWrong},
			{atPhone(FormerPhone, "nobody", 3, ""), ledger.PasswordWrong},
			{atPhone(FormerPhone, "pass", 2, ""), ledger.PasswordNeeded},
			{atPhone(FormerPhone, "pass", 2, "wrong"), ledger.PasswordWrong},
			{atPhone(FormerPhone, "pass", 2, "right"), 0},
		},
		"stranger": {
			{atPhone(OtherPhone, "none", 0, "right"), ledger.PasswordWrong},
			{atPhone(OtherPhone, "nobody", 3, ""), ledger.PasswordWrong},
			{atPhone(OtherPhone, "pass", 1, "right"), ledger.PasswordWrong},
			{atPhone(OtherPhone, "pass", 2, ""), ledger.PasswordWrong},
			{atPhone(OtherPhone, "pass", 2, "wrong"), ledger.PasswordWrong},
			{atPhone(OtherPhone, "pass", 2, "right"), 0},
		},
	} {
		for _, row := range rows {
			_, err := guarded(t).do(row.cmd, monday)
			if got := reasonOf(err); got != row.want {
				t.Errorf("%s: %+v: got %v, want %v", name, row.cmd, err, row.want)
			}
		}
	}
}

// A stranger locks out strangers: neither the phone that the holder has or had, nor tills, nor the console, whose
// commands come of no agent. A new password lets strangers try again.
func TestStrangersLockNoHolderOut(t *testing.T) {
	t.Parallel()
	l := guarded(t)
	now := monday
	try := func(phone Phone, password string) ledger.Reason {
		b := atPhone(phone, "pass", 2, password)
		b.Command = ModifyDetails{Merchant: 1, Card: "pass", Remarks: new(string)}
		_, err := l.do(b, now)
		return reasonOf(err)
	}
	wrong := 0
	for range 400 {
		if try(OtherPhone, "wrong") == ledger.PasswordWrong {
			wrong++
		}
		now = now.Add(12 * time.Hour)
	}
	if wrong != yearsFailures {
		t.Errorf("a stranger tried %d times in half a year, want %d", wrong, yearsFailures)
	}
	if got := try(OtherPhone, "right"); got != ledger.PasswordLocked {
		t.Errorf("a stranger with the password: %v", got)
	}
	for name, got := range map[string]ledger.Reason{
		"the bound phone": try(BoundPhone, "right"), "a phone of before": try(FormerPhone, "right"),
	} {
		if got != 0 {
			t.Errorf("%s: %v", name, got)
		}
	}
	for agent := range ledger.AgentID(2) {
		if _, err := l.do(typed(1, agent, "right", func() {}), now); err != nil {
			t.Errorf("agent %d: %v", agent, err)
		}
	}
	password := "new"
	if _, err := l.do(ModifyDetails{Merchant: 1, Card: "pass", Password: &password}, now); err != nil {
		t.Fatal(err)
	}
	if got := try(OtherPhone, "new"); got != 0 {
		t.Errorf("after a new password: %v", got)
	}
}

// Whoever tries a password on many cards is stopped, whether or not there are such cards, and whether or not they have
// a password. Phones that are or were bound are not stopped along with him, though they have his address.
func TestStrangersGuessOnManyCards(t *testing.T) {
	t.Parallel()
	l := guarded(t)
	cards := []struct {
		number string
		id     ledger.CardID
	}{{"none", 0}, {"phone", 1}, {"nobody", 3}}
	for i := range missesOfAgent {
		c := cards[i%len(cards)]
		b := atPhone(OtherPhone, c.number, c.id, "wrong")
		b.From = fmt.Sprint("address ", i)
		if _, err := l.do(b, monday); reasonOf(err) != ledger.PasswordWrong {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	for want, b := range map[ledger.Reason]ByHolder{
		ledger.TooManyMisses: atPhone(OtherPhone, "pass", 2, "right"), 0: atPhone(FormerPhone, "pass", 2, "right"),
	} {
		b.Command = ModifyDetails{Merchant: 1, Card: "pass", Remarks: new(string)}
		if _, err := l.do(b, monday); reasonOf(err) != want {
			t.Errorf("%s: %v", b.Phone, err)
		}
	}
	if _, err := l.do(atPhone(OtherPhone, "pass", 2, "right"), monday.Add(missWindow)); err != nil {
		t.Errorf("a while later: %v", err)
	}
}
