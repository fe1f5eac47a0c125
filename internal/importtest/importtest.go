// Package importtest has the dependency rules of the repository as code, and its test applies them to the tree.
//
// The rules look at imports and, if these say too little, at the syntax: the core may use time.Time but not the
// clock. Each rule is a function from a package to violations, so that the test can also try it on samples that
// must fail. Only tests import this package.
package importtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Module is the module's path.
const Module = "tongka"

// The core: ledger has what is, command has what may be done.
const (
	ledger  = Module + "/internal/ledger"
	command = Module + "/internal/command"
)

func isCore(path string) bool { return path == ledger || path == command }

// Package is one package of the tree, without its tests.
type Package struct {
	Path    string
	Imports []string
	Files   []*ast.File
}

// Rule returns a package's violations, one line each.
type Rule func(p Package) []string

// Rules has all rules by name.
var Rules = map[string]Rule{
	"the core is pure":                    corePure,
	"what is knows not what may be done":  ledgerAlone,
	"the core has no clock":               coreClockless,
	"signature schemes are pure":          schemesPure,
	"no floating point where money is":    floatless,
	"edges meet only in cmd/tongka":       edgesApart,
	"the engine and the store stand bare": bare,
	"followers and reports stand bare":    followBare,
	"jobs are used by programs":           jobsApart,
	"SQL is in internal/store only":       sqlInStore,
	"order is not by difference":          orderless,
}

// report folds the journal into totals.
const report = Module + "/internal/report"

// recent is a set that forgets its oldest elements. It imports nothing of the module.
const recent = Module + "/internal/recent"

// whole makes files that have their name when they are whole. It imports nothing of the module.
const whole = Module + "/internal/whole"

// job issues commands by itself, such as imports; cardfile has the files of cards that it reads. sheet writes tables.
const (
	job      = Module + "/internal/job"
	cardfile = Module + "/internal/cardfile"
	sheet    = Module + "/internal/sheet"
)

// jobMayImport is what jobs may import besides the core.
var jobMayImport = []string{cardfile, sheet, Module + "/internal/codes", Module + "/internal/engine"}

// edges are the packages that the outside talks to. A program can include each without the others.
var edges = []string{
	Module + "/internal/sandy",
	Module + "/internal/dc78",
	Module + "/internal/api",
	Module + "/internal/console",
	Module + "/internal/page",
	Module + "/internal/sandbox",
}

// edgeMayImport is everything of the module that an edge may import besides its own packages.
var edgeMayImport = []string{
	ledger,
	command,
	Module + "/internal/engine",
	Module + "/internal/auth",
	Module + "/internal/httpd",
	Module + "/internal/wire",
	Module + "/internal/codes",
	Module + "/internal/scheme",
	Module + "/internal/signin",
	Module + "/internal/asset",
	Module + "/internal/qrcode",
	Module + "/internal/phrase",
	report,
	cardfile,
	sheet,
	recent,
}

// store is the only package with SQL.
const store = Module + "/internal/store"

// mayHoldStore are the packages that may import the store: programs, and what tests and measures stores.
var mayHoldStore = []string{
	Module + "/cmd",
	Module + "/internal/bench",
	Module + "/internal/pgtest",
	store,
}

// reachingOut are packages of the standard library that reach out of the process.
var reachingOut = []string{"os", "net", "syscall", "plugin", "unsafe", "C"}

// corePure refuses imports from outside the standard library, and those within it that reach out of the process
// or return something different each time.
func corePure(p Package) []string {
	if !isCore(p.Path) {
		return nil
	}
	var bad []string
	for _, imp := range p.Imports {
		switch first, _, _ := strings.Cut(imp, "/"); {
		case p.Path == command && imp == ledger:
		case imp == "net/url": // it only takes texts apart
		case strings.Contains(first, "."), first == Module:
			bad = append(bad, "the core imports "+imp+", which is not the standard library")
		case slices.Contains(reachingOut, first),
			under(imp, "database/sql"), under(imp, "math/rand"), under(imp, "crypto/rand"):
			bad = append(bad, "the core imports "+imp+", which is not pure")
		}
	}
	return bad
}

// ledgerOnly are packages that look at the books and carry out no commands. Of the core they may import only the
// ledger.
var ledgerOnly = []string{
	ledger,
	report,
	Module + "/internal/verify",
	Module + "/internal/auth",
	Module + "/internal/httpd",
}

// ledgerAlone keeps packages that only look at the books from importing what changes them.
func ledgerAlone(p Package) []string {
	if slices.Contains(ledgerOnly, p.Path) && slices.Contains(p.Imports, command) {
		return []string{p.Path + " imports " + command + ": it has nothing done"}
	}
	return nil
}

