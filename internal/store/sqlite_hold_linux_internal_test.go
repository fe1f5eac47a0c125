package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A process beside a server knows that the server runs on the same system, even if the two read different boot ids,
// each from a /proc of its own; and that it does not, if its process number is that of another process here.
func TestKeeperIsKnownByItsProcess(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "books.db")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	server, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	name, err := lockFile(file + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = name.Close() })
	if ok, err := lockKeeper(server, true); err != nil || !ok {
		t.Fatalf("the file is not kept: %t, %v", ok, err)
	}
	h, err := holdFile(file, true, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.release() })
	kept := thisProcess()
	kept.host = "another-id"
	const elsewhere = "in use on another machine"
	for begun, want := range map[string]string{kept.begun: "", "1": elsewhere, "": elsewhere} {
		kept.begun = begun
		if err := kept.write(name); err != nil {
			t.Fatal(err)
		}
		err := h.beside()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("begun at %q: %v, want %q", begun, err, want)
		}
	}
}
