package packaging_test

import (
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// shipped are the files that archives and packages have beside the program, by their places in the repository.
func shipped(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "../scripts/shipped.sh").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Fields(string(out))
	for _, want := range []string{"README.md", "docs/wires/member-cjb.md", "docs/manual.md", "client/README.zh.md"} {
		if !slices.Contains(files, want) {
			t.Fatalf("%s is not among the %d files", want, len(files))
		}
	}
	return files
}

// Every relative link of a page that archives and packages have leads to a file or folder that they have too. Many led
// nowhere there, those to the contracts of both wires among them.
func TestShippedLinksLead(t *testing.T) {
	t.Parallel()
	files := shipped(t)
	link := regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	followed := 0
	for _, page := range files {
		if path.Ext(page) != ".md" {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(read(t, "../"+page), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			followed++
			target := path.Join(path.Dir(page), m[1])
			if !slices.ContainsFunc(files, func(f string) bool { return f == target || strings.HasPrefix(f, target+"/") }) {
				t.Errorf("%s links to %s, which is not shipped", page, m[1])
			}
		}
	}
	if followed < 100 {
		t.Errorf("%d links were followed: they are not where they were", followed)
	}
}

// Archives and packages have no tests, and what they have is what the list says.
func TestShippedIsTheList(t *testing.T) {
	t.Parallel()
	for _, file := range shipped(t) {
		if strings.Contains(path.Base(file), "_test.") {
			t.Errorf("%s is a test", file)
		}
	}
	dist := read(t, "../scripts/dist.sh")
	for _, line := range []string{
		"sh scripts/shipped.sh >dist/work/shipped\n", " -T dist/work/shipped\n",
		"\tcp -R dist/work/pages \"dist/work/$name\"\n", " PAGES=dist/work/pages ",
	} {
		if !strings.Contains(dist, line) {
			t.Errorf("dist.sh has no %q", line)
		}
	}
	if cp := regexp.MustCompile(`(?m)^\s*cp .*$`).FindAllString(dist, -1); len(cp) != 1 {
		t.Errorf("dist.sh copies what no list says: %q", cp)
	}
	if !strings.Contains(read(t, "nfpm.yaml"), `{src: "${PAGES}", dst: /usr/share/doc/tongka, type: tree, expand: true}`) {
		t.Error("packages do not bring what the list says")
	}
}
