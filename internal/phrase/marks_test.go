package phrase_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// halfMark finds a half-width mark behind a Chinese character.
var halfMark = regexp.MustCompile(`\p{Han}[,;:!?]`)

// TestChineseMarks holds that Chinese on screens is written with full-width marks. Texts of the wires are their own.
func TestChineseMarks(t *testing.T) {
	for _, dir := range []string{".", "../console", "../page"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", dir, len(files), err)
		}
		for _, name := range files {
			if !strings.HasSuffix(name, "_test.go") {
				checkMarks(t, name)
			}
		}
	}
}

// checkMarks looks at all strings of a file.
func checkMarks(t *testing.T, name string) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.BasicLit); ok && s.Kind == token.STRING && halfMark.MatchString(s.Value) {
			t.Errorf("%s: %s", fset.Position(s.Pos()), s.Value)
		}
		return true
	})
}
