package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

// console is where browsers reach the servers whose pages are measured. It is only a name: nothing is asked there.
const console = "https://bench.example"

// consolePage is a page of the console at the merchant.
type consolePage struct{ name, path string }

// memberPages are measured among very many cards, journalPages on a long journal.
var (
	memberPages = []consolePage{
		{"cards, first page", "cards"},
		{"cards, from the middle", "cards?after=5"},
		{"cards found by three digits", "cards?q=138"},
		{"cards by a filter that half are like", "cards?to=60"},
		{"cards by a filter that none is like", "cards?from=999999"},
		{"a card", "cards/1"},
	}
	journalPages = []consolePage{
		{"today", ""},
		{"takings of the month", "reports/pay"},
		{"all figures of the month", "reports/kinds"},
		{"liability of the month", "reports/liability"},
		{"a card with a tenth of the entries", "cards/1"},
		{"entries of the day", "entries"},
	}
)

// browser is somebody who is signed in to the console.
type browser struct {
	server *server
	cookie string
}

// signIn makes a person who may do everything and signs it in.
func (r *run) signIn(ctx context.Context, s *server, dsn string) (*browser, error) {
	out, err := exec.CommandContext(ctx, r.program, "person", "add", "bench", "--db", dsn).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("person add: %w: %s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	form := url.Values{"name": {"bench"}, "password": {lines[len(lines)-1]}}
	time.Sleep(2 * time.Second) // the server looks for new people every second
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.addr+"/console/sign-in",
		strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	_ = res.Body.Close()
	b := &browser{server: s}
	for _, c := range res.Cookies() {
		b.cookie += c.Name + "=" + c.Value + "; "
	}
	if res.StatusCode != http.StatusSeeOther || b.cookie == "" {
		return nil, fmt.Errorf("sign in: status %d", res.StatusCode)
	}
	return b, nil
}

// get reads a page, and returns an error unless it is there.
func (b *browser) get(ctx context.Context, path string) error {
	at := fmt.Sprintf("http://%s/console/m/%d/%s", b.server.addr, owner, path)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Cookie", b.cookie)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	_, err = io.Copy(io.Discard, res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: status %d", at, res.StatusCode)
	}
	return err
}

// pages measures how long pages of the console take.
func (r *run) pages(ctx context.Context, engine, dsn string, s *server, all []consolePage) error {
	b, err := r.signIn(ctx, s, dsn)
	if err != nil {
		return err
	}
	for _, p := range all {
		took, err := repeat(50, func(int) error { return b.get(ctx, p.path) })
		if err != nil {
			return err
		}
		r.single[engine+" page "+p.name] = took[len(took)/2]
		r.single[engine+" page slowest "+p.name] = took[len(took)-1]
		say("%s: %s: %s ms, slowest %s ms", engine, p.name, ms(took[len(took)/2]), ms(took[len(took)-1]))
	}
	return nil
}

// lag measures how long after a bill was answered the day totals have it.
func (r *run) lag(ctx context.Context, engine, dsn string, s *server, card string) error {
	st, err := store.Open(ctx, dsn, store.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // nothing was written
	took, err := repeat(20, func(int) error {
		if err := ask(ctx, s, "consume", fmt.Sprintf(`{"card_id":%q,"money":0.01}`, card)); err != nil {
			return err
		}
		return caughtUp(ctx, st)
	})
	if err != nil {
		return err
	}
	r.single[engine+" lag"] = took[len(took)-1]
	say("%s: day totals have a bill after %s ms at most", engine, ms(took[len(took)-1]))
	return nil
}

// caughtUp waits until the day totals have the merchant's newest entry.
func caughtUp(ctx context.Context, st *store.Store) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Minute)
	defer cancel()
	found, err := st.Load(ctx, command.Want{Merchant: owner, Keys: command.Keys{Head: true}})
	if err != nil {
		return err
	}
	for newest := found[0].Head.LastEntry; ; time.Sleep(2 * time.Millisecond) {
		cursors, err := st.CursorsOf(ctx, owner)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(cursors, func(c ledger.Cursor) bool {
			return c.Follower == ledger.DayTotals && c.Entry >= newest
		}) {
			return nil
		}
	}
}

// pageGoals are that a page takes less than 50 ms, and that day totals have a bill within a second.
func (r *run) pageGoals() (all []goal) {
	for _, engine := range engines {
		for _, pages := range [][]consolePage{memberPages, journalPages} {
			for _, p := range pages {
				all = append(all, within("page of the console on "+engine+": "+p.name, r.single[engine+" page "+p.name],
					50*time.Millisecond))
			}
		}
		all = append(all, within("day totals have a bill on "+engine+", slowest", r.single[engine+" lag"], time.Second))
	}
	return all
}

func (r *run) pageTable() string {
	t := table{head: []string{"page, ms (slowest of 50)"}}
	t.head = append(t.head, engines...)
	for _, pages := range [][]consolePage{memberPages, journalPages} {
		for _, p := range pages {
			row := []string{p.name}
			for _, engine := range engines {
				row = append(row, ms(r.single[engine+" page "+p.name])+" ("+ms(r.single[engine+" page slowest "+p.name])+")")
			}
			t.add(row...)
		}
	}
	return t.String()
}