// schemesPure allows the package of signature schemes only the standard library without what reaches out of the
// process. It is given requests and secrets, and these must not be able to leave it.
func schemesPure(p Package) []string {
	if p.Path != Module+"/internal/scheme" {
		return nil
	}
	var bad []string
	for _, imp := range p.Imports {
		first, _, _ := strings.Cut(imp, "/")
		outward := slices.Contains([]string{"os", "net", "syscall", "plugin", "unsafe", "C", "log", "time"}, first) &&
			imp != "net/url"
		if strings.Contains(first, ".") || first == Module || outward || under(imp, "crypto/rand") {
			bad = append(bad, p.Path+" imports "+imp+", which is not pure")
		}
	}
	return bad
}

var clock = []string{"Now", "Since", "Until", "After", "AfterFunc", "Sleep", "Tick", "NewTimer", "NewTicker"}

// coreClockless refuses every use of the clock in the core and in reports, which get the time as a parameter.
func coreClockless(p Package) []string {
	if !isCore(p.Path) && p.Path != report {
		return nil
	}
	var bad []string
	p.inspect(func(n ast.Node) {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clock, sel.Sel.Name) {
			bad = append(bad, p.Path+" uses time."+sel.Sel.Name)
		}
	})
	return bad
}

var floats = []string{"float32", "float64", "complex64", "complex128", "ParseFloat", "FormatFloat", "AppendFloat"}

// floatless refuses floating point where amounts pass: in the core, reports, the store and the edges.
func floatless(p Package) []string {
	if !isCore(p.Path) && p.Path != report && !under(p.Path, store) && !isEdge(p.Path) {
		return nil
	}
	var bad []string
	p.inspect(func(n ast.Node) {
		if id, ok := n.(*ast.Ident); ok && slices.Contains(floats, id.Name) {
			bad = append(bad, p.Path+" uses "+id.Name)
		}
	})
	return bad
}

// edgesApart keeps an edge from importing the store or another edge, and everything but programs from importing
// an edge.
func edgesApart(p Package) []string {
	var bad []string
	for _, imp := range p.own() {
		switch {
		case isEdge(p.Path) && !sameEdge(p.Path, imp) && !slices.Contains(edgeMayImport, imp):
			bad = append(bad, p.Path+" is an edge and may not import "+imp)
		case !isEdge(p.Path) && isEdge(imp) && !under(p.Path, Module+"/cmd"):
			bad = append(bad, p.Path+" imports "+imp+": only programs know an edge")
		case under(imp, Module+"/cmd") && !under(p.Path, Module+"/cmd"):
			bad = append(bad, p.Path+" imports the program "+imp)
		}
	}
	return bad
}

// bare allows the engine and the store to import only the core and one small package each, and keeps all who could
// declare an interface for the few reads they need from importing the store.
func bare(p Package) []string {
	var bad []string
	for _, imp := range p.own() {
		switch {
		case p.Path == Module+"/internal/engine" && !isCore(imp) && imp != recent,
			p.Path == store && !isCore(imp) && !under(imp, store) && imp != whole:
			bad = append(bad, p.Path+" may not import "+imp+": neither knows more than the core")
		case under(imp, store) && !slices.ContainsFunc(mayHoldStore, func(who string) bool { return under(p.Path, who) }):
			bad = append(bad, p.Path+" imports "+imp+": declare an interface of what it needs")
		}
	}
	return bad
}

// jobsApart keeps packages that issue commands by themselves, and the files of cards they read, from importing
// the store and anything that talks to people or tills, so that the command line and a console can share them.
func jobsApart(p Package) []string {
	var bad []string
	for _, imp := range p.own() {
		switch {
		case p.Path == cardfile && !isCore(imp) && imp != sheet,
			p.Path == sheet && imp != ledger,
			p.Path == job && !isCore(imp) && !slices.Contains(jobMayImport, imp):
			bad = append(bad, p.Path+" may not import "+imp)
		}
	}
	if p.Path != cardfile && p.Path != job {
		return bad
	}
	for _, imp := range p.Imports {
		if first, _, _ := strings.Cut(imp, "/"); slices.Contains(reachingOut, first) {
			bad = append(bad, p.Path+" imports "+imp+": it is handed what it reads, and reports what it did")
		}
	}
	return bad
}

