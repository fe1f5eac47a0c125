package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// report writes the measurements as Markdown, and says which goals were met.
func (r *run) report(ctx context.Context) error {
	r.judge()
	var b strings.Builder
	fmt.Fprintf(&b, "# Performance\n\nWritten by `make bench`; do not edit. %s\n\n", time.Now().UTC().Format("2006-01-02"))
	b.WriteString(intro)
	fmt.Fprintf(&b, "\nMachine: %s. %s, %s.\n", machine(), runtime.Version(),
		strings.TrimSpace(output(ctx, r.cluster.Program("postgres"), "--version")))
	fmt.Fprintf(&b,
		"Each load: %v, %d rounds in turns, %d cards; figures are medians (lowest–highest), ratios those of the rounds.\n",
		r.each, r.rounds, r.cards)
	fmt.Fprintf(&b, "This run: `%s`.\n", writeCommand())
	b.WriteString("\n## Goals\n\n" + goals(r.goals))
	b.WriteString("\n## To compare with\n\n" + r.ceilings())
	for _, engine := range engines {
		b.WriteString("\n## " + engine + "\n\n" + r.engine(engine))
	}
	b.WriteString("\n## Growth\n\n" + r.grownTable())
	b.WriteString("\n## Tills beside large works\n\n" + besideIntro + "\n" + r.besideTable())
	b.WriteString("\n## What runs behind bills\n\n" + behindIntro + "\n" + r.behindTable())
	b.WriteString("\n## Many members\n\n" + r.memberTable() + "\n" + r.lookUpTable())
	b.WriteString("\n## Pages of the console\n\n" + pageIntro + "\n" + r.pageTable())
	fmt.Print("\n" + goals(r.goals))
	return os.WriteFile(r.out, []byte(b.String()), 0o600)
}

const intro = `Everything below comes from one run of ` + "`make bench`" +
	` on one machine, with the load generator, the server
and the database sharing its cores. Compare ratios, not absolute numbers. What is measured is the real
thing: the member-cjb wire over HTTP with token check, limits and access log, lots, points, hash chain
and journal, and an answer only after the commit is on the disk (PostgreSQL: fsync and
synchronous_commit on; SQLite: WAL, synchronous=FULL). PostgreSQL made the files of its log beforehand.
Load comes from wrk in its own process; a request is a bill of 1.00 at a level with a discount that earns
points; mb_trans has a business number of its own for each, counted up by eight tills.
`

const besideIntro = `Bills are sent at half of the rate that the server answers at most, whatever became of those
before; how long one took is from when it was due. The import, verify, the backup and the changes of settings are
processes of their own beside the server; each work is begun again for as long as the load lasts.
`

const behindIntro = `Of two servers that take turns one folds the journal and keeps requests of tills, as every server
does, and the other does neither.
`

const pageIntro = `The lists and a card are read among all members, the others on the grown journal, whose day totals
may not be complete yet.
`

func (r *run) judge() {
	over := func(name, other string) float64 { return r.taken[name].over(r.taken[other]) }
	bill := func(engine, where string) string { return loadName(engine, "consume", where, 64) }
	r.goals = []goal{
		atLeast("consume on PostgreSQL, 64 connections, spread, over pgbench tpcb-like at 64",
			over(bill("PostgreSQL", spread), "pgbench 64"), 3),
		atLeast("consume on PostgreSQL, 64 connections, one hot card, over the same",
			over(bill("PostgreSQL", hot), "pgbench 64"), 5),
		atLeast("consume on SQLite, 64 connections, spread, over the echo", over(bill("SQLite", spread), "echo 64"), 0.2),
	}
	for _, engine := range engines {
		history := float64(r.single[engine+" history deep"]) / float64(r.single[engine+" history first"])
		r.goals = append(r.goals,
			atLeast("mb_trans (dc78, signed) on "+engine+" over consume (member-cjb)",
				over(loadName(engine, "mb_trans", spread, 64), bill(engine, spread)), 0.8),
			within("p99 of consume on "+engine+", 64 connections", r.taken[bill(engine, spread)].median().p99,
				15*time.Millisecond),
			atMost(fmt.Sprintf("consume on %s: empty journal over one of %s entries", engine, count(float64(r.entries))),
				over(engine+" empty", engine+" grown"), 1.3),
			atMost("deep page of history over the first, "+engine, history, 5),
		)
		for _, kind := range []string{"digits", "name", "none"} {
			r.goals = append(r.goals,
				within("search by three characters ("+kind+"), "+engine, r.single[engine+" search "+kind], 50*time.Millisecond))
		}
	}
	for _, id := range identifiers {
		r.goals = append(r.goals,
			atLeast(fmt.Sprintf("mb_check by %s among %s cards on SQLite, over the echo", id.name, count(float64(r.members))),
				over("SQLite members mb_check "+id.name, "SQLite members echo"), 0.5))
	}
	r.goals = append(r.goals, r.besideGoals()...)
	r.goals = append(r.goals, r.costGoals()...)
	r.goals = append(r.goals, r.behindGoals()...)
	r.goals = append(r.goals, r.pageGoals()...)
	r.goals = append(r.goals, r.nativeGoals()...)
	rate := func(name string) float64 { return r.taken[name].median().rate }
	r.goals = append(r.goals, perSecond("import on SQLite, cards", rate("SQLite import"), 40_000),
		perSecond("verify on SQLite, entries", rate("SQLite verify"), 200_000))
}

