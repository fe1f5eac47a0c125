package main

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"tongka/internal/store"
)

// manyMembers measures the import of very many cards, and searches among them.
func (r *run) manyMembers(ctx context.Context) error {
	file := filepath.Join(r.dir, "members.csv")
	members, err := writeMembers(file, r.members)
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
		say("%s: importing %d cards", engine, r.members)
		begun := time.Now()
		out, err := exec.CommandContext(ctx, r.program, "cards", "import", file, "--db", dsn, "--merchant",
			guid).CombinedOutput()
		if err != nil {
			return fmt.Errorf("import: %w: %s", err, out)
		}
		rate := float64(r.members) / time.Since(begun).Seconds()
		r.taken[engine+" import"] = series{{rate: rate}}
		say("%s: imported %s cards/s", engine, count(rate))
		if err := r.search(ctx, engine, dsn, members); err != nil {
			return err
		}
	}
	return nil
}

// search measures getcards among all members by keys of three characters, some of which match many cards and some
// none.
func (r *run) search(ctx context.Context, engine, dsn string, members []member) error {
	s, err := r.serve(ctx, engine, "members", dsn)
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
	if r.memory[engine], err = memory(s.cmd.Process.Pid); err != nil {
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

// writeMembers writes a file of cards with random numbers, like an export of another system.
func writeMembers(file string, members int) ([]member, error) {
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	w := bufio.NewWriter(f)
	random := rand.New(rand.NewPCG(1, 2))
	if _, err := fmt.Fprintln(w, "number,level,name,phone,principal,extid,openid"); err != nil {
		return nil, err
	}
	all := make([]member, members)
	for i := range all {
		m := member{
			id: i + 1, number: fmt.Sprintf("%016d", random.Int64N(1e16)), phone: fmt.Sprintf("13%09d", random.IntN(1e9)),
			extID: fmt.Sprintf("%d", 1e9+i*7), openID: fmt.Sprintf("o%026x", random.Uint64()),
		}
		all[i] = m
		_, err := fmt.Fprintf(w, "%s,1,%s,%s,%d.00,%s,%s\n", m.number, name(i), m.phone, i%3*50, m.extID, m.openID)
		if err != nil {
			return nil, err
		}
	}
	return all, w.Flush()
}
