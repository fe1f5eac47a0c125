package readmetest

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// ownOrder are pages in Chinese that tell things in an order of their own: TestFirstPagesSayTheSame and TestSession
// hold them.
var ownOrder = []string{"README.zh.md"}

// wired are the pages that till vendors read: they are in both languages.
var wired = []string{
	"client/README.md", "docs/divergences/dc78.md", "docs/divergences/sandy.md", "docs/wires/dc78.md",
	"docs/wires/member-cjb.md",
}

var (
	han    = regexp.MustCompile(`\p{Han}+`)
	words  = regexp.MustCompile(`[a-z-]+`)
	digits = regexp.MustCompile(`\d+(?:[.,]\d+)*`)
	target = regexp.MustCompile(`\]\(([^)\s]+)\)`)
)

// numerals are numbers that the pages in English write as words, and how those in Chinese write them.
var numerals = map[string]*regexp.Regexp{
	"four": regexp.MustCompile("4|四"), "five": regexp.MustCompile("5|五"), "six": regexp.MustCompile("6|六"),
	"seven": regexp.MustCompile("7|七"), "eight": regexp.MustCompile("8|八"), "ten": regexp.MustCompile("10|十"),
	"thirty": regexp.MustCompile("30|三十"), "hundred": regexp.MustCompile("100|百"),
	"million": regexp.MustCompile("百万|五十万"),
}

// TestPagesInChinese holds each page in Chinese against the one in English that it stands for: section by section the
// same examples byte for byte, the same names, codes and texts between backticks, the same links, as many rows in a
// table, and in each row the same numbers and the same texts of the wire.
func TestPagesInChinese(t *testing.T) {
	t.Parallel()
	docs := documents(t)
	for _, english := range wired {
		if chinese := inChinese(english); docs[chinese] == "" {
			t.Errorf("%s is not there: what till vendors read is also in Chinese", chinese)
		}
	}
	if !strings.Contains(docs["README.zh.md"], "\n## 收银机厂商从这里开始\n") {
		t.Error("README.zh.md does not say where till vendors begin")
	}
	for chinese, text := range docs {
		english := strings.TrimSuffix(chinese, ".zh.md") + ".md"
		if !strings.HasSuffix(chinese, ".zh.md") || slices.Contains(ownOrder, chinese) {
			continue
		}
		t.Run(chinese, func(t *testing.T) {
			t.Parallel()
			head := func(text, link string) bool {
				lines := strings.SplitN(text, "\n", 4)
				return len(lines) == 4 && lines[2] == link
			}
			if !head(docs[english], "[中文]("+path.Base(chinese)+")") || !head(text, "[English]("+path.Base(english)+")") {
				t.Error("the two pages do not lead to each other in their third line")
			}
			same(t, sections(docs[english]), sections(text))
			if !strings.Contains(docs["README.zh.md"], "]("+chinese+")") {
				t.Errorf("README.zh.md does not lead to %s", chinese)
			}
		})
	}
}

// TestDrift proves that TestPagesInChinese notices what it is for.
func TestDrift(t *testing.T) {
	t.Parallel()
	const table = "\n\n    {\"a\":1}\n\n| c | HTTP | |\n|---|---|---|\n| 1 | 200 | 余额不足 |\n| 2 | 300 | |\n"
	english, chinese := "At most 64 KiB in ten s, `a`, [x](y.md)."+table, "十秒内最多 64 KiB,`a`,[甲](y.md)。"+table
	if got := differences(english, chinese); got != nil {
		t.Fatalf("got %q of two pages that say the same", got)
	}
	for _, c := range []struct{ old, new, differ string }{
		{"{\"a\":1}", "{\"a\":2}", "examples"},
		{"`a`", "a", "names"},
		{"`a`", "`a`,`b`", "names"},
		{"64", "32", "numbers"}, {"十", "九", "numbers"},
		{"y.md", "z.md", "links"},
		{"余额不足", "余额不够", "texts"},
		{"| 1 | 200 | 余额不足 |\n| 2 |", "| 2 | 200 | 余额不足 |\n| 1 |", "numbers"},
		{"| 1 | 200 | 余额不足 |", "1 200", "rows"},
	} {
		got := differences(english, strings.Replace(chinese, c.old, c.new, 1))
		if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, c.differ+" ") }) {
			t.Errorf("%s for %s: got %q, want that %s differ", c.new, c.old, got, c.differ)
		}
	}
}

var percentage = regexp.MustCompile("10 % of `([0-9.]+)` gives `([0-9.]+)`, of `([0-9.]+)` gives `([0-9.]+)`")

// TestPercentages holds what both contracts say of a rule that gives a share against the core.
func TestPercentages(t *testing.T) {
	t.Parallel()
	rule := ledger.Rule{Kind: ledger.Percent, AddRate: ledger.Percent100 / 10}
	for _, page := range []string{"docs/wires/member-cjb.md", "docs/wires/dc78.md"} {
		m := percentage.FindStringSubmatch(strings.Join(strings.Fields(read(t, page)), " "))
		if m == nil {
			t.Errorf("%s does not say how the share of a rule is rounded", page)
			continue
		}
		for i := 1; i < len(m); i += 2 {
			paid, err := ledger.ParseYuan(m[i])
			if err != nil {
				t.Fatal(err)
			}
			if got := rule.Gives(paid).Money.String(); got != m[i+1] {
				t.Errorf("%s: 10 %% of %s gives %s, and the page says %s", page, m[i], got, m[i+1])
			}
		}
	}
}

