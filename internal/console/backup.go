package console

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// backupRoutes are the host's: a copy has all of the books.
var backupRoutes = []route{
	{"POST /console/host/backups", "backup", atHost, ledger.MaySettings | ledger.MayExport, (*call).makeBackup},
	{"GET /console/host/backups/{backup}", "backup file", atHost, ledger.MaySettings | ledger.MayExport,
		(*call).sendBackup},
}

// BackupKind is the kind of the host's jobs that make a copy of the database.
const BackupKind = "backup"

// Backups are copies of the database.
type Backups interface {
	Plan() BackupPlan
	// List returns the copies that there are, the newest first.
	List() ([]Backup, error)
	// Open opens a copy by its name; fs.ErrNotExist if there is none.
	Open(name string) (*os.File, error)
}

// BackupPlan says how copies are made.
type BackupPlan struct {
	Folder string
	Every  time.Duration // 0 = only when somebody asks
	Keep   int
}

// Backup is a copy of the database, checked when it was made. It is the result of a job of BackupKind.
type Backup struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
	Size int64     `json:"bytes"`
}

// backupsView is what the host's page of the books shows of copies.
type backupsView struct {
	view
	none bool // the database has other means
	plan BackupPlan
	all  []Backup
	late bool // one should have been made by itself, and was not
	may  bool // the person may make and take them
}

// backups reads what there is of copies.
func (c *call) backups(v view) (b backupsView, err error) {
	b = backupsView{view: v, may: c.person.May(ledger.MayExport, ledger.HostID, 0)}
	if c.cfg.Backups == nil {
		b.none = true
		return b, nil
	}
	b.plan = c.cfg.Backups.Plan()
	b.all, err = c.cfg.Backups.List()
	if b.plan.Every > 0 {
		newest := time.Time{}
		if len(b.all) > 0 {
			newest = b.all[0].At
		}
		b.late = c.cfg.Clock().Sub(newest) > 2*b.plan.Every
	}
	return b, err
}

// makeBackup asks for a copy, or leads to the one that is under way.
func (c *call) makeBackup() error {
	if c.cfg.Backups == nil {
		return errNowhere
	}
	return c.beginOnce(BackupKind)
}

// sendBackup sends a copy, by an entry of the host.
func (c *call) sendBackup() error {
	if c.cfg.Backups == nil {
		return errNowhere
	}
	name := c.r.PathValue("backup")
	file, err := c.cfg.Backups.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return errNowhere
	}
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if err := c.recordExport(name, -1); err != nil {
		return err
	}
	c.allow(time.Minute + time.Duration(info.Size()>>20)*time.Second) // a slow line takes a second for a MiB
	c.attach(name, "application/vnd.sqlite3")
	http.ServeContent(c.w, c.r, "", info.ModTime(), file)
	return nil
}

// size returns a number of bytes as people read it.
func size(bytes int64) string {
	if bytes < 1<<20 {
		return phrase.Count((bytes+1023)>>10) + " KiB"
	}
	return phrase.Count(bytes>>20) + " MiB"
}

// planned says how copies are made.
func (v *backupsView) planned() string {
	if v.plan.Every == 0 {
		return v.lang.of(wNotPlanned)
	}
	hours := strconv.FormatInt(int64(v.plan.Every/time.Hour), 10)
	return v.lang.of(wPlanned.withText(text{hours, hours}))
}
