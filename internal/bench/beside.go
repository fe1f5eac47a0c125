package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tongka/client"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

const (
	expiring    = ledger.MerchantID(2) // has the cards that a sweep is about
	besideConns = 64
	// besideLong is for how long a load runs beside a work, as a multiple of one load's time.
	besideLong = 4
	// nowAndThen is the pause after what people do by hand.
	nowAndThen = time.Second
	// newCards is how many cards one mb_newcard asks for.
	newCards = 500
)

// pacedLoad sends bills at a rate, whatever becomes of those before: what waits for its turn waits already. Latency
// is from when a bill was due.
type pacedLoad struct {
	addr string
	card func() string // returns the number of the card of the next bill
	rate float64       // per second; 0 = as fast as they are answered
}

// run sends bills until ctx ends, and returns how many were answered in a second, and how soon.
func (p pacedLoad) run(ctx context.Context) (figure, error) {
	var (
		due     = make(chan time.Time, 1<<16)
		mu      sync.Mutex
		took    []time.Duration
		failed  error
		running sync.WaitGroup
	)
	begun := time.Now()
	for range besideConns {
		running.Go(func() {
			mine, err := p.serve(ctx, due)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
			if failed == nil {
				failed = err
			}
		})
	}
	p.pace(ctx, due)
	close(due)
	running.Wait()
	if failed != nil || len(took) == 0 {
		return figure{}, fmt.Errorf("paced load: %d answers: %w", len(took), failed)
	}
	slices.Sort(took)
	return figure{
		rate: float64(len(took)) / time.Since(begun).Seconds(), p50: took[len(took)/2], p99: took[len(took)*99/100],
	}, nil
}

// pace says when bills are due.
func (p pacedLoad) pace(ctx context.Context, due chan<- time.Time) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	begun, sent := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if p.rate == 0 {
			for len(due) < besideConns {
				due <- time.Now()
			}
			continue
		}
		for ; float64(sent) < time.Since(begun).Seconds()*p.rate; sent++ {
			due <- begun.Add(time.Duration(float64(sent) / p.rate * float64(time.Second)))
		}
	}
}

// serve sends bills that are due by a connection of its own.
func (p pacedLoad) serve(ctx context.Context, due <-chan time.Time) (took []time.Duration, err error) {
	conn, err := net.Dial("tcp", p.addr)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	answers := bufio.NewReader(conn)
	for at := range due {
		if ctx.Err() != nil {
			continue // what was due is not sent any more
		}
		body := fmt.Sprintf(`{"card_id": "%s", "money": 1.00}`, p.card())
		_, err := fmt.Fprintf(conn, "POST /api2/member-cjb/consume HTTP/1.1\r\nHost: %s\r\n"+
			"Content-Type: application/json\r\nAUTHORIZATION: %s\r\nCUSTOMERGUID: %s\r\nContent-Length: %d\r\n\r\n%s",
			p.addr, token, guid, len(body), body)
		if err != nil {
			return took, err
		}
		res, err := http.ReadResponse(answers, nil)
		if err != nil {
			return took, err
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			return took, fmt.Errorf("consume: %s %s: %w", res.Status, text, err)
		}
		took = append(took, time.Since(at))
	}
	return took, nil
}

// work is something large that is done beside tills.
type work struct {
	name string
	// once does it once; it is begun again for as long as the load runs, after a pause.
	once  func(ctx context.Context) error
	pause time.Duration
	// ready prepares it before the load begins, so that this process does nothing beside the load; may be nil.
	ready func() error
}

