package config_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/alecthomas/kong"

	"tongka/internal/config"
)

type grammar struct {
	Config kong.ConfigFlag `env:"TONGKA_CONFIG"`
	config.Settings
}

func parse(t *testing.T, args ...string) (grammar, error) {
	t.Helper()
	var g grammar
	parser, err := kong.New(&g, kong.Configuration(config.Load), kong.Exit(func(int) { t.Fatal("exit") }))
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return g, err
}

func settingsFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tongka.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A setting taken from the wrong place could run production on another database.
func TestPrecedence(t *testing.T) {
	file := settingsFile(t, "addr: 127.0.0.1:3\nbatch: 3\nlanes: 3\ninsecure-http: true\n")
	t.Setenv("TONGKA_ADDR", "127.0.0.1:2")
	t.Setenv("TONGKA_BATCH", "2")
	t.Setenv("TONGKA_CONFIG", file)
	g, err := parse(t, "--addr", "127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"flag before env", g.Addr, "127.0.0.1:1"},
		{"env before file", g.Batch, 2},
		{"file before default", g.Lanes, 3},
		{"a switch in the file", g.InsecureHTTP, true},
		{"default", g.Queue, 4096},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %v, want %v", c.what, c.got, c.want)
		}
	}
}

func TestFileRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"addr: a\nadr: b\n":      `line 2: there is no setting "adr"`,
		"addr: a\naddr: b\n":     "line 2: addr stands twice",
		"addr: [a, b]\n":         "line 1: addr: want one value",
		"- addr\n":               "line 1: want lines like addr: 127.0.0.1:8080",
		"config: other.yaml\n":   `there is no setting "config"`,
		"addr: 'unfinished\nx\n": "settings file: line 3: found unexpected end",
	} {
		_, err := config.Read(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	if f, err := config.Read(strings.NewReader("# nothing\n")); err != nil || len(f) != 0 {
		t.Errorf("an empty file: got %v, %v", f, err)
	}
}

// Each row mends the fault of the row above it.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--addr=0.0.0.0"}, "addr: "},
		{[]string{"--addr=0.0.0.0:80"}, "plain HTTP on 0.0.0.0:80"},
		{[]string{"--addr=:80"}, "plain HTTP on :80"},
		{[]string{"--addr=10.0.0.1:80", "--tls-cert=a"}, "go together"},
		{[]string{"--addr=10.0.0.1:80", "--tls-cert=a", "--tls-key=b"}, ""},
		{[]string{"--addr=10.0.0.1:80", "--insecure-http"}, ""},
		{[]string{"--addr=[::1]:80", "--admin-addr=9090"}, "admin-addr: "},
		{
			[]string{"--addr=[::1]:80", "--trusted-proxies=10.0.0.0/8,here"},
			`trusted-proxies: want addresses or ranges like 10.1.0.0/16, got "here"`,
		},
		{[]string{"--webhook-allow=10.7.0.0/16,erp"}, `webhook-allow: want addresses or ranges like 10.1.0.0/16, got "erp"`},
		{[]string{"--webhook-allow=10.7.0.0/16,127.0.0.1"}, ""},
		{[]string{"--addr=[::1]:80", "--batch=0"}, "batch: want at least 1"},
		{[]string{"--addr=localhost:80", "--agent-rate=-1"}, "agent-rate: want at least 0"},
		{[]string{"--addr=localhost:80", "--agent-rate=0"}, ""},
		{[]string{"--page-url=https://card.example.com"}, ""},
		{[]string{"--page-url=HTTPS://Card.Example.com:8443/"}, ""},
		{[]string{"--page-url=http://127.0.0.1:8080"}, ""},
		{[]string{"--page-url=http://[::1]:8080/"}, ""},
		{[]string{"--page-url=http://localhost"}, ""},
		{[]string{"--page-url=http://card.example.com"}, "plain HTTP, by which a card could be taken over"},
		{[]string{"--page-url=card.example.com"}, "page-url: want an address like"},
		{[]string{"--page-url=ftp://card.example.com"}, "page-url: want an address like"},
		{[]string{"--page-url=https://:443"}, "page-url: want an address like"},
		{[]string{"--page-url=https:card.example.com"}, "page-url: want an address like"},
		{[]string{"--page-url=https://card.example.com/m"}, "page-url: want scheme and host only"},
		{[]string{"--page-url=https://card.example.com?p=1"}, "page-url: want scheme and host only"},
		{[]string{"--page-url=https://card.example.com?"}, "page-url: want scheme and host only"},
		{[]string{"--page-url=https://card.example.com#m"}, "page-url: want scheme and host only"},
		{[]string{"--page-url=https://me@card.example.com"}, "page-url: want scheme and host only"},
	} {
		g, err := parse(t, c.args...)
		if err != nil {
			t.Fatal(err)
		}
		err = g.Check()
		if got := errText(err); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%v: got %q, want %q", c.args, got, c.want)
		}
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Links begin with the address as browsers write it.
func TestPage(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"": "", "https://card.example.com": "https://card.example.com",
		"HTTPS://Card.example.com/": "https://card.example.com",
	} {
		h := config.HTTP{PageURL: url}
		if got := h.Page(); got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
}

// The manual and --help are made from the comments, so a setting without one must be noticed.
func TestCommentsCoverEverySetting(t *testing.T) {
	t.Parallel()
	var g grammar
	parser, err := kong.New(&g, kong.Configuration(config.Load))
	if err != nil {
		t.Fatal(err)
	}
	commented := map[string]config.Comment{}
	for _, c := range config.Comments() {
		commented[c.Flag] = c
	}
	for _, flag := range parser.Model.Flags {
		if flag.Name == "help" || flag.Name == "config" {
			continue
		}
		c, ok := commented[flag.Name]
		if !ok || c.Brief() == "" || c.Env != "TONGKA_"+strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_")) {
			t.Errorf("%s: comment %+v", flag.Name, c)
		}
		delete(commented, flag.Name)
	}
	if len(commented) > 0 {
		t.Errorf("comments on no setting: %v", commented)
	}
}

func TestProxies(t *testing.T) {
	t.Parallel()
	g, err := parse(t, "--trusted-proxies=10.1.2.3/8,::ffff:192.0.2.1,fd00::1")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"10.0.0.0/8", "192.0.2.1/32", "fd00::1/128"}
	for i, p := range g.Proxies() {
		if p.String() != want[i] {
			t.Errorf("got %v, want %s", p, want[i])
		}
	}
	if len(g.Proxies()) != len(want) {
		t.Errorf("got %v", g.Proxies())
	}
}

// A file that never ends, or is no settings file at all, is not read whole.
func TestReadHasALimit(t *testing.T) {
	t.Parallel()
	endless := iotest.DataErrReader(
		io.MultiReader(strings.NewReader(strings.Repeat("#", 256<<10)), strings.NewReader("#")),
	)
	if _, err := config.Read(endless); err == nil || !strings.Contains(err.Error(), "more than 256 KiB") {
		t.Errorf("got %v", err)
	}
	if _, err := config.Read(strings.NewReader(strings.Repeat("#", 256<<10))); err != nil {
		t.Error(err)
	}
}
