package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	_ "embed"

	"tongka/internal/pgtest"
	"tongka/internal/seal"
)

//go:embed load.lua
var script string

// run is one run of the whole benchmark.
type run struct {
	options
	script  string // its file
	program string // the server
	self    string // this program
	keyFile string
	key     *seal.Key // the key of all servers
	cluster *pgtest.Cluster
	taken   map[string]series // by the measurement's name
	single  map[string]time.Duration
	memory  map[string]int64 // of a server, in bytes
	costs   map[string]costs
	goals   []goal
}

// engines are the databases, in the order of the report.
var engines = []string{"PostgreSQL", "SQLite"}

// conns are the numbers of connections with which each load is measured.
var conns = []int{1, 16, 64, 256}

func bench(ctx context.Context, o options) error {
	r, err := prepare(o)
	if err != nil {
		return err
	}
	defer r.cleanUp()
	steps := []func(context.Context) error{
		r.loads, r.perBill, r.behindBills, r.growth, r.manyMembers, r.worksBeside, r.report,
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// part is a part of the benchmark that can be measured by itself, and is printed then.
type part struct {
	steps []func(*run, context.Context) error
	table func(*run) string
	goals func(*run) []goal
}

// parts are those parts, by the flag that asks for each.
var parts = map[string]part{
	"beside":  {[]func(*run, context.Context) error{(*run).worksBeside}, (*run).besideTable, (*run).besideGoals},
	"behind":  {[]func(*run, context.Context) error{(*run).behindBills}, (*run).behindTable, (*run).behindGoals},
	"native":  {[]func(*run, context.Context) error{(*run).nativeBills}, (*run).nativeTable, (*run).nativeGoals},
	"against": {[]func(*run, context.Context) error{(*run).turns}, (*run).turnsTable, (*run).turnsGoals},
	"pages": {
		[]func(*run, context.Context) error{(*run).growth, (*run).manyMembers}, (*run).pageTable, (*run).pageGoals,
	},
}

// bench measures the part.
func (p part) bench(ctx context.Context, o options) error {
	r, err := prepare(o)
	if err != nil {
		return err
	}
	defer r.cleanUp()
	for _, step := range p.steps {
		if err := step(r, ctx); err != nil {
			return err
		}
	}
	fmt.Print("\n" + p.table(r) + "\n" + goals(p.goals(r)))
	return nil
}

// prepare builds the server and starts PostgreSQL.
func prepare(o options) (*run, error) {
	for _, program := range []string{"wrk", "go"} {
		if _, err := exec.LookPath(program); err != nil {
			return nil, fmt.Errorf("%s is needed: install the package of that name", program)
		}
	}
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "tongka-bench")
		if err != nil {
			return nil, err
		}
		o.dir = dir
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	r := &run{
		options: o, keyFile: filepath.Join(o.dir, "bench.key"), script: filepath.Join(o.dir, "load.lua"),
		program: filepath.Join(o.dir, "tongka"), self: self,
		taken: map[string]series{}, single: map[string]time.Duration{}, memory: map[string]int64{},
		costs: map[string]costs{},
	}
	if err := os.WriteFile(r.script, []byte(script), 0o600); err != nil {
		return nil, err
	}
	if r.key, err = seal.Open(r.keyFile, ""); err != nil {
		return nil, err
	}
	build := exec.Command("go", "build", "-o", r.program, "tongka/cmd/tongka")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build: %w: %s", err, out)
	}
	say("starting PostgreSQL")
	r.cluster, err = pgtest.Start(postgresSettings...)
	return r, err
}

// postgresSettings are those of a small server with fast disks. Nothing that a commit waits for is switched off.
var postgresSettings = []string{
	"shared_buffers=1GB", fmt.Sprintf("min_wal_size=%dMB", keptWAL>>20), "max_wal_size=8GB", "checkpoint_timeout=15min",
	"effective_cache_size=12GB",
	"random_page_cost=1.1", "work_mem=16MB", "maintenance_work_mem=512MB", "max_connections=200",
}

func (r *run) cleanUp() {
	if r.cluster != nil {
		if err := r.cluster.Stop(); err != nil {
			say("stopping PostgreSQL: %v", err)
		}
	}
	_ = os.RemoveAll(r.dir)
}

// dsn returns the address of a database of that name on the engine, which it creates on PostgreSQL.
func (r *run) dsn(ctx context.Context, engine, name string) (string, error) {
	if engine == "SQLite" {
		return "sqlite:" + filepath.Join(r.dir, name+".db"), nil
	}
	return r.cluster.Create(ctx, name)
}

// serve starts the server on a database, with the default settings except for the rate limits and what more says.
func (r *run) serve(ctx context.Context, engine, name, dsn string, more ...string) (*server, error) {
	args := []string{"serve", "--db", dsn, "--key-file", r.keyFile, "--agent-rate", "0", "--address-rate", "0"}
	return start(ctx, filepath.Join(r.dir, engine+"-"+name+".log"), r.program, append(args, more...)...)
}

// take measures one load and records it under its name.
func (r *run) take(ctx context.Context, name string, l load) error {
	f, err := l.wrk(ctx, r.script, r.each)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	r.taken[name] = append(r.taken[name], f)
	say("%-48s %9s/s   p99 %s ms   server's processors %s µs each", name, count(f.rate), ms(f.p99), series{f}.work())
	return nil
}

func say(format string, args ...any) {
	fmt.Printf(time.Now().Format("15:04:05 ")+format+"\n", args...)
}
