package readmetest

import (
	"encoding/json"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// sitePage is a page of the documentation's site, as docs/.vitepress/pages.json lists it.
type sitePage struct {
	At       string // its address, and its file under docs/
	From     string // its file, if that is elsewhere
	En, Zh   string // what it is called
	Both     bool   // it is there in both languages
	Optional bool   // it is there once its file is
	Made     bool   // the build makes it
}

// english is the file of a page.
func (p sitePage) english() string {
	if p.From != "" {
		return p.From
	}
	return "docs/" + p.At + ".md"
}

// chinese is the file of a page in Chinese, empty if there is none.
func (p sitePage) chinese() string {
	for _, file := range []string{"docs/zh/" + p.At + ".md", inChinese(p.english())} {
		if _, err := os.Stat(filepath.Join(top, filepath.FromSlash(file))); err == nil {
			return file
		}
	}
	return ""
}

func sitePages(t *testing.T) (all []sitePage) {
	t.Helper()
	var sections []struct {
		En, Zh string
		Pages  []sitePage
	}
	if err := json.Unmarshal([]byte(read(t, "docs/.vitepress/pages.json")), &sections); err != nil {
		t.Fatal(err)
	}
	for _, s := range sections {
		if s.En == "" || s.Zh == "" {
			t.Errorf("a section of the side bar is called %q and %q", s.En, s.Zh)
		}
		all = append(all, s.Pages...)
	}
	if len(all) < 20 {
		t.Fatalf("the side bar has %d pages: it was not read", len(all))
	}
	return all
}

// TestPagesOfTheSite: each page of the side bar is there, in Chinese too where that is promised, and no page in
// Chinese is left out of it.
func TestPagesOfTheSite(t *testing.T) {
	t.Parallel()
	docs := documents(t)
	listed := map[string]bool{}
	for _, p := range sitePages(t) {
		if p.En == "" || p.Zh == "" {
			t.Errorf("the page %s is called %q and %q", p.At, p.En, p.Zh)
		}
		listed[p.chinese()] = true
		if docs[p.english()] == "" && !p.Optional && !p.Made {
			t.Errorf("the side bar has %s, and there is no %s", p.At, p.english())
		}
		if p.Both && p.chinese() == "" {
			t.Errorf("the side bar promises %s in Chinese", p.At)
		}
	}
	for name := range docs {
		if strings.HasPrefix(name, "docs/zh/") && !listed[name] {
			t.Errorf("the side bar does not lead to %s", name)
		}
	}
}

// TestSiteInBothLanguages holds the pages under docs/zh against those in English: as many headings, the same examples
// byte for byte, the same drawings, and links to the same pages.
func TestSiteInBothLanguages(t *testing.T) {
	t.Parallel()
	for _, p := range sitePages(t) {
		if !strings.HasPrefix(p.chinese(), "docs/zh/") {
			continue
		}
		english, chinese := read(t, p.english()), read(t, p.chinese())
		if in, out := sections(english), sections(chinese); len(in) != len(out) {
			t.Errorf("%s has %d sections, %s %d", p.english(), len(in), p.chinese(), len(out))
		}
		if in, out := examples(english), examples(chinese); !slices.Equal(in, out) {
			t.Errorf("%s and %s differ in examples:\n%q\n%q", p.english(), p.chinese(), lacking(in, out), lacking(out, in))
		}
		in, out := leadsTo(p.english(), english), leadsTo(p.chinese(), chinese)
		if !slices.Equal(in, out) {
			t.Errorf("%s and %s differ in links:\n%q\n%q", p.english(), p.chinese(), lacking(in, out), lacking(out, in))
		}
	}
}

// leadsTo are the files that a page links to, those in Chinese by the names of the ones in English. Pictures of pages
// are left out: each language has its own.
func leadsTo(page, text string) (all []string) {
	for _, m := range target.FindAllStringSubmatch(block.ReplaceAllString(text, ""), -1) {
		file, _, _ := strings.Cut(m[1], "#")
		if strings.Contains(file, "://") || strings.HasSuffix(file, ".png") {
			continue
		}
		file = path.Join(path.Dir(page), file)
		file = strings.Replace(strings.Replace(file, "docs/zh/", "docs/", 1), ".zh.", ".", 1)
		all = append(all, file)
	}
	return sorted(all)
}

var (
	heading  = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *#*$`)
	partLink = regexp.MustCompile(`\]\(([^)#\s]*)#([^)\s]+)\)`)
)

// TestPartsOfPages follows the links that lead into a page, to its heading: on the site they are the same as on GitHub.
func TestPartsOfPages(t *testing.T) {
	t.Parallel()
	docs, looked := documents(t), 0
	for name, text := range docs {
		for _, m := range partLink.FindAllStringSubmatch(block.ReplaceAllString(text, ""), -1) {
			page := name
			if m[1] != "" {
				page = path.Join(path.Dir(name), m[1])
			}
			if strings.Contains(m[1], "://") || !strings.HasSuffix(page, ".md") {
				continue
			}
			looked++
			if !slices.Contains(anchors(docs[page]), m[2]) {
				t.Errorf("%s links to %s of %s, which has no such heading", name, m[2], page)
			}
		}
	}
	if looked < 20 {
		t.Errorf("%d links were looked up: they are not where they were", looked)
	}
}

// anchors are the names by which links lead to the headings of a page.
func anchors(text string) (all []string) {
	for _, m := range heading.FindAllStringSubmatch(block.ReplaceAllString(text, ""), -1) {
		title := target.ReplaceAllString(m[1], "]")
		all = append(all, strings.Map(func(r rune) rune {
			switch {
			case unicode.IsSpace(r):
				return '-'
			case r == '-', r == '_', unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
				return unicode.ToLower(r)
			}
			return -1
		}, title))
	}
	return all
}

var (
	picture = regexp.MustCompile(`!\[([^\]]*)\]\(([^)\s]+)\)`)
	outside = regexp.MustCompile(`(?i)(?:href|src)\s*=|url\(|@import|<script|<image|<foreignObject`)
	amount  = regexp.MustCompile(`\d+\.\d\d`)
)

// ofTheCard are the drawings whose amounts the core has reckoned.
var ofTheCard = []string{"lots", "undo", "journal"}

// TestDrawings: each drawing is on a page, with a text for those who do not see it, has a twin in the other language
// with the same amounts, loads nothing, and the amounts of cards in it are those of the scenario.
func TestDrawings(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for name, text := range documents(t) {
		for _, m := range picture.FindAllStringSubmatch(text, -1) {
			if used[path.Join(path.Dir(name), m[2])] = true; m[1] == "" {
				t.Errorf("%s has %s without a text for those who do not see it", name, m[2])
			}
		}
	}
	drawings, scenario := files(t, ".svg"), read(t, "internal/command/testdata/pictures.txt")
	for _, name := range slices.Sorted(maps.Keys(drawings)) {
		if path.Dir(name) != "docs/pictures" {
			continue
		}
		if !used[name] {
			t.Errorf("no page has %s", name)
		}
		if outside.MatchString(drawings[name]) {
			t.Errorf("%s loads something: %s", name, outside.FindString(drawings[name]))
		}
		base, _, _ := strings.Cut(path.Base(name), ".")
		twin := drawings["docs/pictures/"+base+".zh.svg"]
		in, out := amount.FindAllString(drawings[name], -1), amount.FindAllString(twin, -1)
		if slices.Sort(in); !slices.Equal(in, slices.Sorted(slices.Values(out))) {
			t.Errorf("%s has the amounts %q, the one in Chinese %q", name, in, out)
		}
		if slices.Contains(ofTheCard, base) {
			for _, a := range in {
				if !strings.Contains(scenario, a) && a != "125.00" {
					t.Errorf("%s has %s, which the scenario does not", name, a)
				}
			}
		}
	}
}
