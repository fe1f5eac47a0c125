package importtest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTree applies every rule to every package of the module.
func TestTree(t *testing.T) {
	t.Parallel()
	packages := tree(t)
	for name, rule := range Rules {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, p := range packages {
				for _, bad := range rule(p) {
					t.Error(bad)
				}
			}
		})
	}
}

// samples break the rules, or only seem to.
var samples = []struct {
	rule string
	path string
	src  string
	want int
}{
	{"the core is pure", "tongka/internal/ledger", `import ("fmt"; "time"; "crypto/sha256"; "math/bits")`, 0},
	{"the core is pure", "tongka/internal/ledger", `import "os"`, 1},
	{"the core is pure", "tongka/internal/ledger", `import "net/http"`, 1},
	{"the core is pure", "tongka/internal/ledger", `import "net/url"`, 0},
	{"the core is pure", "tongka/internal/ledger", `import "database/sql/driver"`, 1},
	{"the core is pure", "tongka/internal/ledger", `import "math/rand/v2"`, 1},
	{"the core is pure", "tongka/internal/ledger", `import "golang.org/x/text/width"`, 1},
	{"the core is pure", "tongka/internal/ledger", `import "tongka/internal/auth"`, 1},
	{"the core is pure", "tongka/internal/command", `import "tongka/internal/ledger"`, 0},
	{"the core is pure", "tongka/internal/command", `import "net/http"`, 1},
	{"the core is pure", "tongka/internal/command", `import "tongka/internal/engine"`, 1},
	{"the core is pure", "tongka/internal/ledger", `import "tongka/internal/command"`, 1},
	{"the core is pure", "tongka/internal/store", `import "os"`, 0},

	{"what is knows not what may be done", "tongka/internal/verify", `import "tongka/internal/ledger"`, 0},
	{"what is knows not what may be done", "tongka/internal/verify", `import "tongka/internal/command"`, 1},
	{"what is knows not what may be done", "tongka/internal/ledger", `import "tongka/internal/command"`, 1},
	{"what is knows not what may be done", "tongka/internal/engine", `import "tongka/internal/command"`, 0},

	{
		"the core has no clock", "tongka/internal/ledger", `import "time"; func f(t time.Time) time.Time { return t.UTC() }`,
		0,
	},
	{"the core has no clock", "tongka/internal/ledger", `import "time"; var t = time.Now()`, 1},
	{"the core has no clock", "tongka/internal/ledger", `import "time"; var now = time.Now`, 1},
	{"the core has no clock", "tongka/internal/ledger", `import "time"; func f() { time.Sleep(1) }`, 1},
	{"the core has no clock", "tongka/internal/engine", `import "time"; var t = time.Now()`, 0},

	{"signature schemes are pure", "tongka/internal/scheme", `import ("crypto/md5"; "net/url"; "runtime"; "sync")`, 0},
	{"signature schemes are pure", "tongka/internal/scheme", `import "net/http"`, 1},
	{"signature schemes are pure", "tongka/internal/scheme", `import "log/slog"`, 1},
	{"signature schemes are pure", "tongka/internal/scheme", `import "tongka/internal/ledger"`, 1},
	{"signature schemes are pure", "tongka/internal/dc78", `import "net/http"`, 0},

	{"no floating point where money is", "tongka/internal/ledger", `type Fen int64`, 0},
	{"no floating point where money is", "tongka/internal/ledger", `func f(x int64) float64 { return float64(x) }`, 2},
	{"no floating point where money is", "tongka/internal/sandy", `var x float32`, 1},
	{"no floating point where money is", "tongka/internal/store", `import "strconv"; var f = strconv.ParseFloat`, 1},
	{"no floating point where money is", "tongka/internal/metrics", `var x float64`, 0},

	{
		"edges meet only in cmd/tongka", "tongka/internal/sandy",
		`import ("tongka/internal/command"; "tongka/internal/ledger"; "tongka/internal/engine"; "tongka/internal/auth"; "tongka/internal/httpd"; "tongka/internal/sandy/wire")`, 0,
	},
	{"edges meet only in cmd/tongka", "tongka/internal/sandy", `import "tongka/internal/store"`, 1},
	{"edges meet only in cmd/tongka", "tongka/internal/sandy", `import "tongka/internal/dc78"`, 1},
	{"edges meet only in cmd/tongka", "tongka/internal/page/qr", `import "tongka/internal/console"`, 1},
	{"edges meet only in cmd/tongka", "tongka/internal/apply", `import "tongka/internal/sandy"`, 1},
	{"edges meet only in cmd/tongka", "tongka/internal/apply", `import "tongka/cmd/tongka"`, 1},
	{
		"edges meet only in cmd/tongka", "tongka/cmd/tongka",
		`import ("tongka/internal/sandy"; "tongka/internal/dc78"; "tongka/internal/store"; "tongka/internal/cardfile")`, 0,
	},

	{
		"the engine and the store stand bare", "tongka/internal/engine",
		`import ("tongka/internal/command"; "tongka/internal/ledger"; "tongka/internal/recent")`, 0,
	},
	{"the engine and the store stand bare", "tongka/internal/engine", `import "tongka/internal/store"`, 1},
	{
		"the engine and the store stand bare", "tongka/internal/store",
		`import ("tongka/internal/ledger"; "tongka/internal/store/schema"; "tongka/internal/whole")`, 0,
	},
	{"the engine and the store stand bare", "tongka/internal/store", `import "tongka/internal/engine"`, 1},
	{"the engine and the store stand bare", "tongka/internal/auth", `import "tongka/internal/store"`, 1},
	{"the engine and the store stand bare", "tongka/cmd/tongka", `import "tongka/internal/store"`, 0},

	{"followers and reports stand bare", "tongka/internal/report", `import ("time"; "tongka/internal/ledger")`, 0},
	{"followers and reports stand bare", "tongka/internal/report", `import "tongka/internal/command"`, 1},
	{"followers and reports stand bare", "tongka/internal/report", `import "net/http"`, 1},
	{
		"followers and reports stand bare", "tongka/internal/follow",
		`import ("log/slog"; "tongka/internal/command"; "tongka/internal/ledger"; "tongka/internal/report")`, 0,
	},
	{"followers and reports stand bare", "tongka/internal/follow", `import "tongka/internal/engine"`, 1},
	{"followers and reports stand bare", "tongka/internal/hook", `import ("net/http"; "tongka/internal/ledger")`, 0},
	{"followers and reports stand bare", "tongka/internal/hook", `import "tongka/internal/auth"`, 1},
	{"followers and reports stand bare", "tongka/internal/follow", `import "tongka/internal/sandy"`, 1},
	{
		"jobs are used by programs", "tongka/internal/job",
		`import ("log/slog"; "tongka/internal/cardfile"; "tongka/internal/codes"; "tongka/internal/engine"; "tongka/internal/sheet")`, 0,
	},
	{"jobs are used by programs", "tongka/internal/job", `import "tongka/internal/dc78"`, 1},
	{"jobs are used by programs", "tongka/internal/job", `import "os"`, 1},
	{"jobs are used by programs", "tongka/internal/cardfile", `import ("io"; "tongka/internal/command"; "tongka/internal/sheet")`, 0},
	{"jobs are used by programs", "tongka/internal/sheet", `import ("tongka/internal/command"; "tongka/internal/ledger")`, 1},
	{"jobs are used by programs", "tongka/internal/cardfile", `import ("os"; "tongka/internal/engine")`, 2},
	{"jobs are used by programs", "tongka/cmd/tongka", `import ("os"; "tongka/internal/job")`, 0},
	{"the core has no clock", "tongka/internal/report", `import "time"; var now = time.Now`, 1},
	{"no floating point where money is", "tongka/internal/report", `var x float64`, 1},
	{"what is knows not what may be done", "tongka/internal/report", `import "tongka/internal/command"`, 1},

	{
		"SQL is in internal/store only", "tongka/internal/store", "import \"database/sql\"; const q = `SELECT id FROM card`",
		0,
	},
	{"SQL is in internal/store only", "tongka/internal/auth", `import "database/sql"`, 1},
	{"SQL is in internal/store only", "tongka/internal/auth", `import "github.com/jackc/pgx/v5/pgxpool"`, 1},
	{"SQL is in internal/store only", "tongka/internal/auth", "const q = `\n\tSELECT id FROM card`", 1},
	{"SQL is in internal/store only", "tongka/cmd/tongka", `var q = "UPDATE card SET status = 1"`, 1},
	{"SQL is in internal/store only", "tongka/cmd/tongka", `import ("modernc.org/sqlite/lib"; "modernc.org/sqlite")`, 1},
	{"SQL is in internal/store only", "tongka/cmd/tongka", `var say = "Select a file"`, 0},

	{"order is not by difference", "tongka/internal/store", `func f(a, b int64) int { return int(a - b) }`, 1},
	{
		"order is not by difference", "tongka/internal/store",
		`import "cmp"; func f(a, b int64) int { return cmp.Compare(a, b) }`, 0,
	},
}

