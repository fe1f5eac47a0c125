package store

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tongka/internal/filetest"
	"tongka/internal/whole"
)

// openLarge opens a database that takes a backup several steps to copy.
func openLarge(t *testing.T) *Store {
	t.Helper()
	s, _, _ := openFile(t)
	large := someMerchant
	large.Name = strings.Repeat("大", 1_000_000)
	if err := s.SaveMerchant(t.Context(), large); err != nil {
		t.Fatal(err)
	}
	return s
}

// wantCopy opens a copy and looks for the merchant in it.
func wantCopy(t *testing.T, file string) {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	merchants, err := s.Merchants(t.Context())
	if err := errors.Join(err, s.Close()); err != nil || len(merchants) != 1 {
		t.Errorf("the copy has %d merchants, %v", len(merchants), err)
	}
}

// TestBackupFails: until a copy is whole there is none of its name, and nothing is left of one that failed.
func TestBackupFails(t *testing.T) {
	t.Parallel()
	s, folder := openLarge(t), t.TempDir()
	file := filepath.Join(folder, "copy.db")
	steps, stopped := 0, errors.New("stopped")
	s.StandBack(func(context.Context, time.Duration) error {
		if _, err := os.Lstat(file); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("half-way there is a file of the copy's name, %v", err)
		}
		if steps++; steps == 2 {
			return stopped
		}
		return nil
	})
	if err := s.Backup(t.Context(), file); !errors.Is(err, stopped) {
		t.Errorf("got %v, want that it was stopped", err)
	}
	filetest.WantFiles(t, folder)
	if err := s.Backup(t.Context(), file); err != nil {
		t.Error(err)
	}
	if steps < 4 {
		t.Errorf("only %d steps: nothing was seen half-way", steps)
	}
	filetest.WantFiles(t, folder, "copy.db")
	wantCopy(t, file)
	missing := filepath.Join(folder, "none", "copy.db")
	if err := s.Backup(t.Context(), missing); err == nil || !strings.Contains(err.Error(), missing+": ") {
		t.Errorf("in a folder that is not there: %v", err)
	}
}

// TestBackupKilled: what a killed backup leaves is in nobody's way, and the next one in the folder removes it.
func TestBackupKilled(t *testing.T) {
	const toKill = "TONGKA_TEST_BACKUP"
	if file := os.Getenv(toKill); file != "" {
		s := openLarge(t)
		s.StandBack(func(context.Context, time.Duration) error {
			_, _ = os.Stdout.WriteString("half-way\n")
			select {}
		})
		t.Fatal(s.Backup(t.Context(), file))
	}
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "copy.db")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	killed := exec.CommandContext(t.Context(), self, "-test.run=^TestBackupKilled$")
	killed.Env = append(os.Environ(), toKill+"="+file)
	out, err := killed.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "half-way\n" {
		t.Errorf("the backup says %q, %v", line, err)
	}
	s := openLarge(t)
	beside := filepath.Join(folder, "beside.db")
	if err := s.Backup(t.Context(), beside); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(filepath.Join(folder, ".*"+whole.Suffix)); err != nil || len(left) != 1 {
		t.Errorf("a backup took away what another one was making: left are %q, %v", left, err)
	}
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = killed.Wait()
	if _, err := os.Lstat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a killed backup left a file of the copy's name, %v", err)
	}
	if err := s.Backup(t.Context(), file); err != nil {
		t.Error(err)
	}
	if locksByFile {
		filetest.WantFiles(t, folder, "beside.db", "copy.db")
	}
	wantCopy(t, file)
}

// TestBackupTogether: of two backups with one name one wins, and the other does not touch it.
func TestBackupTogether(t *testing.T) {
	t.Parallel()
	s, folder := openLarge(t), t.TempDir()
	file := filepath.Join(folder, "copy.db")
	first := true
	s.StandBack(func(ctx context.Context, _ time.Duration) error {
		if !first {
			return nil
		}
		first = false
		return s.Backup(ctx, file)
	})
	if err := s.Backup(t.Context(), file); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("the second one: %v", err)
	}
	filetest.WantFiles(t, folder, "copy.db")
	wantCopy(t, file)
}

// TestBackupBesideRemains: SQLite would undo a copy out of the journal of another one that had its name.
func TestBackupBesideRemains(t *testing.T) {
	t.Parallel()
	s, _, _ := openFile(t)
	for _, name := range []string{"copy.db-journal", "copy.db-wal"} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := s.Backup(t.Context(), filepath.Join(folder, "copy.db"))
		if err == nil || !strings.Contains(err.Error(), name+" is there already") {
			t.Errorf("beside %s: %v", name, err)
		}
		filetest.WantFiles(t, folder, name)
	}
}
