package readmetest

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// urlPath is a path in prose, code or a setting: of this program, or of a file.
	urlPath = regexp.MustCompile("(?:^|[\\s(`\"'=]|http://127\\.0\\.0\\.1:\\d+)(/[A-Za-z][A-Za-z0-9_/-]*)")
	// sourceRoute is a pattern in the source of the server's routes.
	sourceRoute = regexp.MustCompile(`"(?:[A-Z]+ )?(/[a-zA-Z][^" ]*)"`)
	endpoint    = regexp.MustCompile(`\{name: "([a-z_0-9]+)"`)
	described   = regexp.MustCompile(`(?m)^  (/v1/[^:]+):$`)
)

// fileRoots are the first names of paths that are files, not routes.
var fileRoots = []string{
	"bin", "data", "dev", "etc", "first", "out", "proc", "run", "src", "tmp", "tongka", "usr", "var",
}

// TestNamedPaths looks up every path of the server that a document or a file of the packages names among its routes:
// whoever watches a server by a path that does not exist takes it for dead.
func TestNamedPaths(t *testing.T) {
	t.Parallel()
	have := routes(t)
	named := 0
	texts := documents(t)
	for _, suffix := range []string{".yaml", ".conf", "Caddyfile", ".service", "Dockerfile"} {
		maps.Copy(texts, files(t, suffix))
	}
	for name, text := range texts {
		if strings.HasSuffix(name, "CHANGELOG.md") || strings.Contains(name, "testdata/") {
			continue // what was, and what tests make up
		}
		for _, m := range urlPath.FindAllStringSubmatch(text, -1) {
			if m[1] == "/Api/ACTION" {
				continue // for any of them
			}
			if first, _, _ := strings.Cut(m[1][1:], "/"); slices.Contains(fileRoots, first) {
				continue
			}
			if named++; !served(have, m[1]) {
				t.Errorf("%s names %s, and the server has no such path", name, m[1])
			}
		}
	}
	if named < 50 || served(have, "/livez") || served(have, "/api2/member-cjb/nothing") {
		t.Errorf("%d paths were looked up among %q", named, have)
	}
}

// routes are the paths that the server serves, {x} for what may be anything.
func routes(t *testing.T) (all []string) {
	t.Helper()
	for _, file := range []string{
		"cmd/tongka/serve.go", "internal/page/routes.go", "internal/console/routes.go", "internal/api/reference.go",
		"internal/sandbox/sandbox.go",
	} {
		for _, m := range sourceRoute.FindAllStringSubmatch(read(t, file), -1) {
			all = append(all, strings.TrimSuffix(m[1], "{$}"))
		}
	}
	all = append(all, "/v1", "/v1/openapi")                                               // a dot ends a path here
	for _, m := range described.FindAllStringSubmatch(read(t, "docs/openapi.yaml"), -1) { // made of the code
		all = append(all, m[1])
	}
	for base, file := range map[string]string{
		"/api2/member-cjb/": "internal/sandy/routes.go", "/Api/": "internal/dc78/routes.go", "/api/": "internal/dc78/routes.go",
	} {
		if source := read(t, file); !strings.Contains(source, `"`+strings.TrimSuffix(base, "/")) {
			t.Errorf("%s does not have the base %s", file, base)
		}
		all = append(all, base)
		for _, m := range endpoint.FindAllStringSubmatch(read(t, file), -1) {
			all = append(all, base+m[1])
		}
	}
	return all
}

// served reports whether a path is that of a route, or with a slash at its end the beginning of one.
func served(have []string, name string) bool {
	return slices.ContainsFunc(have, func(route string) bool {
		pattern := regexp.MustCompile(`\{\w+\}`).ReplaceAllString(route, "*")
		matches, err := path.Match(strings.TrimSuffix(pattern, "/"), strings.TrimSuffix(name, "/"))
		return err == nil && matches || strings.HasSuffix(name, "/") && strings.HasPrefix(route, name)
	})
}