// TestRulesCanFail gives every rule samples that break it and some that only seem to. It would find a rule that
// accepts everything.
func TestRulesCanFail(t *testing.T) {
	t.Parallel()
	tried := map[string]bool{}
	for _, tt := range samples {
		p := sample(t, tt.path, tt.src)
		if got := Rules[tt.rule](p); len(got) != tt.want {
			t.Errorf("%s: %s with %s: got %q, want %d violations", tt.rule, tt.path, tt.src, got, tt.want)
		}
		tried[tt.rule] = tried[tt.rule] || tt.want > 0
	}
	for name := range Rules {
		if !tried[name] {
			t.Errorf("no sample breaks the rule %q", name)
		}
	}
}

// TestRulesAreTold: the section on dependencies names the rules, all of them and no others.
func TestRulesAreTold(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## The dependency rule\n")
	section, _, _ = strings.Cut(section, "\n## ")
	told := map[string]bool{}
	for _, item := range strings.Split(section, "\n- ")[1:] {
		leading, _, _ := strings.Cut(strings.ReplaceAll(item, "*, *", "*\n*")+":", ":")
		for _, m := range regexp.MustCompile(`(?m)^\*([^*]+)\*`).FindAllStringSubmatch(leading, -1) {
			told[m[1]] = true
			if Rules[m[1]] == nil {
				t.Errorf("docs/architecture.md tells of a rule %q that is not there", m[1])
			}
		}
	}
	for name := range Rules {
		if !told[name] {
			t.Errorf("docs/architecture.md does not tell of the rule %q", name)
		}
	}
}

