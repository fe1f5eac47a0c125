// Command bench measures Tongka beside things to compare it with, in one run on one machine, and writes
// docs/performance.md. All measurements of a run take turns, so that other load on the machine affects them
// equally.
//
// It needs PostgreSQL's programs and wrk. It talks only to loopback addresses and ends by itself.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"
)

// options are the size of a run.
type options struct {
	out     string
	dir     string
	rounds  int
	each    time.Duration // the duration of one load
	cards   int
	entries int // of the grown journal
	members int // of the searched merchant
	most    int // cards with which a server's memory is measured in the end
	due     int // cards of which a sweep takes bonus that has expired
	only    *regexp.Regexp
	against string // a checkout of another commit, whose servers take turns with this one's
	bare    bool   // nothing runs behind the bills of this one's
}

func main() {
	var o options
	short := flag.Bool("short", false, "a small run that shows that everything works; its figures mean nothing")
	flag.StringVar(&o.out, "out", "docs/performance.md", "where the report goes")
	flag.StringVar(&o.dir, "dir", "", "where the databases go; default: a temporary directory")
	flag.IntVar(&o.rounds, "rounds", 5, "how often each load is measured")
	flag.DurationVar(&o.each, "each", 2*time.Second, "how long one load lasts")
	flag.IntVar(&o.cards, "cards", 100_000, "cards the loads are spread over")
	flag.IntVar(&o.entries, "entries", 10_000_000, "entries of the grown journal")
	flag.IntVar(&o.members, "members", 1_000_000, "cards that are imported and searched")
	flag.IntVar(&o.most, "most", 5_000_000, "cards there are when the server's memory is measured again")
	flag.IntVar(&o.due, "due", 200_000, "cards that a sweep beside tills takes expired bonus off")
	asked := map[string]*bool{
		"beside": flag.Bool("beside", false, "only measure tills beside large works, and print that"),
		"behind": flag.Bool("behind", false, "only measure what bills lose by what runs behind them, and print that"),
		"native": flag.Bool("native", false, "only measure bills by the API beside those by member-cjb, and print that"),
		"pages":  flag.Bool("pages", false, "only measure pages of the console, and print that"),
	}
	flag.StringVar(&o.against, "against", "", "only measure the loads in turns with the commit checked out in this "+
		"directory, and print that")
	flag.BoolVar(&o.bare, "bare", false, "with -against or -stand: no followers and no log of requests on this "+
		"commit's servers, as where the other has none (-behind measures what they cost)")
	stands := flag.Bool("stand", false, "only serve filled databases, for the bench of another commit")
	only := flag.String("only", "", "of these works, those whose names match, like 'SQLite beside (verify|a backup)'")
	echo := flag.Bool("echo", false, "only serve the echo that is the ceiling")
	addr := flag.String("addr", "", "address of the echo")
	flag.Parse()
	var err error
	if o.only, err = regexp.Compile(*only); err != nil {
		fmt.Fprintln(os.Stderr, "bench: only:", err)
		os.Exit(2)
	}
	if *short {
		o.rounds, o.each, o.cards, o.entries = 1, time.Second, 2000, 200_000
		o.members, o.most, o.due = 20_000, 40_000, 20_000
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := func() error { return bench(ctx, o) }
	for name, ask := range asked {
		if *ask {
			run = func() error { return parts[name].bench(ctx, o) }
		}
	}
	if o.against != "" {
		run = func() error { return parts["against"].bench(ctx, o) }
	}
	if *stands {
		run = func() error { return stand(ctx, o) }
	}
	if *echo {
		run = func() error { return serveEcho(ctx, *addr) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
