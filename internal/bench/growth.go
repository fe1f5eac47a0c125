package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// hotEvery puts every tenth entry of the grown journal on the hot card.
const hotEvery = 10

// deepPage is a page number that exists in a history of 1,000,000 entries.
const deepPage = 40_000

// growth measures what a long journal costs: the same load on an empty and on a grown journal in turns, a deep
// page of the history beside the first one, and the verification of the whole journal.
func (r *run) growth(ctx context.Context) error {
	for _, engine := range engines {
		if err := r.grownEngine(ctx, engine); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

func (r *run) grownEngine(ctx context.Context, engine string) error {
	empty, err := r.filled(ctx, engine, "empty")
	if err != nil {
		return err
	}
	defer empty.stop()
	dsn, err := r.dsn(ctx, engine, "grown")
	if err != nil {
		return err
	}
	if err := r.fill(ctx, dsn, r.cards); err != nil {
		return err
	}
	say("%s: writing %d entries", engine, r.entries)
	begun := time.Now()
	if err := grow(ctx, dsn, r.cards, r.entries, hotEvery); err != nil {
		return err
	}
	say("%s: wrote %s entries/s", engine, count(float64(r.entries)/time.Since(begun).Seconds()))
	grown, err := r.serve(ctx, engine, "grown", dsn, "--page-url", console)
	if err != nil {
		return err
	}
	if err = r.compare(ctx, engine, empty, grown); err == nil {
		err = r.pages(ctx, engine, dsn, grown, journalPages)
	}
	grown.stop()
	if err != nil {
		return err
	}
	return r.prove(ctx, engine, dsn)
}

// compare measures the empty and the grown journal under the same load, in turns.
func (r *run) compare(ctx context.Context, engine string, empty, grown *server) error {
	for range r.rounds {
		for name, s := range map[string]*server{"empty": empty, "grown": grown} {
			if err := r.take(ctx, engine+" "+name, load{server: s, kind: "consume", cards: r.cards, conns: 64}); err != nil {
				return err
			}
		}
	}
	for name, page := range map[string]int{"first": 1, "deep": r.deep()} {
		took, err := repeat(100, func(int) error {
			return ask(ctx, grown, "getcardhis", fmt.Sprintf(`{"card_id":%q,"page":%d,"page_size":20}`, number(0), page))
		})
		if err != nil {
			return err
		}
		r.single[engine+" history "+name] = took[len(took)/2]
		say("%s: %s page of history (%d): %s ms", engine, name, page, ms(took[len(took)/2]))
	}
	return nil
}

// deep returns a page of the hot card's history far from the first, or the last full one if the history is
// shorter.
func (r *run) deep() int { return min(deepPage, r.entries/hotEvery/20-1) }

// prove runs tongka verify over the grown journal and records its rate.
func (r *run) prove(ctx context.Context, engine, dsn string) error {
	begun := time.Now()
	out, err := exec.CommandContext(ctx, r.program, "verify", "--db", dsn, "--json").Output()
	if err != nil {
		return fmt.Errorf("verify: %w: %s", err, out)
	}
	rate := float64(r.entries) / time.Since(begun).Seconds()
	r.taken[engine+" verify"] = series{{rate: rate}}
	say("%s: verify checked %s entries/s", engine, count(rate))
	return nil
}

// repeat times a call, after five calls that do not count, and returns the times in ascending order.
func repeat(times int, call func(i int) error) ([]time.Duration, error) {
	var took []time.Duration
	for i := range times + 5 {
		begun := time.Now()
		if err := call(i); err != nil {
			return nil, err
		}
		if i >= 5 {
			took = append(took, time.Since(begun))
		}
	}
	slices.Sort(took)
	return took, nil
}

// ask sends one request and returns an error unless it succeeds.
func ask(ctx context.Context, s *server, endpoint, body string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.addr+"/api2/member-cjb/"+endpoint,
		strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("AUTHORIZATION", token)
	req.Header.Set("CUSTOMERGUID", guid)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	var refused struct{ Errcode string }
	if json.Unmarshal(answer, &refused) != nil || refused.Errcode != "" {
		return fmt.Errorf("%s %s: %s", endpoint, body, answer)
	}
	return nil
}
