package importtest

import (
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// FileCycles returns, for each group of a package's files that need each other in a circle, one line that names the
// files and, of each file, which of the others it needs for what. A file needs another one if it names anything
// declared there: a type, a function, a method or a field.
func FileCycles(fset *token.FileSet, files []*ast.File) ([]string, error) {
	needs, err := fileNeeds(fset, files)
	if err != nil {
		return nil, err
	}
	var bad []string
	for _, group := range circles(needs) {
		var says []string
		for _, from := range group {
			for _, to := range group {
				if names := needs[from][to]; len(names) > 0 {
					says = append(says, from+" needs "+to+" for "+strings.Join(slices.Sorted(maps.Keys(names)), ", "))
				}
			}
		}
		bad = append(bad, strings.Join(group, ", ")+": "+strings.Join(says, "; "))
	}
	return bad, nil
}

// arrows has by file which other files it needs, and for which names.
type arrows map[string]map[string]map[string]bool

func fileNeeds(fset *token.FileSet, files []*ast.File) (arrows, error) {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	cfg := types.Config{Importer: importer.Default()}
	pkg, err := cfg.Check("p", fset, files, info)
	if err != nil {
		return nil, err
	}
	file := func(at token.Pos) string { return filepath.Base(fset.Position(at).Filename) }
	needs := arrows{}
	for id, what := range info.Uses {
		if what.Pkg() != pkg {
			continue
		}
		from, to := file(id.Pos()), file(what.Pos())
		if from == to {
			continue
		}
		if needs[from] == nil {
			needs[from] = map[string]map[string]bool{}
		}
		if needs[from][to] == nil {
			needs[from][to] = map[string]bool{}
		}
		needs[from][to][what.Name()] = true
	}
	return needs, nil
}

// circles returns the groups of files each of which can be reached from each of its group, sorted.
func circles(needs arrows) [][]string {
	reach := map[string]map[string]bool{}
	for from := range needs {
		reach[from] = map[string]bool{}
		for todo := []string{from}; len(todo) > 0; {
			at := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			for to := range needs[at] {
				if !reach[from][to] {
					reach[from][to] = true
					todo = append(todo, to)
				}
			}
		}
	}
	var groups [][]string
	grouped := map[string]bool{}
	for _, from := range slices.Sorted(maps.Keys(reach)) {
		if grouped[from] || !reach[from][from] {
			continue
		}
		var group []string
		for to := range reach[from] {
			if reach[to][from] {
				group = append(group, to)
				grouped[to] = true
			}
		}
		slices.Sort(group)
		groups = append(groups, group)
	}
	return groups
}
