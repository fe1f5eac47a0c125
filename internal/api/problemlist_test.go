package api

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// problemPages are where all problems are listed, by language.
var problemPages = map[ledger.Language]struct{ path, head string }{
	ledger.English: {"../../docs/problems.md", "# Every problem of the API\n\n[中文](problems.zh.md)\n\n" +
		"What an operation of [the API](api.md) may answer in place of what was asked for, by HTTP status. Programs look\n" +
		"at `code`, which never changes; there may be new ones. Each carries what it is about in `about` where there is\n" +
		"such a thing. The list is made of the server's table.\n"},
	ledger.Chinese: {"../../docs/problems.zh.md", "# 接口的全部错误\n\n[English](problems.md)\n\n" +
		"[接口](api.zh.md)的操作没有照办时的应答，按 HTTP 状态排列。程序只看 `code`，它不会改变；以后可能增加新的。有具体对象时 `about` 会写明。本表由服务器的错误表生成。\n"},
}

// The pages that list all problems are of the tables.
func TestProblemPages(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range faults() {
		if seen[f.said.En] || f.code == "" || f.said.En == "" || f.said.Zh == "" || titles[f.status] == "" {
			t.Errorf("%+v", f)
		}
		seen[f.said.En] = true
	}
	for language, page := range problemPages {
		var b strings.Builder
		b.WriteString(page.head)
		status := 0
		for _, f := range faults() {
			if f.status != status {
				status = f.status
				fmt.Fprintf(&b, "\n## %d %s\n\n| code | |\n|---|---|\n", status, titleOf(status, language))
			}
			fmt.Fprintf(&b, "| `%s` | %s |\n", f.code, f.said.in(language))
		}
		if *update {
			if err := os.WriteFile(page.path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if kept, err := os.ReadFile(page.path); err != nil || string(kept) != b.String() {
			t.Errorf("%s is not of the tables: go test ./internal/api -update (%v)", page.path, err)
		}
	}
	text, err := os.ReadFile("code.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "= fault{http."); n != len(ownFaults)+1 { // faultInvalid is one of invalids
		t.Errorf("code.go has %d faults, and %d are listed", n, len(ownFaults)+1)
	}
}