// TestOneSQLite: the program links one SQLite, and a second one would be noticed.
func TestOneSQLite(t *testing.T) {
	t.Parallel()
	for _, linked := range [][]string{
		nil, {"modernc.org/sqlite/lib", "github.com/mattn/go-sqlite3"}, {"github.com/mattn/go-sqlite3"},
	} {
		if SQLiteLibraries(linked) == nil {
			t.Errorf("SQLiteLibraries(%q) finds nothing wrong", linked)
		}
	}
	linked := strings.Fields(goRun(t, "list", "-deps", "./cmd/..."))
	for _, bad := range SQLiteLibraries(linked) {
		t.Error(bad)
	}
}

// TestSQLiteLibc: the C library under SQLite has exactly the version its authors tested with. A newer one is
// selected silently when another module requires it, and that has broken things before.
func TestSQLiteLibc(t *testing.T) {
	t.Parallel()
	want := required(t, goRun(t, "list", "-m", "-f", "{{.GoMod}}", "modernc.org/sqlite"), "modernc.org/libc")
	got := goRun(t, "list", "-m", "-f", "{{.Version}}", "modernc.org/libc")
	if got != want {
		t.Errorf("modernc.org/libc is %s, modernc.org/sqlite is made with %s", got, want)
	}
}

// required returns the version of a module that a go.mod file requires.
func required(t *testing.T, gomod, module string) string {
	t.Helper()
	var file struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal([]byte(goRun(t, "mod", "edit", "-json", gomod)), &file); err != nil {
		t.Fatal(err)
	}
	for _, r := range file.Require {
		if r.Path == module {
			return r.Version
		}
	}
	t.Fatalf("%s does not require %s", gomod, module)
	return ""
}

// tree returns the packages of the module as they are built for this machine, without their tests.
func tree(t *testing.T) []Package {
	t.Helper()
	shown := overlay(t)
	var packages []Package
	dec := json.NewDecoder(strings.NewReader(goRun(t, "list", "-json=ImportPath,Dir,Imports,GoFiles", "./...")))
	for {
		var listed struct {
			ImportPath, Dir  string
			Imports, GoFiles []string
		}
		err := dec.Decode(&listed)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		p := Package{Path: listed.ImportPath, Imports: listed.Imports}
		for _, name := range listed.GoFiles {
			path := filepath.Join(listed.Dir, name)
			f, err := parser.ParseFile(token.NewFileSet(), cmp.Or(shown[path], path), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			p.Files = append(p.Files, f)
		}
		packages = append(packages, p)
	}
	if len(packages) < 2 {
		t.Fatalf("go list finds %d packages: the tree was not read", len(packages))
	}
	return packages
}

// overlay returns the files that the go command is shown in place of others by GOFLAGS, as internal/breaktest does.
func overlay(t *testing.T) map[string]string {
	t.Helper()
	var shown struct{ Replace map[string]string }
	for _, flag := range strings.Fields(os.Getenv("GOFLAGS")) {
		name, found := strings.CutPrefix(flag, "-overlay=")
		if !found {
			continue
		}
		text, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(text, &shown)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return shown.Replace
}

// sample returns a package of one file, given without its package clause.
func sample(t *testing.T, path, src string) Package {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "sample.go", "package sample\n"+src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	p := Package{Path: path}
	for _, imp := range f.Imports {
		p.Imports = append(p.Imports, strings.Trim(imp.Path.Value, `"`))
	}
	p.Files = append(p.Files, f)
	return p
}

// goRun returns what the go command prints when run at the top of the repository.
func goRun(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}
