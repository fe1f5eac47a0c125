// Package importtest holds the dependency rule of the repository as code, and its test applies it to
// the tree.
//
// The rules look at what is imported and, where an import says too little, at the syntax: the core
// may have time.Time but not the clock. Each rule is a function from packages to violations, so that
// it is tried on samples that must fail as well. Nothing but tests imports this package.
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

// Module is the path of the module.
const Module = "tongka"

// The core: what is, and what may be done.
const (
	ledger  = Module + "/internal/ledger"
	command = Module + "/internal/command"
)

func isCore(path string) bool { return path == ledger || path == command }

// Package is one package of the tree without its tests.
type Package struct {
	Path    string
	Imports []string
	Files   []*ast.File
}

// Rule tells what breaks it, one line each.
type Rule func(p Package) []string

// Rules are all of them, by name.
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

// report folds the journal.
const report = Module + "/internal/report"

// recent knows nothing of the module: it is a set that forgets.
const recent = Module + "/internal/recent"

// job and cardfile are what issues commands by itself, and the files of cards that it reads.
const (
	job      = Module + "/internal/job"
	cardfile = Module + "/internal/cardfile"
)

// edges are the packages the outside talks to. Each may be had by a program alone.
var edges = []string{
	Module + "/internal/sandy",
	Module + "/internal/dc78",
	Module + "/internal/console",
	Module + "/internal/page",
}

// edgeMayImport is all an edge knows of the module beside itself.
var edgeMayImport = []string{
	ledger,
	command,
	Module + "/internal/engine",
	Module + "/internal/auth",
	Module + "/internal/httpd",
	Module + "/internal/wire",
	Module + "/internal/codes",
	Module + "/internal/scheme",
	recent,
}

// store is the only package that speaks SQL.
const store = Module + "/internal/store"

// mayHoldStore are who may import the store: programs, and the test suites of stores.
var mayHoldStore = []string{
	Module + "/cmd",
	Module + "/internal/bench",
	Module + "/internal/pgtest",
	store,
}

// reachingOut are the parts of the standard library that reach out of the process.
var reachingOut = []string{"os", "net", "syscall", "plugin", "unsafe", "C"}

// corePure refuses everything outside the standard library, and in it what reaches out of the process
// or is not the same twice.
func corePure(p Package) []string {
	if !isCore(p.Path) {
		return nil
	}
	var bad []string
	for _, imp := range p.Imports {
		switch first, _, _ := strings.Cut(imp, "/"); {
		case p.Path == command && imp == ledger:
		case strings.Contains(first, "."), first == Module:
			bad = append(bad, "the core imports "+imp+", which is not the standard library")
		case slices.Contains(reachingOut, first),
			under(imp, "database/sql"), under(imp, "math/rand"), under(imp, "crypto/rand"):
			bad = append(bad, "the core imports "+imp+", which is not pure")
		}
	}
	return bad
}

// ledgerOnly are who look at what is and have nothing done: of the core they see the ledger.
var ledgerOnly = []string{
	ledger,
	report,
	Module + "/internal/verify",
	Module + "/internal/auth",
	Module + "/internal/httpd",
}

// ledgerAlone keeps what only looks at the books from what changes them.
func ledgerAlone(p Package) []string {
	if slices.Contains(ledgerOnly, p.Path) && slices.Contains(p.Imports, command) {
		return []string{p.Path + " imports " + command + ": it has nothing done"}
	}
	return nil
}

// schemesPure keeps the package of signature schemes on the standard library, without what reaches out of the
// process: it is given requests and secrets, and nobody may wonder where these go.
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

// coreClockless refuses every use of the clock in the core and in reports: time is handed in.
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

// floatless refuses floating point where amounts pass through: the core, reports, the store and the dialects.
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

// edgesApart keeps an edge from knowing the store or another edge, and everybody but programs from
// knowing an edge.
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

// bare keeps the engine and the store on the core alone, and the store out of everybody's sight who
// could ask for the few reads it needs by an interface.
func bare(p Package) []string {
	var bad []string
	for _, imp := range p.own() {
		switch {
		case p.Path == Module+"/internal/engine" && !isCore(imp) && imp != recent,
			p.Path == store && !isCore(imp) && !under(imp, store):
			bad = append(bad, p.Path+" may import the core only, not "+imp)
		case under(imp, store) && !slices.ContainsFunc(mayHoldStore, func(who string) bool { return under(p.Path, who) }):
			bad = append(bad, p.Path+" imports "+imp+": declare an interface of what it needs")
		}
	}
	return bad
}

// jobsApart keeps those who issue commands by themselves, and the files of cards they read, away from the store and from
// whatever asks people or tills: a command line and a console use them alike.
func jobsApart(p Package) []string {
	var bad []string
	for _, imp := range p.own() {
		switch {
		case p.Path == cardfile && !isCore(imp),
			p.Path == job && !isCore(imp) && imp != cardfile && imp != Module+"/internal/engine":
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

// followBare keeps reports on the ledger alone and pure, and those who follow the journal on the core and reports.
func followBare(p Package) []string {
	var bad []string
	for _, imp := range p.own() {
		switch {
		case p.Path == report && imp != ledger:
			bad = append(bad, p.Path+" may import the ledger only, not "+imp)
		case p.Path == Module+"/internal/follow" && !isCore(imp) && imp != report:
			bad = append(bad, p.Path+" may import the core and reports only, not "+imp)
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

// sqlInStore refuses database libraries and texts that begin like an SQL statement elsewhere. What
// only tests and measurements use may speak to a database of its own.
func sqlInStore(p Package) []string {
	if under(p.Path, store) || p.Path == Module+"/internal/pgtest" || p.Path == Module+"/internal/bench" {
		return nil
	}
	var bad []string
	for _, imp := range p.Imports {
		// Programs may name SQLite's constants: they print its version.
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

// orderless refuses functions that return a difference as an int, as comparisons once did: ids have 64
// bits, so that a difference overflows, and an int may have 32. cmp.Compare has no such end.
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

// SQLiteLibraries returns what breaks the rule that exactly one SQLite is linked. Two in one process
// share POSIX locks without knowing of each other, and lose commits. It is given import paths. zombiezen.com/go/sqlite
// is no SQLite: it calls the one of modernc.org/sqlite.
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

// own are the imports from the module itself.
func (p Package) own() []string {
	var own []string
	for _, imp := range p.Imports {
		if under(imp, Module) {
			own = append(own, imp)
		}
	}
	return own
}

// under reports whether path is dir or lies in it.
func under(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, dir+"/")
}

func isEdge(path string) bool {
	return slices.ContainsFunc(edges, func(e string) bool { return under(path, e) })
}

func sameEdge(a, b string) bool {
	return slices.ContainsFunc(edges, func(e string) bool { return under(a, e) && under(b, e) })
}
