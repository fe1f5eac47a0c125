package whole

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tongka/internal/filetest"
)

func write(text string) func(string) error {
	return func(draft string) error { return os.WriteFile(draft, []byte(text), 0o600) }
}

func wantText(t *testing.T, file, want string) {
	t.Helper()
	if b, err := os.ReadFile(file); err != nil || string(b) != want {
		t.Errorf("the file holds %q, %v, want %q", b, err, want)
	}
}

// TestMake: a file has its name when it is whole, not before, and keeps it.
func TestMake(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "x.csv")
	stopped := errors.New("stopped")
	for range 2 {
		err := Make(file, func(draft string) error {
			if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("half-way: %v", err)
			}
			info, err := os.Stat(draft)
			if err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
				t.Errorf("the draft is %v, %v", info, err)
			}
			return errors.Join(os.WriteFile(draft+Journal, nil, 0o600), stopped)
		})
		if !errors.Is(err, stopped) {
			t.Errorf("got %v", err)
		}
		filetest.WantFiles(t, folder)
	}
	if err := Make(file, write("first")); err != nil {
		t.Error(err)
	}
	err := Make(file, func(string) error { t.Error("it was filled"); return nil })
	if !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), file) {
		t.Errorf("over a file: %v", err)
	}
	filetest.WantFiles(t, folder, "x.csv")
	wantText(t, file, "first")
	missing := filepath.Join(folder, "none", "x.csv")
	if err := Make(missing, write("")); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing+": ") {
		t.Errorf("in a folder that is not there: %v", err)
	}
}

// TestMakeTogether: of those that make one file at the same moment one does, and none takes another's draft away.
func TestMakeTogether(t *testing.T) {
	t.Parallel()
	for range 50 {
		folder := t.TempDir()
		var made atomic.Int64
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				err := Make(filepath.Join(folder, "x.csv"), write("whole"))
				if err == nil {
					made.Add(1)
				} else if !errors.Is(err, fs.ErrExist) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if made.Load() != 1 {
			t.Errorf("%d made it", made.Load())
		}
		filetest.WantFiles(t, folder, "x.csv")
		wantText(t, filepath.Join(folder, "x.csv"), "whole")
	}
}

// TestAbandoned: what a killed process left is removed, and nothing else.
func TestAbandoned(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("what is left behind cannot be told from what is being made")
	}
	folder := t.TempDir()
	stay := []string{".notes", ".x" + Suffix + "s", "x" + Suffix}
	for _, name := range append([]string{".1" + Suffix, ".1" + Suffix + Journal}, stay...) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("part"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(folder, ".folder"+Suffix), 0o700); err != nil {
		t.Fatal(err)
	}
	err := Make(filepath.Join(folder, "a"), func(string) error {
		return Make(filepath.Join(folder, "b"), write("")) // which leaves the first one's draft alone
	})
	if err != nil {
		t.Error(err)
	}
	want := append([]string{"a", "b", ".folder" + Suffix}, stay...)
	slices.Sort(want)
	filetest.WantFiles(t, folder, want...)
}

// TestMoveOver: where the file system knows no hard links, a file that is there still stays.
func TestMoveOver(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "x.csv")
	for _, text := range []string{"first", "second"} {
		draft := filepath.Join(folder, text)
		if err := write(text)(draft); err != nil {
			t.Fatal(err)
		}
		if err := moveOver(draft, file); (err == nil) != (text == "first") {
			t.Errorf("the %s: %v", text, err)
		}
	}
	wantText(t, file, "first")
	if err := moveOver(filepath.Join(folder, "none"), filepath.Join(folder, "y.csv")); err == nil {
		t.Error("a draft that is gone got a name")
	}
	filetest.WantFiles(t, folder, "second", "x.csv")
}
