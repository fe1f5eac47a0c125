package config_test

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"tongka/internal/config"
)

// What is in force is told with where it is from, and no secret with it.
func TestInForce(t *testing.T) {
	t.Setenv("TONGKA_BATCH", "7")
	t.Setenv("TONGKA_QUEUE", "9")
	var g grammar
	parser, err := kong.New(&g, kong.Configuration(config.Load))
	if err != nil {
		t.Fatal(err)
	}
	file := settingsFile(t, "backup-every: 24h\nqueue: 3\nlanes: 2\n")
	line, err := parser.Parse([]string{"--config=" + file, "--lanes=4", "--trusted-proxies=10.0.0.1,10.0.0.2"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]config.InForce{}
	all := g.InForce(config.SourcesOf(line))
	for _, one := range all {
		got[one.Flag] = one
		if one.Text == "" || one.Env == "" {
			t.Errorf("%s is not explained", one.Flag)
		}
	}
	if len(all) != len(config.Comments()) {
		t.Errorf("%d of %d settings", len(all), len(config.Comments()))
	}
	for flag, want := range map[string]string{
		"batch": "7 environment", "queue": "9 environment", "backup-every": "24h file", "lanes": "4 flag",
		"trusted-proxies": "10.0.0.1,10.0.0.2 flag", "addr": "127.0.0.1:8080 default", "drain": "30s default",
		"insecure-http": "false default", "tls-cert": " default",
	} {
		if one := got[flag]; one.Value+" "+string(one.From) != want {
			t.Errorf("%s: got %s %s, want %s", flag, one.Value, one.From, want)
		}
	}
}

// No way to write the address of a database shows its password.
func TestInForceHidesPasswords(t *testing.T) {
	t.Parallel()
	for dsn, want := range map[string]string{
		"sqlite:/var/lib/tongka.db":                          "sqlite:/var/lib/tongka.db",
		"postgres://tongka:canary@db.example.com:5432/t":     "postgres://db.example.com:5432/t",
		"postgres://a:5432,b:5432/t?password=canary&user=u":  "postgres://a:5432,b:5432/t",
		"postgres://u:canary@a:5432,b:5432/t?sslmode=verify": "postgres://a:5432,b:5432/t",
		"postgres://u:12/canary@db/t":                        "postgres://…",
		"postgres://u:ca#canary@db/t":                        "postgres://…",
		"postgres://u:%zzcanary@db/t":                        "postgres://…",
	} {
		s := config.Settings{Database: config.Database{DB: dsn}}
		if got := s.InForce(nil)[0].Value; got != want || strings.Contains(got, "canary") {
			t.Errorf("%s: got %s, want %s", dsn, got, want)
		}
	}
}
