package main

import (
	"encoding/hex"
	"os"
	"runtime"
	"strings"
	"time"

	backoffice "tongka/internal/console"
	"tongka/internal/store"
)

// keyPrint is how many bytes of a key's check tell it from others.
const keyPrint = 8

// facts returns what tells the console what runs since a moment, and by which settings.
func (s *service) facts(began time.Time) func() backoffice.Server {
	told := backoffice.Server{
		Version: programVersion(), Commit: commit(), Go: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
		Began: began, Database: "PostgreSQL", Schema: store.Schema(), Key: hex.EncodeToString(s.key.Check()[:keyPrint]),
	}
	inForce := s.settings
	inForce.KeyFile = keyFile(s.settings.DB, s.settings.Secrets)
	if os.Getenv(keyEnv) != "" {
		inForce.KeyFile = keyEnv
	}
	if inForce.ServerName == "" {
		inForce.ServerName, _ = os.Hostname() // as dc78 does
	}
	if c := copiesOf(s); c != nil {
		told.Database, inForce.BackupDir, inForce.Lanes = "SQLite", c.folder, lanesOf(&s.settings)
	}
	for _, one := range inForce.InForce(s.sources) {
		told.Settings = append(told.Settings, backoffice.ServerSetting{
			Name: one.Flag, Env: one.Env, Group: one.Group, Value: one.Value, Default: one.Default, From: string(one.From),
			Said: strings.ReplaceAll(one.Text, "`", ""),
		})
	}
	return func() backoffice.Server {
		now := told
		if s.served != nil {
			now.Certificate = s.served.expires()
		}
		return now
	}
}
