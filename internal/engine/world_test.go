package engine_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"iter"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

// world is a simulation: processes with one lane each over one store, and callers that repeat requests until they
// know the outcome. One of them moves at a time; the seed decides which. Nothing really waits.
type world struct {
	rng     *rand.Rand
	mem     *storetest.MemStore
	now     time.Duration // since the beginning, by a clock nobody sets
	procs   []*process
	sent    []*sending // saves on their way to the store
	turns   map[ledger.MerchantID]*process
	calls   []*caller
	large   int  // number of large commands among 16
	calm    bool // no more faults
	faults  map[string]int
	wrong   []string // answers that were not true
	refused int      // number of bills refused for want of money
	trace   uint64
	steps   int
}

var errNet = errors.New("connection reset")

// sending is a save on its way.
type sending struct {
	by   *process // who waits for the answer; nil = nobody: the save arrives late or not at all
	save func() error
}

// process is a server process: a lane that runs until it must wait, and goes on when resumed.
type process struct {
	w      *world
	id     int
	skew   time.Duration // of its clock
	queue  []*engine.Job
	saved  *engine.Event
	ready  func() bool // what it waits for
	until  time.Duration
	inSend bool // a save is being carried out, apart from the lane
	ctx    context.Context
	die    context.CancelFunc
	resume func() (struct{}, bool)
	yield  func(struct{}) bool
}

func newWorld(seed uint64, mem *storetest.MemStore) *world {
	return &world{
		rng: rand.New(rand.NewPCG(seed, 7)), mem: mem, turns: map[ledger.MerchantID]*process{}, faults: map[string]int{},
		trace: 14695981039346656037,
	}
}

// note adds to the trace; the same seed must give the same trace.
func (w *world) note(format string, args ...any) {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d ", w.trace)
	fmt.Fprintf(h, format, args...)
	w.trace = h.Sum64()
}

// fault reports whether a fault that happens once in n times happens now.
func (w *world) fault(what string, n int) bool {
	if w.calm || w.rng.IntN(n) > 0 {
		return false
	}
	w.faults[what]++
	return true
}

// start starts a process.
func (w *world) start() {
	p := &process{w: w, id: len(w.procs)}
	p.ctx, p.die = context.WithCancel(context.Background())
	cfg := engine.Config{
		Cards: 3 + w.rng.IntN(40), Batch: 1 + w.rng.IntN(32), Settle: 500 * time.Millisecond,
		Clock:  func() time.Time { return begun.Add(w.now + p.skew) },
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	var store engine.Store = simStore{p}
	if w.rng.IntN(2) == 0 {
		store = turnStore{simStore{p}}
	}
	lane := engine.NewLane(p.ctx, p, store, cfg)
	p.resume, _ = iter.Pull(func(yield func(struct{}) bool) {
		p.yield = yield
		lane.Run()
	})
	p.ready = func() bool { return true }
	w.procs = append(w.procs, p)
}

var begun = time.Date(2026, 3, 1, 4, 0, 0, 0, time.UTC)

func (p *process) dead() bool { return p.ctx.Err() != nil }

// kill ends a process: it gets no more events and sends nothing more. What it has already sent may still arrive.
func (p *process) kill() {
	p.w.note("kill %d", p.id)
	p.die()
	for _, s := range p.w.sent {
		if s.by == p {
			s.by = nil
		}
	}
	for id, holder := range p.w.turns {
		if holder == p {
			delete(p.w.turns, id)
		}
	}
	for alive := true; alive; {
		_, alive = p.resume()
	}
}

// wait lets others run until so returns true or d has passed; 0 = no limit.
func (p *process) wait(d time.Duration, so func() bool) {
	p.ready, p.until = so, 0
	if d > 0 {
		p.until = p.w.now + d
	}
	for !p.dead() && !p.ready() && (p.until == 0 || p.w.now < p.until) {
		p.yield(struct{}{})
	}
	p.ready, p.until = func() bool { return true }, 0
}

// point is a moment at which others may run first.
func (p *process) point() {
	if !p.dead() {
		p.yield(struct{}{})
	}
}

func (p *process) Receive(wait bool) (*engine.Job, bool) {
	if wait {
		p.wait(0, func() bool { return len(p.queue) > 0 })
	}
	if p.dead() {
		return nil, false
	}
	if len(p.queue) == 0 {
		return nil, true
	}
	j := p.queue[0]
	p.queue = p.queue[1:]
	return j, true
}

func (p *process) Waiting() int { return len(p.queue) }

func (p *process) Send(save func() error) {
	p.w.sent = append(p.w.sent, &sending{p, save})
}

func (p *process) Await(jobs bool) engine.Event {
	p.wait(0, func() bool { return p.saved != nil || jobs && len(p.queue) > 0 })
	switch {
	case p.saved != nil:
		e := *p.saved
		p.saved = nil
		return e
	case p.dead() && jobs:
		return engine.Came(nil)
	case p.dead():
		return engine.Saved(errNet)
	}
	j, _ := p.Receive(false)
	return engine.Came(j)
}

func (p *process) Pause(ctx context.Context, d time.Duration) error {
	p.wait(d, func() bool { return false })
	return ctx.Err()
}

func (p *process) Limit(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return limited{ctx, p.w, p.w.now + d}, func() {}
}

// limited is a context that ends by the world's clock.
type limited struct {
	context.Context
	w   *world
	end time.Duration
}

func (l limited) Err() error {
	if l.w.now >= l.end {
		return context.DeadlineExceeded
	}
	return l.Context.Err()
}

func (p *process) Now() time.Time { return begun.Add(p.w.now) }

func (p *process) Random(n int64) int64 { return p.w.rng.Int64N(n) }

func (p *process) Digest(merchant ledger.MerchantID, key ledger.RequestKey) uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, merchant, key)
	return h.Sum64()
}

