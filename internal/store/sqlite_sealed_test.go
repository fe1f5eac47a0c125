//go:build unix

package store_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tongka/internal/filetest"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

// sealedFile is the environment variable that is set for the process that reads a database nobody can write.
const sealedFile = "TONGKA_TEST_SEALED_FILE"

// A database in a read-only directory can be read, including what was committed last and is still in the log,
// whether the memory beside the log was left there or not. Nothing is written.
func TestReadOnlyMedium(t *testing.T) {
	if file := os.Getenv(sealedFile); file != "" {
		readSealed(t, file)
		return
	}
	t.Parallel()
	for _, left := range [][]string{{""}, {"", "-wal"}, {"", "-wal", "-shm"}} {
		t.Run("left"+strings.Join(left, ""), func(t *testing.T) {
			t.Parallel()
			dir := sealedDir(t, left)
			before := listed(t, dir)
			cmd := exec.Command(filepath.Join(dir, "test"), "-test.run=^TestReadOnlyMedium$", "-test.v")
			cmd.Env = append(os.Environ(), sealedFile+"="+filepath.Join(dir, "books.db"))
			cmd.Dir = dir
			if os.Geteuid() == 0 { // root may write everywhere
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
			}
			out, err := cmd.CombinedOutput()
			if want := fmt.Sprintf("merchants: %d", 1+len(left)/2); err != nil || !strings.Contains(string(out), want) {
				t.Errorf("%v, want %q in %s", err, want, out)
			}
			if after := listed(t, dir); after != before {
				t.Errorf("the directory held %s and holds %s", before, after)
			}
		})
	}
}

// sealedDir makes a directory that nobody can write, with a copy of a database, of which one merchant is in the file
// and one in the log, and with the program of this test.
func sealedDir(t *testing.T, left []string) string {
	t.Helper()
	from, dir := filepath.Join(t.TempDir(), "books.db"), filepath.Join(t.TempDir(), "sealed")
	for _, id := range []ledger.MerchantID{1, 2} {
		st, err := store.Open(t.Context(), "sqlite:"+from, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		m := ledger.Merchant{ID: id, GUID: fmt.Sprint("G", id), Name: "某店", Zone: time.UTC}
		if err := st.SaveMerchant(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if id == 2 { // it is copied with its log
			defer func() { _ = st.Close() }()
			break
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, more := range left {
		filetest.Copy(t, from+more, filepath.Join(dir, "books.db"+more), 0o444)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	filetest.Copy(t, self, filepath.Join(dir, "test"), 0o555)
	for up := dir; up != os.TempDir() && len(up) > len(os.TempDir()); up = filepath.Dir(up) {
		if err := os.Chmod(up, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	return dir
}

func listed(t *testing.T, dir string) (names string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		names += fmt.Sprint(f.Name(), " ", info.Size(), " ")
	}
	return names
}

func readSealed(t *testing.T, file string) {
	if f, err := os.OpenFile(file, os.O_RDWR, 0); err == nil {
		_ = f.Close()
		t.Fatal("the file can be written")
	}
	st, err := store.Open(t.Context(), "sqlite:"+file, store.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	err = st.Snapshot(t.Context(), func(v *store.View) error {
		all, err := v.Merchants(t.Context())
		fmt.Printf("merchants: %d\n", len(all))
		shapeHolds(t, v)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

// shapeHolds checks that what tongka verify reads of the schema and of the search index can be read, and is right
// (invariant 65).
func shapeHolds(t *testing.T, v *store.View) {
	t.Helper()
	parts, err := v.Shape(t.Context())
	if err != nil || len(parts) < 40 {
		t.Errorf("%d parts, %v", len(parts), err)
	}
	for _, p := range parts {
		if !p.IsThere || !p.IsOurs || p.Has != p.Want {
			t.Errorf("%s: %+v", p.Name, p)
		}
	}
	if faults, err := v.IndexFaults(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("the search index: %v, %v", faults, err)
	}
}
