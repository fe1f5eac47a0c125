package store_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"tongka/internal/store"
)

// The error for a database with a second name says how to find that name. It does not propose a copy by tongka
// backup, as it once did, which is refused for the same reason.
func TestHardLinkIsFound(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Log("there the message names another program")
		return
	}
	dir := t.TempDir()
	file, other := filepath.Join(dir, "books.db"), filepath.Join(dir, "copy of it.db")
	s, err := store.Open(context.Background(), "sqlite:"+file, store.Options{})
	must(t, err)
	must(t, s.Close())
	must(t, os.Link(file, other))
	_, err = store.Open(context.Background(), "sqlite:"+other, store.Options{ReadOnly: true})
	if err == nil {
		t.Fatal("it was opened")
	}
	line := regexp.MustCompile("`find / (-samefile '[^`]*')`").FindStringSubmatch(err.Error())
	if line == nil || strings.Contains(err.Error(), "tongka backup") {
		t.Fatalf("got %v", err)
	}
	out, err := exec.Command("sh", "-c", "find '"+dir+"' "+line[1]).CombinedOutput()
	if err != nil || !strings.Contains(string(out), file+"\n") || !strings.Contains(string(out), other+"\n") {
		t.Errorf("%v: %s", err, out)
	}
}
