package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	backoffice "tongka/internal/console"
	"tongka/internal/job"
)

// copyTime is how the name of a copy says when it was made, in UTC.
const copyTime = "20060102-150405"

// copyName matches the names of copies, and of nothing else.
var copyName = regexp.MustCompile(`^tongka-(\d{8}-\d{6})\.db$`)

// copies are the backups of an SQLite database: a folder with the newest of them.
type copies struct {
	folder string
	every  time.Duration // 0 = none is made by itself
	keep   int
}

// copiesOf returns the backups that settings ask for; nil for PostgreSQL, which has tools of its own.
func copiesOf(s *service) *copies {
	file, ok := strings.CutPrefix(s.settings.DB, "sqlite:")
	if !ok {
		return nil
	}
	return &copies{cmp.Or(s.settings.BackupDir, file+".backups"), s.settings.BackupEvery, s.settings.BackupKeep}
}

// Plan says where copies are made, how often and how many are kept.
func (c *copies) Plan() backoffice.BackupPlan {
	return backoffice.BackupPlan{Folder: c.folder, Every: c.every, Keep: c.keep}
}

// List returns the copies that there are, the newest first.
func (c *copies) List() (all []backoffice.Backup, err error) {
	found, err := os.ReadDir(c.folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // none was ever made
	}
	for _, f := range found {
		m := copyName.FindStringSubmatch(f.Name())
		if m == nil || !f.Type().IsRegular() {
			continue
		}
		at, bad := time.Parse(copyTime, m[1])
		info, gone := f.Info()
		if bad == nil && gone == nil {
			all = append(all, backoffice.Backup{Name: f.Name(), At: at, Size: info.Size()})
		}
	}
	slices.SortFunc(all, func(a, b backoffice.Backup) int { return b.At.Compare(a.At) })
	return all, err
}

// Open opens a copy by its name. Whoever calls it closes it.
func (c *copies) Open(name string) (*os.File, error) {
	if !copyName.MatchString(name) {
		return nil, fs.ErrNotExist
	}
	return os.Open(filepath.Join(c.folder, name))
}

// prune removes the oldest copies beyond those that are kept.
func (c *copies) prune() error {
	all, err := c.List()
	for _, old := range all[min(len(all), c.keep):] {
		err = errors.Join(err, os.Remove(filepath.Join(c.folder, old.Name)))
	}
	return err
}

// newest returns when the newest copy was made; the zero time if there is none.
func (c *copies) newest() time.Time {
	all, err := c.List()
	if err != nil || len(all) == 0 {
		return time.Time{}
	}
	return all[0].At
}

// backUp is the work of jobs that make a copy. It reads as openBeside does. One that is begun again makes another copy.
func (s *service) backUp(ctx context.Context, _ *job.Running) (result any, err error) {
	c := copiesOf(s)
	if c == nil {
		return nil, errors.New("PostgreSQL is backed up by its own tools")
	}
	if err := os.MkdirAll(c.folder, 0o700); err != nil {
		return nil, err
	}
	read, err := s.openBeside(ctx)
	if err != nil {
		return nil, err
	}
	defer closeReader(read, &err)
	made := backoffice.Backup{At: s.books.clock.Now().UTC().Truncate(time.Second)}
	made.Name = "tongka-" + made.At.Format(copyTime) + ".db"
	file := filepath.Join(c.folder, made.Name)
	if err := read.Backup(ctx, file); err != nil {
		return nil, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	made.Size = info.Size()
	return made, c.prune()
}
