package importtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// A card is the fold of its entries, so nothing changes one but the two that apply an entry. Whatever else did could
// leave a card that no journal explains.
func TestOnlyPostAndFoldChangeACard(t *testing.T) {
	t.Parallel()
	fset, files := ledgerFiles(t)
	got, err := Mutators(fset, files, "Card")
	if want := []string{"Fold", "Post"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("a card is changed by %v, %v, want %v", got, err, want)
	}
}

// Mutators finds what changes a card itself or by another function, and passes over what changes a copy.
func TestMutatorsCanFail(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"func (c *Card) Set() { c.n = 1 }":                                 "Set",
		"func (c *Card) Up() { c.n++ }":                                    "Up",
		"func (c *Card) Deep() { c.in.n = 1 }":                             "Deep",
		"func Over(c *Card) { *c = Card{} }":                               "Over",
		"func By(c *Card) { c.set() }; func (c *Card) set() { c.n = 1 }":   "By",
		"func By(c *Card) { set(c) }; func set(c *Card) { (*c).n = 1 }":    "By",
		"func (c *Card) Copy() Card { d := *c; d.n = 1; return d }":        "",
		"func (c *Card) Read() int { n := c.n; n++; return n }":            "",
		"func Made() *Card { c := Card{}; c.n = 1; return &c }":            "",
		"func Copy(c *Card) { d := *c; d.set() }; func (c *Card) set() {}": "",
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "p.go", "package p; type Card struct{ n int; in struct{ n int } }; "+src, 0)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Mutators(fset, []*ast.File{f}, "Card")
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, %v, want %q", src, got, err, want)
		}
	}
}