// followBare allows reports to import only the ledger and nothing impure, followers only the core and reports, and what
// sends to webhooks only the core.
func followBare(p Package) []string {
	var bad []string
	for _, imp := range p.own() {
		switch {
		case p.Path == report && imp != ledger:
			bad = append(bad, p.Path+" may import the ledger only, not "+imp)
		case p.Path == Module+"/internal/follow" && !isCore(imp) && imp != report:
			bad = append(bad, p.Path+" may import the core and reports only, not "+imp)
		case p.Path == Module+"/internal/hook" && !isCore(imp):
			bad = append(bad, p.Path+" may import the core only, not "+imp)
		}
	}
	if p.Path != report {
		return bad
	}
	for _, imp := range p.Imports {
		if first, _, _ := strings.Cut(imp, "/"); slices.Contains(reachingOut, first) {
			bad = append(bad, p.Path+" imports "+imp+", which is not pure")
		}
	}
	return bad
}

var (
	sqlLibraries = []string{
		"database/sql", "github.com/jackc/pgx", "modernc.org/sqlite", "zombiezen.com/go/sqlite", "github.com/pressly/goose",
	}
	sqlText = regexp.MustCompile(`^\s*(SELECT\s|INSERT INTO\s|UPDATE\s\S+\sSET\s|DELETE FROM\s|` +
		`(CREATE|ALTER|DROP) (TABLE|INDEX|DATABASE)\s|PRAGMA\s)`)
)

// sqlInStore refuses, outside the store, database libraries and texts that begin like an SQL statement. Packages
// that only tests and measurements use may have SQL for their own databases.
func sqlInStore(p Package) []string {
	if under(p.Path, store) || p.Path == Module+"/internal/pgtest" || p.Path == Module+"/internal/bench" {
		return nil
	}
	var bad []string
	for _, imp := range p.Imports {
		// Programs may use SQLite's constants, to print its version.
		constants := imp == "modernc.org/sqlite/lib" && under(p.Path, Module+"/cmd")
		if !constants && slices.ContainsFunc(sqlLibraries, func(lib string) bool { return under(imp, lib) }) {
			bad = append(bad, p.Path+" imports "+imp)
		}
	}
	p.inspect(func(n ast.Node) {
		lit, ok := n.(*ast.BasicLit)
		if !ok {
			return
		}
		if text, err := strconv.Unquote(lit.Value); err == nil && sqlText.MatchString(text) {
			bad = append(bad, fmt.Sprintf("%s has SQL: %.40q", p.Path, text))
		}
	})
	return bad
}

// orderless refuses functions that return a difference as an int to compare two values. Ids have 64 bits, so a
// difference can overflow, and an int may have only 32. cmp.Compare has no such limit.
func orderless(p Package) []string {
	var bad []string
	p.inspect(func(n ast.Node) {
		ret, ok := n.(*ast.ReturnStmt)
		if !ok || len(ret.Results) != 1 {
			return
		}
		call, ok := ret.Results[0].(*ast.CallExpr)
		if !ok || len(call.Args) != 1 {
			return
		}
		to, isName := call.Fun.(*ast.Ident)
		difference, isBinary := call.Args[0].(*ast.BinaryExpr)
		if isName && to.Name == "int" && isBinary && difference.Op == token.SUB {
			bad = append(bad, p.Path+" returns int(a-b): compare with cmp.Compare")
		}
	})
	return bad
}

// SQLiteLibraries returns the violations of the rule that exactly one SQLite is linked, given the import paths of
// a program. Two in one process would drop each other's POSIX locks, and lose commits. zombiezen.com/go/sqlite
// does not count, because it calls modernc.org/sqlite.
func SQLiteLibraries(linked []string) []string {
	found := map[string]bool{}
	for _, path := range linked {
		for _, lib := range []string{
			"modernc.org/sqlite", "github.com/mattn/go-sqlite3", "github.com/ncruces/go-sqlite3",
			"crawshaw.io/sqlite", "github.com/glebarez/go-sqlite", "github.com/tailscale/sqlite",
			"github.com/eatonphil/gosqlite",
		} {
			if under(path, lib) {
				found[lib] = true
			}
		}
	}
	if len(found) == 1 && found["modernc.org/sqlite"] {
		return nil
	}
	return []string{fmt.Sprintf("want modernc.org/sqlite linked and no other SQLite, have %v", found)}
}

func (p Package) inspect(visit func(ast.Node)) {
	for _, f := range p.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			visit(n)
			return true
		})
	}
}

// own returns the imports from the module itself.
func (p Package) own() []string {
	var own []string
	for _, imp := range p.Imports {
		if under(imp, Module) {
			own = append(own, imp)
		}
	}
	return own
}

// under reports whether path is dir or within it.
func under(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, dir+"/")
}

func isEdge(path string) bool {
	return slices.ContainsFunc(edges, func(e string) bool { return under(path, e) })
}

func sameEdge(a, b string) bool {
	return slices.ContainsFunc(edges, func(e string) bool { return under(a, e) && under(b, e) })
}