// inChinese returns the name of the page that says in Chinese what the named one says.
func inChinese(english string) string { return strings.TrimSuffix(english, ".md") + ".zh.md" }

// sections cuts a page at its headings, which stay in front of what is under them.
func sections(text string) (all []string) {
	fenced := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if len(all) == 0 || !fenced && strings.HasPrefix(line, "#") {
			all = append(all, "")
		}
		all[len(all)-1] += line
	}
	return all
}

// same holds the sections of a page in Chinese against those of the one in English.
func same(t *testing.T, english, chinese []string) {
	t.Helper()
	if len(english) != len(chinese) {
		t.Fatalf("%d sections in English, %d in Chinese", len(english), len(chinese))
	}
	for i := range english {
		title, _, _ := strings.Cut(english[i], "\n")
		for _, d := range differences(english[i], chinese[i]) {
			t.Errorf("%s: %s", title, d)
		}
	}
}

// differences returns what of a section in English the one in Chinese lacks, and the other way round.
func differences(english, chinese string) (all []string) {
	differ := func(what string, english, chinese []string) {
		if !slices.Equal(english, chinese) {
			all = append(all, what+" differ:\nEnglish "+strings.Join(lacking(english, chinese), " ¦ ")+
				"\nChinese "+strings.Join(lacking(chinese, english), " ¦ "))
		}
	}
	differ("examples", examples(english), examples(chinese))
	differ("names", sorted(spans(prose(english))), sorted(spans(prose(chinese))))
	differ("links", links(english), links(chinese))
	if none := lacking(digits.FindAllString(prose(english), -1), digits.FindAllString(prose(chinese), -1)); none != nil {
		all = append(all, "numbers are missing: "+strings.Join(none, " "))
	}
	for _, word := range words.FindAllString(strings.ToLower(prose(english)), -1) {
		if numeral := numerals[word]; numeral != nil && !numeral.MatchString(prose(chinese)) {
			all = append(all, "numbers are missing: "+word)
		}
	}
	in, out := rows(english), rows(chinese)
	if len(in) != len(out) {
		return append(all, "rows differ in number")
	}
	for i := range in {
		for _, text := range han.FindAllString(in[i], -1) {
			if !strings.Contains(out[i], text) {
				all = append(all, "texts of the wire differ: no "+text+" in "+out[i])
			}
		}
		if none := lacking(digits.FindAllString(in[i], -1), digits.FindAllString(out[i], -1)); none != nil {
			all = append(all, "numbers are missing: "+strings.Join(none, " ")+" in "+out[i])
		}
	}
	return all
}

// examples are the lines of a section that are indented or fenced.
func examples(section string) (all []string) {
	fenced := false
	for line := range strings.Lines(section) {
		edge := strings.HasPrefix(line, "```")
		if fenced || edge || strings.HasPrefix(line, "    ") {
			all = append(all, strings.TrimRight(line, "\n"))
		}
		fenced = fenced != edge
	}
	return all
}

// prose is a section without its examples and the addresses of its links.
func prose(section string) string {
	text := ""
	for line := range strings.Lines(block.ReplaceAllString(section, "")) {
		if !strings.HasPrefix(line, "    ") {
			text += target.ReplaceAllString(line, "]")
		}
	}
	return text
}

// links are where a section leads, without the language and the part of the page.
func links(section string) (all []string) {
	for _, m := range target.FindAllStringSubmatch(section, -1) {
		page, _, _ := strings.Cut(m[1], "#")
		all = append(all, strings.Replace(strings.Replace(page, ".zh.md", ".md", 1), "/zh/", "/", 1))
	}
	return sorted(all)
}

// rows are the lines of a section's tables, without the headings.
func rows(section string) (all []string) {
	before := ""
	for line := range strings.Lines(section) {
		row := strings.HasPrefix(line, "|")
		if row && strings.HasPrefix(before, "|") && !strings.HasPrefix(line, "|--") {
			all = append(all, strings.TrimSpace(line))
		}
		before = line
	}
	return all
}

// sorted returns each text once, in order.
func sorted(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
}

// lacking returns those of some texts that are not among the others.
func lacking(some, others []string) (none []string) {
	for _, s := range some {
		if !slices.Contains(others, s) {
			none = append(none, s)
		}
	}
	return none
}

// TestPagesLead follows the languages of the first pages: each says in its first lines where the other is.
func TestPagesLead(t *testing.T) {
	t.Parallel()
	for page, link := range map[string]string{
		"README.md": "[中文](README.zh.md)", "README.zh.md": "[English](README.md)",
	} {
		first, _, _ := strings.Cut(read(t, page), "\n## ")
		if !strings.Contains(first, link) {
			t.Errorf("%s does not lead to the other language before its first heading", page)
		}
	}
}
