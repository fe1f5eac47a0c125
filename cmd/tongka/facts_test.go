package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongka/internal/config"
	backoffice "tongka/internal/console"
	"tongka/internal/seal"
)

// What the console tells of the server has no secret: neither the password of the database nor anything of the key.
// What has no value of its own is told as it is in force.
func TestFactsHaveNoSecrets(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	key, err := seal.Open(file, "")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{key: key, sources: map[string]config.Source{"db": config.OfEnvironment}}
	s.settings.DB, s.settings.Lanes, s.settings.KeyFile = "postgres://tongka:canary@db:5432/tongka?password=canary", 3, file
	told, err := json.Marshal(s.facts(time.Now())())
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"canary", strings.TrimSpace(string(text))} {
		if strings.Contains(string(told), secret) {
			t.Errorf("tells %q: %s", secret, told)
		}
	}
	if facts := s.facts(time.Now())(); facts.Database != "PostgreSQL" || facts.Schema < 23 || len(facts.Key) != 2*keyPrint ||
		valueOf(facts, "db") != "postgres://db:5432/tongka environment" || valueOf(facts, "lanes") != "3 " {
		t.Errorf("tells %+v", facts)
	}
	s.settings.DB = "sqlite:/srv/cards.db"
	if facts := s.facts(time.Now())(); facts.Database != "SQLite" || valueOf(facts, "lanes") != "1 " ||
		valueOf(facts, "backup-dir") != "/srv/cards.db.backups " {
		t.Errorf("tells %+v", facts)
	}
}

// valueOf returns the value of a setting and where it is from.
func valueOf(s backoffice.Server, name string) string {
	for _, one := range s.Settings {
		if one.Name == name {
			return one.Value + " " + one.From
		}
	}
	return "?"
}