// worksBeside measures, on both engines, what large works do to tills at half of their peak.
func (r *run) worksBeside(ctx context.Context) error {
	for _, engine := range engines {
		if !slices.ContainsFunc(besideWorks, func(work string) bool { return r.wants(engine, work) }) {
			continue
		}
		if err := r.besideEngine(ctx, engine); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

// wants reports whether the load beside a work is to be measured.
func (r *run) wants(engine, work string) bool { return r.only.MatchString(besideName(engine, work)) }

func besideName(engine, work string) string { return engine + " beside " + work }

func (r *run) besideEngine(ctx context.Context, engine string) error {
	dsn, err := r.dsn(ctx, engine, "beside")
	if err != nil {
		return err
	}
	say("%s: filling %d cards", engine, r.cards)
	if err := r.fill(ctx, dsn, r.cards); err != nil {
		return err
	}
	if err := r.aged(ctx, engine, dsn); err != nil {
		return err
	}
	load := pacedLoad{card: func() string { return number(1 + rand.IntN(r.cards)) }}
	if load.rate, err = r.worksAtHalf(ctx, engine, dsn, load); err != nil {
		return err
	}
	if !r.wants(engine, midnight) {
		return nil
	}
	return r.sweepBeside(ctx, engine, dsn, load)
}

// worksAtHalf measures the load at half of its peak beside all works but the sweep, and returns that half.
func (r *run) worksAtHalf(ctx context.Context, engine, dsn string, load pacedLoad) (half float64, err error) {
	s, err := r.serve(ctx, engine, "beside", dsn)
	if err != nil {
		return 0, err
	}
	defer s.stop()
	load.addr = s.addr
	short, cancel := context.WithTimeout(ctx, 2*r.each)
	peak, err := load.run(short)
	cancel()
	if err != nil {
		return 0, err
	}
	load.rate = peak.rate / 2
	say("%s: %s bills/s at peak", engine, count(peak.rate))
	for range r.rounds {
		for _, w := range r.works(engine, dsn, s) {
			if !r.wants(engine, w.name) {
				continue
			}
			// Each is compared with a quiet time just before it: the machine does not stay the same for long.
			if err := r.quiet(ctx, engine, load); err != nil {
				return 0, err
			}
			if err := r.besides(ctx, engine, load, w); err != nil {
				return 0, err
			}
		}
	}
	return load.rate, nil
}

// sweepBeside measures the load beside the sweep, which begins with the server and is not done when the last round
// ends.
func (r *run) sweepBeside(ctx context.Context, engine, dsn string, load pacedLoad) error {
	say("%s: opening %d cards with a bonus that has expired", engine, r.due)
	if err := r.fillExpired(ctx, dsn); err != nil {
		return err
	}
	if err := r.aged(ctx, engine, dsn); err != nil {
		return err
	}
	s, err := r.serve(ctx, engine, "sweep", dsn)
	if err != nil {
		return err
	}
	defer s.stop()
	load.addr = s.addr
	// What happens only after a start, such as that each card is loaded, is no part of a sweep.
	warming, cancel := context.WithTimeout(ctx, warmUp*r.each)
	_, err = load.run(warming)
	cancel()
	if err != nil {
		return err
	}
	for range r.rounds {
		err = r.besides(ctx, engine, load, work{name: midnight, once: func(ctx context.Context) error {
			<-ctx.Done() // the server does it by itself
			return nil
		}})
		if err != nil {
			return err
		}
	}
	return withReader(ctx, dsn, func(st *store.Store) error {
		due, err := st.DueCards(ctx, expiring, ledger.DateOf(time.Now().UTC()), r.due)
		if err == nil && (len(due) == 0 || len(due) == r.due) {
			err = fmt.Errorf("of %d cards the sweep has left %d", r.due, len(due))
		}
		return err
	})
}

// aged makes a database that was just filled like one that has run for a while: see age.
func (r *run) aged(ctx context.Context, engine, dsn string) error {
	if engine == "SQLite" {
		return nil
	}
	return r.age(ctx, dsn)
}

// fillExpired opens cards with a bonus that has expired, as those are of which a midnight's sweep takes it off.
func (r *run) fillExpired(ctx context.Context, dsn string) error {
	before := time.Now().AddDate(0, 0, -5)
	return withStore(ctx, dsn, func(st *store.Store) error {
		err := st.SaveMerchant(ctx, ledger.Merchant{
			ID: expiring, GUID: "{BENCH-EXPIRING}", Name: "过期", Zone: time.UTC, Settings: ledger.Settings{BonusDays: 1},
			Shops:  []ledger.Shop{{ID: 20, GUID: "{BENCH-EXPIRING-SHOP}", Name: "总店"}},
			Levels: []ledger.Level{{ID: 1, Name: "会员", PayRate: ledger.Percent100}},
		})
		if err != nil {
			return err
		}
		e := engine.New(st, engine.Config{Clock: func() time.Time { return before }})
		// It waits until the cards can be searched for: else that would be made up for beside the sweep.
		err = st.Bulk(ctx, int64(r.due), func(bool) error { return r.openExpiring(ctx, e) })
		return errors.Join(err, e.Close(ctx))
	})
}

func (r *run) openExpiring(ctx context.Context, e *engine.Engine) error {
	for from := 0; from < r.due; from += 5000 {
		open := command.Import{Merchant: expiring}
		for i := from; i < min(from+5000, r.due); i++ {
			open.Cards = append(open.Cards, command.NewCard{
				Number: fmt.Sprintf("E%08d", i), Level: 1, Principal: 100, Bonus: 100, Holder: ledger.Holder{Name: name(i)},
			})
		}
		if _, err := e.Do(ctx, open); err != nil {
			return err
		}
	}
	return nil
}

func withReader(ctx context.Context, dsn string, fn func(*store.Store) error) error {
	st, err := store.Open(ctx, dsn, store.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	return fn(st)
}

// quiet measures the load with nothing beside it.
func (r *run) quiet(ctx context.Context, engine string, load pacedLoad) error {
	return r.besides(ctx, engine, load, work{name: "nothing", once: func(ctx context.Context) error {
		<-ctx.Done()
		return nil
	}})
}

// besides measures the load with a work beside it.
func (r *run) besides(ctx context.Context, engine string, load pacedLoad, w work) error {
	if w.ready != nil {
		if err := w.ready(); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, besideLong*r.each)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		for ctx.Err() == nil {
			if err := w.once(ctx); err != nil && ctx.Err() == nil {
				done <- err
				cancel()
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(w.pause):
			}
		}
		done <- nil
	}()
	f, err := load.run(ctx)
	if failed := <-done; failed != nil {
		return fmt.Errorf("%s: %w", w.name, failed)
	}
	if err != nil {
		return fmt.Errorf("beside %s: %w", w.name, err)
	}
	name := besideName(engine, w.name)
	r.taken[name] = append(r.taken[name], f)
	say("%-48s %9s/s   p99 %s ms", name, count(f.rate), ms(f.p99))
	return nil
}

// works are what is done beside tills, but for the sweep.
func (r *run) works(engine, dsn string, s *server) []work {
	n := 0
	next := func(suffix string) string {
		n++
		return filepath.Join(r.dir, fmt.Sprintf("beside-%s-%d-%d%s", engine, n, time.Now().UnixNano(), suffix))
	}
	tongka := func(ctx context.Context, args ...string) error {
		out, err := exec.CommandContext(ctx, r.program, args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("tongka %s: %w: %s", strings.Join(args[:2], " "), err, out)
		}
		return nil
	}
	var cards string // a file of them, which is not brought to its end while a load runs
	all := []work{
		{
			name: "an import of 100,000 cards",
			ready: func() error {
				cards = next(".csv")
				return writeCards(cards, 100_000)
			},
			once: func(ctx context.Context) error {
				return tongka(ctx, "cards", "import", cards, "--db", dsn, "--merchant", guid)
			},
		},
		{
			name: "mb_newcard of 500", pause: nowAndThen,
			once: func(ctx context.Context) error { return issue(ctx, s) },
		},
		{name: "changes of settings", pause: nowAndThen, once: func(ctx context.Context) error {
			file := next(".yaml")
			text := fmt.Sprintf("merchants: [{id: %d, name: 测速%d}]\n", owner, n)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				return err
			}
			return tongka(ctx, "apply", file, "--db", dsn, "--key-file", r.keyFile)
		}},
		{name: "verify", once: func(ctx context.Context) error { return tongka(ctx, "verify", "--db", dsn, "--json") }},
		{name: "searches that find nothing", once: func(ctx context.Context) error {
			return ask(ctx, s, "getcards", `{"key":"零零零"}`)
		}},
	}
	if engine == "SQLite" {
		all = append(all, work{name: "a backup", once: func(ctx context.Context) error {
			return tongka(ctx, "backup", next(".db"), "--db", dsn)
		}})
	}
	return all
}

// writeCards writes a file of cards that no other one has.
func writeCards(file string, cards int) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	_, _ = fmt.Fprintln(w, "number,level,name,principal") // its error comes with Flush
	for i := range cards {
		_, _ = fmt.Fprintf(w, "I%016d,1,%s,%d.00\n", rand.Int64N(1e16), name(i), i%3*50)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// issue has cards issued by the dc78 wire.
func issue(ctx context.Context, s *server) error {
	till := client.DC78{BaseURL: "http://" + s.addr, MSID: strconv.Itoa(int(shop)), Key: apiKey}
	sex := 1
	cards := make([]client.NewCard, newCards)
	for i := range cards {
		cards[i] = client.NewCard{Name: name(i), Phone: fmt.Sprintf("13%09d", rand.IntN(1e9)), Sex: &sex}
	}
	_, err := till.MbNewcard(ctx, client.MbNewcardRequest{Cards: cards})
	return err
}

const midnight = "the midnight sweep"

// besideWorks are the works a load ran beside, in the report's order.
var besideWorks = []string{
	midnight, "an import of 100,000 cards", "mb_newcard of 500", "changes of settings", "a backup", "verify",
	"searches that find nothing",
}

// besideGoals are what was wanted of tills beside large works.
func (r *run) besideGoals() (all []goal) {
	for _, engine := range engines {
		quiet := r.taken[besideName(engine, "nothing")].median()
		for _, w := range besideWorks {
			f := r.taken[besideName(engine, w)].median()
			if f.rate == 0 {
				continue
			}
			all = append(all,
				atMost("p99 of consume at half of the peak on "+engine+" beside "+w+", over alone",
					float64(f.p99)/float64(quiet.p99), 2),
				atLeast("its rate, over alone", f.rate/quiet.rate, 0.8))
		}
	}
	return all
}

// besideTable are tills at half of their peak beside large works.
func (r *run) besideTable() string {
	t := table{head: []string{"consume at half of the peak"}}
	for _, engine := range engines {
		t.head = append(t.head, engine+", per second", "p50 / p99 ms")
	}
	for _, w := range append([]string{"nothing"}, besideWorks...) {
		row := []string{"beside " + w}
		for _, engine := range engines {
			s := r.taken[besideName(engine, w)]
			if len(s) == 0 {
				row = append(row, "–", "–")
				continue
			}
			row = append(row, s.spread(), ms(s.median().p50)+" / "+ms(s.median().p99))
		}
		t.add(row...)
	}
	return t.String()
}

// memory is how much of it a process has, in bytes, as the system counts it.
func memory(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	var kb int64
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		return 0, fmt.Errorf("memory of process %d: %w", pid, err)
	}
	return kb << 10, nil
}
