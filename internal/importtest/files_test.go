package importtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// The files of the ledger are in an order: amounts and days, what is made of them, cards, entries, and what checks an
// entry against a card. The compiler refuses circles of packages, but not of files, and a package of sixty files that
// all need each other must be known as a whole before one rule of it can be changed or trusted. If this fails, move
// the definition to the file of what it is about.
func TestLedgerFilesNeedEachOtherInNoCircle(t *testing.T) {
	t.Parallel()
	fset, files := ledgerFiles(t)
	bad, err := FileCycles(fset, files)
	if err != nil {
		t.Fatal(err)
	}
	for _, circle := range bad {
		t.Error(circle)
	}
}

// ledgerFiles parses the files of the ledger without its tests.
func ledgerFiles(t *testing.T) (*token.FileSet, []*ast.File) {
	t.Helper()
	names, err := filepath.Glob("../ledger/*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	if len(files) < 50 {
		t.Fatalf("%d files: is the ledger elsewhere?", len(files))
	}
	return fset, files
}

// FileCycles finds circles by types, functions, methods and fields, and none where there is none.
func TestFileCyclesCanFail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files []string
		want  string
	}{
		{"in order", []string{"type A struct{ n int }", "func f(a A) int { return a.n }", "var x = f(A{})"}, ""},
		{"two functions", []string{"func f() { g() }", "func g() { f() }"}, "0.go needs 1.go for g; 1.go needs 0.go for f"},
		{
			"a method", []string{"type A int; type B int", "func (a A) Of() B { return 0 }", "var b = A(0).Of()"}, "",
		},
		{
			"a method used where its type is", []string{"type A int; var b = A(0).Of()", "func (a A) Of() int { return 0 }"},
			"0.go needs 1.go for Of; 1.go needs 0.go for A",
		},
		{
			"a field", []string{"func f() (a A) { return a }; var n = a.n", "type A struct{ n int }; var a = f()"},
			"0.go needs 1.go for A, a, n; 1.go needs 0.go for f",
		},
		{"three files", []string{"func f() { g() }", "func g() { h() }", "func h() { f() }"}, "2.go needs 0.go for f"},
	} {
		fset := token.NewFileSet()
		var files []*ast.File
		for i, src := range c.files {
			f, err := parser.ParseFile(fset, string(rune('0'+i))+".go", "package p; "+src, 0)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		bad, err := FileCycles(fset, files)
		if got := strings.Join(bad, "\n"); err != nil || (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}