// perSecond returns the goal of a rate of want or more.
func perSecond(what string, got, want float64) goal {
	return goal{what, "≥ " + count(want) + "/s", count(got) + "/s", got >= want}
}

func (r *run) ceilings() string {
	t := table{head: []string{"per second", "1", "16", "64", "256"}}
	row := []string{"HTTP echo of the same JSON by the same server code"}
	for _, n := range conns {
		row = append(row, r.taken[fmt.Sprintf("echo %d", n)].spread())
	}
	t.add(row...)
	t.add("pgbench tpcb-like, scale 50, prepared", "", r.taken["pgbench 16"].spread(), r.taken["pgbench 64"].spread(), "")
	return t.String()
}

func (r *run) engine(engine string) string {
	t := table{head: []string{"connections", "1", "16", "64", "256"}}
	for _, kind := range []string{"consume", "recharge"} {
		for _, where := range []string{spread, hot} {
			rates, lags := []string{kind + ", " + where + ", per second"}, []string{"p50 / p99 ms"}
			for _, n := range conns {
				s := r.taken[loadName(engine, kind, where, n)]
				rates, lags = append(rates, s.spread()), append(lags, ms(s.median().p50)+" / "+ms(s.median().p99))
			}
			t.add(rates...)
			t.add(lags...)
		}
	}
	for _, kind := range []string{"getcardinfo", "getcards", "mb_check", withCoupons, "mb_trans", byAPI} {
		s := r.taken[loadName(engine, kind, spread, 64)]
		t.add(kind+", per second", "", "", s.spread(), "")
		t.add("p50 / p99 ms", "", "", ms(s.median().p50)+" / "+ms(s.median().p99), "")
	}
	return t.String()
}

func (r *run) grownTable() string {
	t := table{
		head: []string{
			"", "empty journal, consume/s at 64", count(float64(r.entries)) + " entries", "first page of history, ms",
			"deep page, ms", "verify, entries/s",
		},
	}
	for _, engine := range engines {
		t.add(engine, r.taken[engine+" empty"].spread(), r.taken[engine+" grown"].spread(),
			ms(r.single[engine+" history first"]), ms(r.single[engine+" history deep"]),
			count(r.taken[engine+" verify"].median().rate))
	}
	return t.String() +
		fmt.Sprintf("\nThe hot card has a tenth of the entries; the deep page is number %s, 20 entries a page.\n",
			count(float64(r.deep())))
}

func (r *run) memberTable() string {
	t := table{
		head: []string{
			strconv.Itoa(r.members) + " cards", "import, cards/s", "three digits, ms (slowest)", "a name of three, ms (slowest)",
			"no match, ms (slowest)", "memory of the server, MB", fmt.Sprintf("with %d cards, MB", r.most),
		},
	}
	for _, engine := range engines {
		row := []string{engine, count(r.taken[engine+" import"].median().rate)}
		for _, kind := range []string{"digits", "name", "none"} {
			row = append(row, ms(r.single[engine+" search "+kind])+" ("+ms(r.single[engine+" search p99 "+kind])+")")
		}
		row = append(row, count(float64(r.memory[engine]>>20)), count(float64(r.memory[engine+" most"]>>20)))
		t.add(row...)
	}
	return t.String()
}

func (r *run) lookUpTable() string {
	t := table{head: []string{"per second, 64 connections", "echo"}}
	for _, id := range identifiers {
		t.head = append(t.head, "mb_check by "+id.name)
	}
	for _, engine := range engines {
		row := []string{engine, r.taken[engine+" members echo"].spread()}
		for _, id := range identifiers {
			row = append(row, r.taken[engine+" members mb_check "+id.name].spread())
		}
		t.add(row...)
	}
	return t.String()
}

// writeCommand returns the command that repeats this run.
func writeCommand() string {
	words := []string{"go run ./internal/bench"}
	flag.Visit(func(f *flag.Flag) { words = append(words, "-"+f.Name, f.Value.String()) })
	return strings.Join(words, " ")
}

// machine describes the machine of the measurements.
func machine() string {
	model := "unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, found := strings.Cut(string(text), "model name\t: "); found {
			model, _, _ = strings.Cut(rest, "\n")
		}
	}
	return fmt.Sprintf("%d cores, %s, %s/%s", runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH)
}

func output(ctx context.Context, program string, args ...string) string {
	out, err := exec.CommandContext(ctx, program, args...).Output()
	if err != nil {
		return err.Error()
	}
	return string(out)
}
