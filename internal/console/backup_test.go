package console

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// someBackup is the one copy of every world.
const someBackup = "tongka-20260304-080000.db"

// folder is copies in a folder, of which one is made every day.
type folder string

func (f folder) Plan() BackupPlan {
	return BackupPlan{Folder: string(f), Every: 24 * time.Hour, Keep: 7}
}

func (f folder) List() ([]Backup, error) {
	return []Backup{{Name: someBackup, At: time.Date(2026, 3, 4, 8, 0, 0, 0, time.UTC), Size: 3 << 20}}, nil
}

func (f folder) Open(name string) (*os.File, error) {
	if name != someBackup {
		return nil, fs.ErrNotExist
	}
	return os.Open(filepath.Join(string(f), name))
}

func backups(t testing.TB) Backups {
	f := folder(t.TempDir())
	if err := os.WriteFile(filepath.Join(string(f), someBackup), []byte("SQLite, all of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

// A copy is asked for as a job, listed with its size and time, and taken by an entry of the host that is made first.
func TestBackups(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cards()
	b := w.signedIn("owner")
	got := b.post("/console/host/backups")
	id, ok := strings.CutPrefix(got.Header().Get("Location"), "/console/host/jobs/")
	j, there, err := w.store.Job(t.Context(), ledger.HostID, id)
	if got.Code != http.StatusSeeOther || !ok || !there || err != nil || j.Kind != BackupKind || j.Person != 1 {
		t.Errorf("asked for: %d, %+v, %v", got.Code, j, err)
	}
	w.wait(1)
	if again := b.post("/console/host/backups").Header().Get("Location"); again != got.Header().Get("Location") {
		t.Errorf("another one is begun beside it: %s", again)
	}
	page := words(b.get("/console/host/books").Body.String())
	for _, want := range []string{someBackup, "3 MiB", "每 24 小时", "最近 7 份"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
	if strings.Contains(page, wBackupLate.Zh) {
		t.Error("it is late after two hours")
	}
	rec := b.get("/console/host/backups/" + someBackup)
	if rec.Body.String() != "SQLite, all of it" || !strings.Contains(rec.Header().Get("Content-Disposition"), someBackup) {
		t.Errorf("the file: %d %q", rec.Code, rec.Body)
	}
	if e := w.newest(); e.Kind != ledger.DataExported || e.Note != someBackup || e.By.Person != 1 {
		t.Errorf("recorded as %+v", e)
	}
	doer := w.console.cfg.Doer
	w.console.cfg.Doer = broken{}
	if rec := b.get("/console/host/backups/" + someBackup); strings.Contains(rec.Body.String(), "SQLite") {
		t.Error("it is sent without a record")
	}
	w.console.cfg.Doer = doer
	for _, name := range []string{"other.db", "..%2Fkey", "tongka-20260304-080001.db"} {
		if rec := b.get("/console/host/backups/" + name); rec.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, rec.Code)
		}
	}
	w.wait(3 * 24 * 60 * 60)
	if page := words(w.signedIn("owner").get("/console/host/books").Body.String()); !strings.Contains(page, wBackupLate.Zh) {
		t.Errorf("it is late, and not told: %s", page)
	}
}

// Where the database is backed up by other means, the page says by which, and has no button.
func TestBackupsOfPostgres(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.console.cfg.Backups = nil
	b := w.signedIn("owner")
	page := b.get("/console/host/books").Body.String()
	if !strings.Contains(page, "pg_dump") || strings.Contains(page, "host/backups") {
		t.Errorf("the page says %s", words(page))
	}
	if got := b.post("/console/host/backups"); got.Code != http.StatusNotFound {
		t.Errorf("asked for: %d", got.Code)
	}
}
