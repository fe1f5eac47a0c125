package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkMoved measures the check of the names before a commit.
func BenchmarkMoved(b *testing.B) {
	s, err := Open(b.Context(), "sqlite:"+filepath.Join(b.TempDir(), "books.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for b.Loop() {
		if err := s.Moved(); err != nil {
			b.Fatal(err)
		}
	}
}

// A save fails with ErrMoved while any name of the database is gone, and succeeds when it is back.
func TestMoved(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "books.db")
	s, err := Open(t.Context(), "sqlite:"+file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := s.Probe(t.Context()); err != nil {
			t.Fatalf("before %s is moved: %v", suffix, err)
		}
		if err := os.Rename(file+suffix, file+".away"); err != nil {
			t.Fatal(err)
		}
		for what, err := range map[string]error{
			"save": s.Probe(t.Context()), "secure": s.Secure(t.Context()), "moved": s.Moved(),
		} {
			if !errors.Is(err, ErrMoved) {
				t.Errorf("%s after %q was moved: %v", what, suffix, err)
			}
		}
		if err := os.Rename(file+".away", file+suffix); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Probe(t.Context()); err != nil {
		t.Errorf("after everything is back: %v", err)
	}
}
