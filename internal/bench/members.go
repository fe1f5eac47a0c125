package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"tongka/internal/store"
)

// manyMembers measures the import of very many cards, and searches among them.
func (r *run) manyMembers(ctx context.Context) error {
	file := filepath.Join(r.dir, "members.csv")
	members, err := writeMembers(file, 0, r.members)
	if err != nil {
		return err
	}
	rest := filepath.Join(r.dir, "more-members.csv")
	more, err := writeMembers(rest, r.members, r.most)
	if err != nil {
		return err
	}
	for _, engine := range engines {
		dsn, err := r.dsn(ctx, engine, "members")
		if err != nil {
			return err
		}
		if err := withStore(ctx, dsn, func(st *store.Store) error { return r.configure(ctx, st) }); err != nil {
			return err
		}
		rate, err := r.importFile(ctx, engine, dsn, file, len(members))
		if err != nil {
			return err
		}
		r.taken[engine+" import"] = series{{rate: rate}}
		if err := r.search(ctx, engine, dsn, members); err != nil {
			return err
		}
		if _, err := r.importFile(ctx, engine, dsn, rest, len(more)); err != nil {
			return err
		}
		if err := r.spreadOverMost(ctx, engine, dsn, slices.Concat(members, more)); err != nil {
			return err
		}
	}
	return nil
}

// importFile imports a file and returns how many cards it did in a second.
func (r *run) importFile(ctx context.Context, engine, dsn, file string, cards int) (float64, error) {
	say("%s: importing %d cards", engine, cards)
	begun := time.Now()
	out, err := exec.CommandContext(ctx, r.program, "cards", "import", file, "--db", dsn, "--merchant",
		guid).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("import: %w: %s", err, out)
	}
	rate := float64(cards) / time.Since(begun).Seconds()
	say("%s: imported %s cards/s", engine, count(rate))
	return rate, nil
}

// spreadOverMost is spread on a server of its own, with the most cards.
func (r *run) spreadOverMost(ctx context.Context, engine, dsn string, members []member) error {
	s, err := r.serve(ctx, engine, "members", dsn)
	if err != nil {
		return err
	}
	defer s.stop()
	return r.spread(ctx, engine+" most", s, members)
}

// search measures getcards among all members by keys of three characters, some of which match many cards and some
// none.
func (r *run) search(ctx context.Context, engine, dsn string, members []member) error {
	s, err := r.serve(ctx, engine, "members", dsn, "--page-url", console)
	if err != nil {
		return err
	}
	defer s.stop()
	for kind, key := range map[string]func() string{
		"digits": func() string { return fmt.Sprintf("%03d", rand.IntN(1000)) },
		"name":   func() string { return name(rand.IntN(r.members)) },
		"none":   func() string { return "零零零" },
	} {
		took, err := repeat(100, func(int) error { return ask(ctx, s, "getcards", fmt.Sprintf(`{"key":%q}`, key())) })
		if err != nil {
			return err
		}
		r.single[engine+" search "+kind] = took[len(took)/2]
		r.single[engine+" search p99 "+kind] = took[len(took)-1]
		say("%s: search by %s: %s ms, slowest %s ms", engine, kind, ms(took[len(took)/2]), ms(took[len(took)-1]))
	}
	if err := r.lookUps(ctx, engine, s, members); err != nil {
		return err
	}
	if err := r.pages(ctx, engine, dsn, s, memberPages); err != nil {
		return err
	}
	if err := r.lag(ctx, engine, dsn, s, members[1].number); err != nil {
		return err
	}
	return r.spread(ctx, engine, s, members)
}

// spread sends bills with more different cards than a server keeps in memory by its settings, and measures how much
// memory it has after that.
func (r *run) spread(ctx context.Context, engine string, s *server, members []member) error {
	long, cancel := context.WithTimeout(ctx, besideLong*besideLong*r.each)
	defer cancel()
	load := pacedLoad{addr: s.addr, card: func() string { return members[rand.IntN(len(members))].number }}
	bills, err := load.run(long)
	if err != nil {
		return err
	}
	if r.memory[engine], err = memory(s.pid); err != nil {
		return err
	}
	say("%s: %s bills/s on all cards, and the server has %d MB", engine, count(bills.rate), r.memory[engine]>>20)
	return nil
}

// member is a line of the imported file.
type member struct {
	id                           int // ids follow the order of the file
	number, phone, extID, openID string
}

// writeMembers writes a file of the cards numbered from one to another with random numbers, like an export of another
// system.
func writeMembers(file string, from, to int) ([]member, error) {
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	w := bufio.NewWriter(f)
	random := rand.New(rand.NewPCG(1, uint64(from)))
	if _, err := fmt.Fprintln(w, "number,level,name,phone,principal,extid,openid"); err != nil {
		return nil, err
	}
	var all []member
	for i := from; i < to; i++ {
		m := member{
			id: i + 1, number: fmt.Sprintf("%016d", random.Int64N(1e16)), phone: fmt.Sprintf("13%09d", random.IntN(1e9)),
			extID: fmt.Sprintf("%d", 1e9+i*7), openID: fmt.Sprintf("o%026x", random.Uint64()),
		}
		all = append(all, m)
		_, err := fmt.Fprintf(w, "%s,1,%s,%s,%d.00,%s,%s\n", m.number, name(i), m.phone, i%3*50, m.extID, m.openID)
		if err != nil {
			return nil, err
		}
	}
	return all, w.Flush()
}
