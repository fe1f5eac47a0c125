package console

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tongka/internal/browsertest"
	"tongka/internal/config"
)

// served is what runs in a world.
var served = Server{
	Version: "0.1.0", Commit: "783b8086", Go: "go1.26", Began: time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC),
	Database: "SQLite", Schema: 23, Key: "0a42919f876c039a",
	Settings: []ServerSetting{
		{
			Name: "db", Env: "TONGKA_DB", Group: "Database", Value: "sqlite:/var/lib/tongka/tongka.db", Default: "sqlite:tongka.db",
			Said: "The database.", From: "flag",
		},
		{Name: "addr", Env: "TONGKA_ADDR", Group: "HTTP", Value: "0.0.0.0:443", Said: "Where tills connect.", From: "file"},
		{Name: "tls-cert", Env: "TONGKA_TLS_CERT", Group: "HTTP", Said: "The certificate.", From: "default"},
		{Name: "lanes", Env: "TONGKA_LANES", Group: "Engine", Value: "1", Said: "Queues of commands.", From: ""},
	},
}

// Every setting is explained in Chinese, and stands in a group that has a name; none has words that is no setting.
func TestServerMeanings(t *testing.T) {
	t.Parallel()
	all := config.Comments()
	for _, c := range all {
		if serverMeanings[c.Flag] == "" || serverGroups[c.Group].Zh == "" {
			t.Errorf("%s of %s has no words", c.Flag, c.Group)
		}
	}
	if len(serverMeanings) != len(all) {
		t.Errorf("words for %d of %d settings", len(serverMeanings), len(all))
	}
	for _, from := range []config.Source{config.OfFlag, config.OfEnvironment, config.OfFile, config.OfDefault} {
		if serverSources[string(from)].Zh == "" {
			t.Errorf("%s has no words", from)
		}
	}
}

// The owner sees by which settings the server runs, where each is from and how to change it, on a phone in Chinese and
// at a desk in English.
func TestServerInTheBrowser(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]browsertest.Size{"phone": browsertest.Phone, "desktop": browsertest.Desktop} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, srv := inBrowser(t, true)
			tab := browsertest.New(t, size)
			shop := &shopper{t, tab, name}
			language := map[string]string{"phone": "zh", "desktop": "en"}[name]
			enter(tab, srv.URL, "owner", language, "details.who")
			tab.Do(chromedp.Navigate(srv.URL+"/console/host/server"), chromedp.WaitVisible("#running", chromedp.ByQuery))
			shop.look("server")
			got := tab.Text("main")
			for zh, en := range map[string]string{
				"3 天": "3 days", "启动参数": "flag", "配置文件": "settings file", "收银机连接的地址": "Where tills connect.",
				"未设置": "not set", "0a42919f876c039a": "0a42919f876c039a", "--addr · TONGKA_ADDR": "--addr · TONGKA_ADDR",
			} {
				want := map[string]string{"zh": zh, "en": en}[language]
				if !strings.Contains(got, want) {
					t.Errorf("%s: no %q", language, want)
				}
			}
		})
	}
}

// Nobody but the host's own sees how the server is set up, or a way there.
func TestServerIsTheHosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.signedIn("admin").get("/console/host/server"); got.Code != http.StatusForbidden ||
		strings.Contains(got.Body.String(), "/var/lib") {
		t.Errorf("an admin: %d", got.Code)
	}
}
