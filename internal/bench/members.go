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

// manyMembers measures the import of very many cards, and the search over them.
func (r *run) manyMembers(ctx context.Context) error {
	file := filepath.Join(r.dir, "members.csv")
	if err := writeMembers(file, r.members); err != nil {
		return err
	}
	for _, engine := range engines {
		dsn, err := r.dsn(ctx, engine, "members")
		if err != nil {
			return err
		}
		if err := withStore(ctx, dsn, func(st *store.Store) error { return configure(ctx, st) }); err != nil {
			return err
		}
		say("%s: importing %d cards", engine, r.members)
		begun := time.Now()
		out, err := exec.CommandContext(ctx, r.program, "cards", "import", file, "--db", dsn, "--merchant", guid).CombinedOutput()
		if err != nil {
			return fmt.Errorf("import: %w: %s", err, out)
		}
		rate := float64(r.members) / time.Since(begun).Seconds()
		r.taken[engine+" import"] = series{{rate: rate}}
		say("%s: imported %s cards/s", engine, count(rate))
		if err := r.search(ctx, engine, dsn); err != nil {
			return err
		}
	}
	return nil
}

// search times getcards over all members with keys of three characters, which many and few match.
func (r *run) search(ctx context.Context, engine, dsn string) error {
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
	return nil
}

// writeMembers writes a file of cards with random numbers, as another system would hand it over.
func writeMembers(file string, members int) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	w := bufio.NewWriter(f)
	random := rand.New(rand.NewPCG(1, 2))
	if _, err := fmt.Fprintln(w, "number,level,name,phone,principal"); err != nil {
		return err
	}
	for i := range members {
		_, err := fmt.Fprintf(w, "%016d,1,%s,13%09d,%d.00\n", random.Int64N(1e16), name(i), random.IntN(1e9), i%3*50)
		if err != nil {
			return err
		}
	}
	return w.Flush()
}
