package importtest

import (
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"slices"
)

// Mutators returns the names of a package's exported functions and methods that change what a pointer to typ points
// to, if they are given that pointer as receiver or parameter: by assigning to it or a field of it, or by handing it
// to a function of the package that does. Copies may be changed, and elements of a slice are not looked at.
func Mutators(fset *token.FileSet, files []*ast.File, typ string) ([]string, error) {
	info := &types.Info{
		Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Types: map[ast.Expr]types.TypeAndValue{},
	}
	cfg := types.Config{Importer: importer.Default()}
	pkg, err := cfg.Check("p", fset, files, info)
	if err != nil {
		return nil, err
	}
	pointer := types.NewPointer(pkg.Scope().Lookup(typ).Type())
	m := mutating{info: info, pointer: pointer, known: map[types.Object]bool{}}
	for before := -1; before < len(m.known); {
		before = len(m.known)
		for _, f := range files {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && m.changes(fn.Body) {
					m.known[info.Defs[fn.Name]] = true
				}
			}
		}
	}
	var names []string
	for fn := range m.known {
		if fn.Exported() {
			names = append(names, fn.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// mutating finds the functions that change what a pointer points to. known are those found so far.
type mutating struct {
	info    *types.Info
	pointer types.Type
	known   map[types.Object]bool
}

func (m *mutating) changes(body ast.Node) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			found = found || n.Tok != token.DEFINE && slices.ContainsFunc(n.Lhs, m.through)
		case *ast.IncDecStmt:
			found = found || m.through(n.X)
		case *ast.CallExpr:
			found = found || m.hands(n)
		}
		return !found
	})
	return found
}

// through reports whether an assignment to x goes through the pointer.
func (m *mutating) through(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.StarExpr:
		return m.is(x.X)
	case *ast.SelectorExpr:
		return m.is(x.X) || m.through(x.X)
	case *ast.ParenExpr:
		return m.through(x.X)
	}
	return false
}

// hands reports whether a call hands the pointer to a function that is known to change it.
func (m *mutating) hands(call *ast.CallExpr) bool {
	switch fn := call.Fun.(type) {
	case *ast.SelectorExpr:
		return m.known[m.info.Uses[fn.Sel]] && (m.is(fn.X) || slices.ContainsFunc(call.Args, m.is))
	case *ast.Ident:
		return m.known[m.info.Uses[fn]] && slices.ContainsFunc(call.Args, m.is)
	}
	return false
}

func (m *mutating) is(x ast.Expr) bool {
	t := m.info.TypeOf(x)
	return t != nil && types.Identical(t, m.pointer)
}