// simStore is the store as a process reaches it. A call takes a while, in which others run, and may fail.
type simStore struct{ p *process }

// reach is the way to the store and back, on which a call may fail.
func (s simStore) reach() error {
	if !s.p.inSend {
		s.p.point()
	}
	if s.p.dead() || s.p.w.fault("no connection", 60) {
		return errNet
	}
	return nil
}

func (s simStore) Load(ctx context.Context, wants ...command.Want) ([]command.Records, error) {
	if err := s.reach(); err != nil {
		return nil, err
	}
	found, err := s.p.w.mem.Load(ctx, wants...)
	if broken := s.reach(); broken != nil {
		return nil, broken
	}
	return found, err
}

func (s simStore) Save(ctx context.Context, changes ...command.Changes) error {
	w := s.p.w
	if !s.p.inSend {
		s.p.point()
	}
	if s.p.dead() && !s.p.inSend {
		return errNet
	}
	switch {
	case w.fault("lost", 40):
		return errNet
	case w.fault("not saved, and nobody can tell", 40):
		return command.ErrUnknown
	case w.fault("late", 40):
		w.sent = append(w.sent, &sending{save: func() error { return w.save(ctx, changes) }})
		return command.ErrUnknown
	case w.fault("stale for nothing", 60):
		return command.ErrStale
	}
	err := w.save(ctx, changes)
	if err == nil && w.fault("saved, and the answer is lost", 40) {
		return command.ErrUnknown
	}
	return err
}

// save saves, and shows the entries to the callers who wait.
func (w *world) save(ctx context.Context, changes []command.Changes) error {
	err := w.mem.Save(ctx, changes...)
	if err != nil {
		return err
	}
	for i := range changes {
		for j := range changes[i].Entries {
			for _, c := range w.calls {
				c.see(&changes[i].Entries[j])
			}
		}
	}
	return nil
}

// Prepare returns the changes, to be saved later. Nothing can fail before that.
func (s simStore) Prepare(changes ...command.Changes) (engine.Ready, error) {
	s.p.w.faults["prepared"]++
	return simReady{s, changes}, nil
}

type simReady struct {
	simStore
	changes []command.Changes
}

func (r simReady) Save(ctx context.Context) error { return r.simStore.Save(ctx, r.changes...) }

func (s simStore) Saved(ctx context.Context, changes ...command.Changes) (bool, error) {
	if err := s.reach(); err != nil {
		return false, err
	}
	return s.p.w.mem.Saved(ctx, changes...)
}

func (s simStore) Secure(context.Context) error { return s.reach() }

func (s simStore) RefusesRepeats() bool { return true }

// turnStore is a simStore at which turns can be taken.
type turnStore struct{ simStore }

func (s turnStore) Turn(ctx context.Context, wants ...command.Want) ([]command.Records, engine.Turn, error) {
	t := &simTurn{simStore: s.simStore}
	for _, want := range wants {
		t.named = append(t.named, want.Merchant)
		if !want.Keys.Head {
			continue
		}
		id := want.Merchant
		s.p.wait(time.Second, func() bool { return s.p.w.turns[id] == nil })
		if s.p.w.turns[id] != nil || s.p.dead() {
			t.End()
			return nil, nil, errNet
		}
		s.p.w.turns[id] = s.p
		s.p.w.faults["turns"]++
		t.held = append(t.held, id)
	}
	found, err := s.Load(ctx, wants...)
	if err != nil {
		t.End()
		return nil, nil, err
	}
	return found, t, nil
}

type simTurn struct {
	simStore
	held, named []ledger.MerchantID
}

func (t *simTurn) Save(ctx context.Context, changes ...command.Changes) error {
	defer t.End()
	for i := range changes {
		if !slices.Contains(t.named, changes[i].Head.Merchant) {
			t.p.w.wrong = append(t.p.w.wrong, "in a turn a merchant was changed who was not named")
		}
	}
	return t.simStore.Save(ctx, changes...)
}

func (t *simTurn) End() {
	for _, id := range t.held {
		if t.p.w.turns[id] == t.p {
			delete(t.p.w.turns, id)
		}
	}
	t.held = nil
}

// step lets one of all that can move do so, and reports whether any could.
func (w *world) step() bool {
	w.steps++
	var moves []func()
	for _, p := range w.procs {
		if !p.dead() && (p.ready() || p.until > 0 && w.now >= p.until) {
			moves = append(moves, func() { w.note("run %d", p.id); p.resume() })
		}
	}
	for i := range w.sent {
		moves = append(moves, func() { w.arrive(i) })
	}
	for _, c := range w.calls {
		if c.mayMove() {
			moves = append(moves, c.move)
		}
	}
	if len(moves) == 0 {
		return w.sleep()
	}
	w.now += time.Duration(w.rng.Int64N(int64(200 * time.Microsecond)))
	moves[w.rng.IntN(len(moves))]()
	return true
}

// arrive carries out a save that was on its way, and hands the outcome to whoever waits for it.
func (w *world) arrive(i int) {
	s := w.sent[i]
	w.sent = append(w.sent[:i], w.sent[i+1:]...)
	if s.by == nil {
		w.note("late %v", s.save() == nil)
		return
	}
	s.by.inSend = true
	err := s.save()
	s.by.inSend = false
	w.note("saved %d %v", s.by.id, err)
	e := engine.Saved(err)
	s.by.saved = &e
}

// sleep advances the clock to the next moment somebody waits for. It returns false if there is none.
func (w *world) sleep() bool {
	var until time.Duration
	for _, p := range w.procs {
		if !p.dead() && p.until > 0 && (until == 0 || p.until < until) {
			until = p.until
		}
	}
	w.now = max(w.now, until)
	return until > 0
}
