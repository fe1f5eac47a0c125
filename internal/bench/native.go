package main

import (
	"context"
	"slices"
)

// byAPI names the load of bills by the native API, each with an Idempotency-Key of its own.
const byAPI = "consume by the API"

// native returns that load.
func (r *run) native(s *server) load { return load{server: s, kind: "api", cards: r.cards, conns: 64} }

// nativeBills measures bills by the API and by member-cjb in turns, on the same server.
func (r *run) nativeBills(ctx context.Context) error {
	for _, engine := range engines {
		say("filling %d cards on %s", r.cards, engine)
		s, err := r.filled(ctx, engine, "native")
		if err != nil {
			return err
		}
		err = r.nativeOn(ctx, engine, s)
		s.stop()
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *run) nativeOn(ctx context.Context, engine string, s *server) error {
	turns := []struct {
		kind string
		load
	}{{byAPI, r.native(s)}, {"consume", load{server: s, kind: "consume", cards: r.cards, conns: 64}}}
	for _, turn := range turns {
		if _, err := turn.wrk(ctx, r.script, warmUp*r.each); err != nil {
			return err
		}
	}
	for range r.rounds {
		for _, turn := range turns {
			if err := r.take(ctx, loadName(engine, turn.kind, spread, 64), turn.load); err != nil {
				return err
			}
		}
		slices.Reverse(turns)
	}
	return nil
}

// nativeTable shows the rates of both.
func (r *run) nativeTable() string {
	t := table{head: []string{"per second, 64 connections", "by the API", "by member-cjb",
		"server's processors, µs a bill"}}
	for _, engine := range engines {
		api, wire := r.taken[loadName(engine, byAPI, spread, 64)], r.taken[loadName(engine, "consume", spread, 64)]
		t.add(engine, api.spread(), wire.spread(), api.work()+" / "+wire.work())
	}
	return t.String()
}

// nativeGoals are what is wanted of bills by the API.
func (r *run) nativeGoals() (all []goal) {
	for _, engine := range engines {
		api, wire := r.taken[loadName(engine, byAPI, spread, 64)], r.taken[loadName(engine, "consume", spread, 64)]
		all = append(all, atLeast("consume by the API on "+engine+" over consume (member-cjb)", api.over(wire), 0.8))
	}
	return all
}
