// Command tongka is the member card server, and has the commands by which its operator sets it up and looks after it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	_ "time/tzdata" // merchants have time zones, and the machine may lack their data

	"github.com/alecthomas/kong"

	"tongka/internal/config"
)

// Exit codes.
const (
	exitFailed = 1 // refused or failed; one line says why
	exitUsage  = 2 // the command line is wrong
	exitEmpty  = 4 // there was nothing to prove

	exitRefused = 3 // done, except for rows or cards that were refused
	exitBehind  = 5 // a report that lacks entries of its days
)

// exitError is an error with an exit code of its own.
type exitError struct {
	code int
	text string
}

func (e exitError) Error() string { return e.text }

// program is the table of commands, from which kong parses the command line.
type program struct {
	Config kong.ConfigFlag `placeholder:"FILE" env:"TONGKA_CONFIG" help:"Read settings from a YAML file."`

	Demo     demoCmd     `cmd:"" help:"Serve a sandbox with the published examples' data: on this machine only, or with --lan to its network."`
	Serve    serveCmd    `cmd:"" help:"Serve tills."`
	Ping     pingCmd     `cmd:"" help:"Ask the server of this machine whether it lives, or with --ready whether it can work."`
	Apply    applyCmd    `cmd:"" help:"Bring merchants, shops, levels, rules, kinds of coupons, cards and agents to what a YAML file says."`
	Verify   verifyCmd   `cmd:"" help:"Prove the books: fold every card again and check all that must hold. It only reads."`
	Cards    cardsCmd    `cmd:"" help:"Import or export cards as CSV; give a card a new password or a credit, or end the codes of a lost phone."`
	Agent    agentCmd    `cmd:"" help:"List, add and stop agents."`
	Key      keyCmd      `cmd:"" help:"List, add, renew and stop the API keys of merchants."`
	Webhook  webhookCmd  `cmd:"" help:"List, add, renew and stop where the entries of merchants are sent."`
	Person   personCmd   `cmd:"" help:"List, add and stop the people who sign in to the console."`
	Merchant merchantCmd `cmd:"" help:"List merchants, and who changed their settings."`
	Shop     shopCmd     `cmd:"" help:"List shops."`
	Report   reportCmd   `cmd:"" help:"Print totals of business days."`
	Level    levelCmd    `cmd:"" help:"List levels."`
	Rule     ruleCmd     `cmd:"" help:"List recharge rules."`
	Code     codeCmd     `cmd:"" help:"Print a card's member code, as the holder's phone shows it. Whoever has it can pay, so use it only to try things out."`
	Coupon   couponCmd   `cmd:"" help:"List kinds of coupons."`
	DC78     dc78Cmd     `cmd:"" name:"dc78" help:"How the tills of the dc78 wire sign: show, set and find out."`
	Clock    clockCmd    `cmd:"" help:"Say whether this machine's clock is believed; accept it, or take back a time that was wrong."`
	Backup   backupCmd   `cmd:"" help:"Copy a SQLite database to a file, also while it is in use by this machine."`
	Version  versionCmd  `cmd:"" help:"Print the versions of the program and its parts."`
	Manual   manualCmd   `cmd:"" hidden:"" help:"Print docs/manual.md."`
}

// console is where a command reads and writes.
type console struct {
	out, err io.Writer
	tty      bool // out is a terminal
}

// garbage is the percentage for debug.SetGCPercent. The program keeps little memory in use and allocates much, so
// collecting less often is worth the extra memory. GOGC takes precedence if it is set.
const garbage = 400

func letGarbageGather(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// spareProcs is added to the number of processors for GOMAXPROCS. A goroutine that waits for the disk in a system
// call occupies its P for up to 10 ms until the scheduler takes it away, and in that time nothing else could run
// there. GOMAXPROCS takes precedence if it is set.
const spareProcs = 1

func main() {
	if os.Getenv(testClockEnv) != "" && !testClock {
		fmt.Fprintf(os.Stderr, "tongka: %s is for tests of the program: unset it\n", testClockEnv)
		os.Exit(exitUsage)
	}
	letGarbageGather(garbage)
	unsetEmpty()
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + spareProcs)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	con := &console{out: os.Stdout, err: os.Stderr, tty: isTerminal(os.Stdout)}
	code := run(ctx, con, os.Args[1:])
	stop()
	os.Exit(code)
}

// unsetEmpty removes settings of the environment that are empty. A file of a unit or container has TONGKA_DB= for one
// that is not used, and means the default.
func unsetEmpty() {
	for _, setting := range os.Environ() {
		if name, value, _ := strings.Cut(setting, "="); value == "" && strings.HasPrefix(name, "TONGKA_") {
			_ = os.Unsetenv(name) // a name out of Environ is a name
		}
	}
}

// run carries out one command line and returns the exit code.
func run(ctx context.Context, con *console, args []string) int {
	parser := newParser(con)
	parsed, err := parser.Parse(amountLast(parser, polite(args)))
	if err != nil {
		fmt.Fprintf(con.err, "tongka: %s\n", told(err))
		if parse, ok := errors.AsType[*kong.ParseError](err); ok {
			fmt.Fprintf(con.err, "Try: %s --help\n", commandOf(parse.Context))
		}
		return exitUsage
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(con); err != nil {
		fmt.Fprintf(con.err, "tongka: %s\n", told(err))
		if own, ok := errors.AsType[exitError](err); ok {
			return own.code
		}
		return exitFailed
	}
	return 0
}

// commandOf returns the command that a command line names, as far as it could be read: the help on it lists what was
// mistyped.
func commandOf(line *kong.Context) string {
	if command := line.Selected(); command != nil {
		return command.FullPath()
	}
	return line.Model.Name
}

// newParser returns the parser of the command table. Flags that are settings get their help from the comments in
// package config.
func newParser(con *console) *kong.Kong {
	parser := kong.Must(&program{},
		kong.Name("tongka"),
		kong.Description("A server for member cards: stored value, levels, points and coupons, for tills that speak "+
			"member-cjb or dc78."),
		kong.Configuration(config.Load),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Writers(con.out, con.err),
	)
	brief := map[string]string{}
	for _, c := range config.Comments() {
		brief[c.Flag] = c.Brief()
		if c.Default != "" {
			brief[c.Flag] += ", by default " + c.Default
		}
	}
	explain(parser.Model.Node, brief)
	return parser
}

func explain(node *kong.Node, brief map[string]string) {
	for _, flag := range node.Flags {
		if text, ok := brief[flag.Name]; ok && flag.Help == "" {
			flag.Help = text
		}
	}
	for _, child := range node.Children {
		explain(child, brief)
	}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
