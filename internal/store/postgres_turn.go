package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Turn is Load, and takes the turn of the merchants whose heads are wanted. The caller has it until it saves, once,
// or ends it. Whoever else asks for a turn of one of these merchants waits meanwhile; all get it in the order in
// which they asked. Whoever saves without one waits as well, and is stale then: so a process that saves one batch
// after the other learns that it is not alone, and does not keep another from ever being first. The turn is asked for
// in the round trip of the load. The server takes it away when its holder has done nothing for a second; what keeps
// saves correct are the versions of the heads.
//
// Merchants of whom nothing is wanted, but who are changed in that save too, must be named as well: every save takes
// the heads in the order of the merchants, and two that did not would wait for each other.
//
// On SQLite it takes no turn: there each save waits for the file (see turn).
func (s *Store) Turn(ctx context.Context, wants ...command.Want) ([]command.Records, interface {
	Save(ctx context.Context, changes ...command.Changes) error
	End()
}, error) {
	db, shared := s.backend.(*postgresDB)
	if !shared {
		found, err := s.Load(ctx, wants...)
		return found, noTurn{s}, err
	}
	t := &postgresTurn{store: s, db: db}
	for i := range wants {
		t.named = append(t.named, wants[i].Merchant)
		if wants[i].Keys.Head {
			t.merchants = append(t.merchants, wants[i].Merchant)
		}
	}
	v := s.over(t)
	found, err := v.Load(ctx, wants...)
	if err != nil {
		t.End()
		return nil, nil, err
	}
	return found, t, nil
}

// noTurn saves without a turn.
type noTurn struct{ *Store }

func (noTurn) End() {}

var (
	// beginTurn does not leave it to the server what a transaction sees: each statement sees what was committed before
	// it, also under a lock that it waited for.
	beginTurn = define("begin_turn", "", "BEGIN ISOLATION LEVEL READ COMMITTED")
	endTurn   = define("end_turn", "", "COMMIT")
	dropTurn  = define("drop_turn", "", "ROLLBACK")
	// turnLimits has the server end the session of a holder that does nothing for a second, and an attempt to take a
	// turn fail after waiting for a second.
	turnLimits = define("turn_limits", "", `
		SELECT set_config('idle_in_transaction_session_timeout', '1000', true), set_config('lock_timeout', '1000', true)`)
	// takeTurns waits for the merchants in order of their ids, so that no two callers wait for each other. The first
	// number keeps these locks apart from other advisory locks in the database.
	takeTurns = define("take_turns", "merchant", `
		SELECT pg_advisory_xact_lock(1953460843, (v.merchant % 2147483647)::int)
		FROM (SELECT r.merchant FROM {rows} AS r ORDER BY r.merchant) AS v`)
	// holdHeads has saves without a turn wait. It does not replace takeTurns: those who wait for a row that is updated
	// meanwhile do not get it in the order in which they came.
	holdHeads = define("hold_heads", "merchant", `
		SELECT head.merchant FROM {rows} AS v JOIN head ON head.merchant = v.merchant
		ORDER BY head.merchant FOR NO KEY UPDATE OF head`)
)

// postgresTurn is a transaction that holds locks on merchants. It is read committed: each query sees what was
// committed before it began, hence all that was saved in the turns before; heads are read first, so that whatever is
// read after them and changed since makes the save stale.
type postgresTurn struct {
	store     *Store
	db        *postgresDB
	merchants []ledger.MerchantID // whose turn it is
	named     []ledger.MerchantID // whose heads it holds: those, and whoever else is changed in the save
	conn      *pgxpool.Conn       // nil = the turn has ended
	pool      *pgxpool.Pool
}

func (t *postgresTurn) search() *searchSQL { return postgresSearch }

func (t *postgresTurn) read(ctx context.Context, queries ...query) (err error) {
	ctx, cancel := context.WithTimeout(ctx, t.db.limits.Save)
	defer cancel()
	if t.conn, t.pool, err = t.db.pool.acquire(ctx); err != nil {
		return err
	}
	var p pipeline
	if err := p.begin(ctx, t.conn.Conn(), beginTurn); err != nil {
		return err
	}
	all := append([]query{
		{turnLimits, noRows, ignore}, {takeTurns, idsFor(takeTurns, t.merchants), ignore},
		{holdHeads, idsFor(holdHeads, t.named), ignore},
	}, queries...)
	for _, q := range all {
		if err := p.add(ctx, q.statement, q.args); err != nil {
			return err
		}
	}
	failed, err := p.read(ctx, all)
	t.db.pool.doubt(t.pool, err)
	return errors.Join(failed, t.db.explain(err))
}

// idsFor returns merchants as the rows of a statement.
func idsFor(s *statement, merchants []ledger.MerchantID) *rows {
	ids := rowsFor(s, len(merchants))
	for _, id := range merchants {
		ids.int(int64(id))
	}
	return ids
}

// ignore does nothing with a row.
func ignore(record) error { return nil }

// Save is Store.Save, and ends the turn.
func (t *postgresTurn) Save(ctx context.Context, changes ...command.Changes) error {
	defer t.End()
	if t.conn == nil {
		return t.store.Save(ctx, changes...) // nothing was loaded, or the turn has ended
	}
	ready, err := t.store.prepare(changes)
	if err == nil {
		err = sound(ready.writes)
	}
	if err != nil {
		return err
	}
	t.store.saves()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), t.db.limits.save(ready.writes))
	defer cancel()
	if err := t.db.commit(ctx, t.conn, t.pool, nil, ready.writes); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	t.store.filler.wake(ready.opened)
	return nil
}

// End ends the turn and drops what was not saved. It may be called again.
func (t *postgresTurn) End() {
	if t.conn == nil {
		return
	}
	t.db.giveBack(t.conn, t.pool)
	t.conn = nil
}
