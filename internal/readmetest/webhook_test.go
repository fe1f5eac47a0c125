package readmetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	threeCommands = regexp.MustCompile(`(?s)\n## [^\n]*webhook[^\n]*\n(.*?)\n## `)
	shellBlocks   = regexp.MustCompile("(?s)```sh\n(.*?)\n```")
	ofLanguage    = regexp.MustCompile("(?m)^\\| \\w+ \\| `([^`]+)` \\|$")
	verified      = regexp.MustCompile(`^the card paid 800, due 0, verified consume evt_\d+_\d+_[0-9a-f]{8}\n$`)
)

// TestThreeCommands carries out what both READMEs say of a bill and a webhook, in every language, beside a demo: only
// addresses and files are others than on the page.
func TestThreeCommands(t *testing.T) {
	t.Parallel()
	program := build(t)
	for _, page := range []string{"README.md", "README.zh.md"} {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			section := threeCommands.FindStringSubmatch(read(t, page))
			if section == nil {
				t.Fatal("the page has no such section")
			}
			blocks := shellBlocks.FindAllStringSubmatch(section[1], -1)
			languages := ofLanguage.FindAllStringSubmatch(section[1], -1)
			if len(blocks) != 2 || len(languages) != 3 {
				t.Fatalf("%d blocks and %d languages", len(blocks), len(languages))
			}
			if want := "go run ./cmd/tongka demo --db sqlite:demo.db --no-year"; blocks[0][1] != want {
				t.Errorf("the first command is %s, and this test starts %s", blocks[0][1], want)
			}
			db := "sqlite:" + filepath.Join(t.TempDir(), "demo.db")
			addr, _, stop := demo(t, program, db, "--no-year")
			defer stop()
			hook := "http://" + freeAddr(t) + "/tongka" // one, as the webhook keeps its address
			for _, l := range languages {
				if strings.HasPrefix(l[1], "npx") && exec.Command("npx", "--yes", "tsx", "--version").Run() != nil {
					t.Log("the command for TypeScript was not checked: npx does not get tsx here")
					continue
				}
				// The second command is made anew for each, which is as if somebody tried one language after the other.
				cmd := exec.CommandContext(t.Context(), "sh", "-c", blocks[1][1]+"\n"+l[1])
				cmd.Dir = top
				cmd.Env = append(os.Environ(), "DEMO_PROGRAM="+program, "DEMO_DB="+db, "API_URL=http://"+addr,
					"HOOK_URL="+hook)
				cmd.WaitDelay = time.Second
				if out, err := cmd.CombinedOutput(); err != nil || !verified.Match(out) {
					t.Errorf("%s: %v: %s", l[1], err, out)
				}
			}
		})
	}
}
