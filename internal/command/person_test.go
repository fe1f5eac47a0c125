package command

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"tongka/internal/ledger"
)

// right is one thing somebody may do at one place; shop 0 is what belongs to no shop.
type right struct {
	merchant ledger.MerchantID
	shop     ledger.ShopID
	may      ledger.Permission
}

// rightsOf spells out what a person may do, at all places of a small world.
func rightsOf(p *ledger.Person) map[right]bool {
	all := map[right]bool{}
	for _, g := range p.Grants {
		for _, m := range []ledger.MerchantID{ledger.HostID, 1, 2} {
			for _, s := range []ledger.ShopID{0, 1, 2} {
				here := (g.Merchant == ledger.HostID || g.Merchant == m) && (g.Shops == nil || slices.Contains(g.Shops, s))
				for may := ledger.MayRead; here && may <= ledger.AllPermissions; may <<= 1 {
					if g.Permissions&may != 0 {
						all[right{m, s, may}] = true
					}
				}
			}
		}
	}
	return all
}

// Whoever changes somebody may do himself all that the other may do, before and after, and may change people there.
// Nobody changes what he may do himself, no two sign in by one name, and the journal says what everybody is
// (invariant 61).
func TestPropertyPeople(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		l := newMemStore(someMerchant(1, "A"), someMerchant(2, "B"))
		owner := ledger.Person{
			ID: 1, SignIn: "boss", Name: "老板", Grants: []ledger.PersonGrant{{Permissions: ledger.AllPermissions}},
		}
		if _, err := l.do(ChangePerson{To: owner}, monday); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 40).Draw(t, "changes") {
			by := ledger.PersonID(rapid.IntRange(1, 5).Draw(t, "by"))
			to := drawPerson(t, &l.host)
			was, actor := ledger.Person{}, ledger.Person{}
			if p := l.host.Person(to.ID); p != nil {
				was = *p
			}
			if p := l.host.Person(by); p != nil {
				actor = *p
			}
			ch, err := l.do(ChangePerson{By: ledger.Caller{Person: by}, To: to}, monday)
			if err != nil || len(ch.Entries) == 0 {
				continue
			}
			if text, err := ledger.PersonText(l.host.Person(to.ID)); err != nil || text != ch.Newest().Settings {
				t.Fatalf("the entry says %s of %s, %v", ch.Newest().Settings, text, err)
			}
			if err := lawfulChange(&actor, &was, &to); err != nil {
				t.Fatalf("%+v changed %+v to %+v: %v", actor, was, to, err)
			}
		}
		for i := range l.host.People {
			if faults := l.host.PersonFaults(&l.host.People[i]); len(faults) > 0 {
				t.Fatalf("%+v: %v", l.host.People[i], faults)
			}
		}
	})
}

// lawfulChange returns why an actor should not have changed somebody.
func lawfulChange(actor, was, to *ledger.Person) error {
	if actor.ID == 0 || actor.Stopped {
		return fmt.Errorf("nobody did it")
	}
	has, before, after := rightsOf(actor), rightsOf(was), rightsOf(to)
	if actor.ID == to.ID {
		if fmt.Sprint(before) != fmt.Sprint(after) || to.Stopped {
			return fmt.Errorf("what one may do oneself")
		}
		return nil
	}
	for _, rights := range []map[right]bool{before, after} {
		for r := range rights {
			if !has[r] || !has[right{r.merchant, r.shop, ledger.MayPeople}] {
				return fmt.Errorf("the actor has not %+v, or may not change people there", r)
			}
		}
	}
	return nil
}

// drawPerson draws somebody new, or a change of somebody.
func drawPerson(t *rapid.T, host *ledger.Host) ledger.Person {
	p := ledger.Person{ID: ledger.PersonID(rapid.IntRange(1, 5).Draw(t, "id"))}
	if was := host.Person(p.ID); was != nil {
		p = *was
	}
	p.SignIn = rapid.SampledFrom([]string{"boss", "a", "b", "c"}).Draw(t, "sign in")
	p.Name = rapid.SampledFrom([]string{"老板", "小美"}).Draw(t, "name")
	p.Stopped = rapid.IntRange(0, 5).Draw(t, "stopped") == 0
	p.Password = rapid.SampledFrom([]string{"", "one", "two"}).Draw(t, "password")
	if rapid.Bool().Draw(t, "keeps grants") {
		return p
	}
	role := rapid.SampledFrom(ledger.Roles).Draw(t, "role")
	g := ledger.PersonGrant{
		Merchant: ledger.MerchantID(rapid.IntRange(0, 2).Draw(t, "at")), Permissions: role.Allowed | ledger.MayRead,
	}
	if g.Merchant != ledger.HostID && rapid.Bool().Draw(t, "some shops") {
		g.Shops = rapid.SampledFrom([][]ledger.ShopID{{1}, {2}, {1, 2}}).Draw(t, "shops")
	}
	p.Grants = []ledger.PersonGrant{g}
	return p
}
