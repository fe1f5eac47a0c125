package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"tongka/client"
)

// signedPerSecond is the number of signed requests prepared for each second of a load. It is more than any server
// here can answer, because each request has a nonce that is valid only once.
const signedPerSecond = 40_000

// signed returns a load of dc78 requests that are signed before the load begins. get returns the parameters of
// each.
func (r *run) signed(s *server, action string, get func() map[string]string) (load, error) {
	n := signedPerSecond * int(max(1, r.each.Seconds()))
	file := filepath.Join(r.dir, action+".list")
	f, err := os.Create(file)
	if err != nil {
		return load{}, err
	}
	defer func() { _ = f.Close() }()
	w := bufio.NewWriter(f)
	till := client.DC78{MSID: strconv.Itoa(int(shop)), Key: apiKey}
	for range n {
		if _, err := fmt.Fprintf(w, "/Api/%s?%s\n", action, till.SignedQuery(action, get())); err != nil {
			return load{}, err
		}
	}
	return load{server: s, kind: action, conns: 64, list: file}, w.Flush()
}

// withCoupons names the load of mb_check on cards with coupons, all of which are in the answer.
const withCoupons = "mb_check with 100 coupons"

// signedLoads are those of the dc78 wire, on the cards of member-cjb's. mb_trans comes first, because it is compared
// with the load before.
func (r *run) signedLoads() (all []kindOfLoad) {
	card := func() string { return number(1 + rand.IntN(r.cards)) }
	ref := refs(time.Now())
	for _, x := range []struct {
		kind, action string
		get          func() map[string]string
	}{
		{"mb_trans", "mb_trans", func() map[string]string {
			return map[string]string{"action": "1", "amt": "1.00", "mbno": card(), "ref": ref()}
		}},
		{"mb_check", "mb_check", func() map[string]string { return map[string]string{"mbno": card()} }},
		{withCoupons, "mb_check", func() map[string]string {
			return map[string]string{"mbno": couponCard(rand.IntN(couponCards)), "getlist": "1"}
		}},
	} {
		on := func(s *server) (load, error) { return r.signed(s, x.action, x.get) }
		all = append(all, kindOfLoad{x.kind, spread, 64, on})
	}
	return all
}

// refs returns business numbers like those of a shop's eight tills, each of which counts separately.
func refs(begun time.Time) func() string {
	const tills = 8
	n := 0
	return func() string {
		n++
		return fmt.Sprintf("%s-%d-%06d", begun.Format("20060102150405"), n%tills, n/tills)
	}
}

// identifiers are the parameters by which mb_check finds a member.
var identifiers = []struct {
	name string
	of   func(m member) string
}{
	{"mbno", func(m member) string { return m.number }},
	{"id", func(m member) string { return strconv.Itoa(m.id) }},
	{"extid", func(m member) string { return m.extID }},
	{"phone", func(m member) string { return m.phone }},
	{"openid", func(m member) string { return m.openID }},
}

// lookUps measures mb_check among all members by each of its identifiers, and the echo beside it.
func (r *run) lookUps(ctx context.Context, engine string, s *server, members []member) error {
	echo, err := start(ctx, filepath.Join(r.dir, "echo-members.log"), r.self, "-echo")
	if err != nil {
		return err
	}
	defer echo.stop()
	for range r.rounds {
		if err := r.take(ctx, engine+" members echo", load{
			server: echo, kind: "echo", cards: r.cards, conns: 64,
		}); err != nil {
			return err
		}
		for _, id := range identifiers {
			l, err := r.signed(s, "mb_check", func() map[string]string {
				return map[string]string{id.name: id.of(members[rand.IntN(len(members))])}
			})
			if err != nil {
				return err
			}
			if err := r.take(ctx, engine+" members mb_check "+id.name, l); err != nil {
				return err
			}
		}
	}
	return nil
}
