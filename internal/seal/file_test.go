package seal

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// The first start creates the key, and every later one reads it.
func TestOpenMakesAndFinds(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tongka.key")
	first, err := Open(file, "")
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) != 44 || text[43] != '\n' {
		t.Errorf("the file is %d bytes, want 43 letters and a line feed", len(text))
	}
	again, err := Open(file, "")
	if err != nil {
		t.Fatal(err)
	}
	if **again.root != **first.root {
		t.Error("the second start has another key")
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(text) {
		t.Errorf("the second start changed the file (%v)", err)
	}
	fresh, err := Open(filepath.Join(t.TempDir(), "tongka.key"), "")
	if err != nil {
		t.Fatal(err)
	}
	if **fresh.root == **first.root {
		t.Error("two installations have one key")
	}
}

// Processes that start for the first time at the same moment get one key, and none finds a file that is not whole.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	for range 100 {
		folder := t.TempDir()
		file := filepath.Join(folder, "tongka.key")
		var keys [8]*Key
		var group sync.WaitGroup
		for i := range keys {
			group.Go(func() {
				var err error
				if keys[i], err = Open(file, ""); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		for _, k := range keys {
			if k == nil || **k.root != **keys[0].root {
				t.Fatal("two processes have two keys")
			}
		}
		if all, err := os.ReadDir(folder); err != nil || len(all) != 1 {
			t.Errorf("left behind: %v, %v", all, err)
		}
	}
}

// Where the file system knows no hard links, the first process still wins.
func TestCreateInPlace(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tongka.key")
	if err := createInPlace(file, ascending+"\n"); err != nil {
		t.Fatal(err)
	}
	if err := createInPlace(file, strings.Repeat("B", 43)+"\n"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want that it exists", err)
	}
	if k, err := Open(file, ""); err != nil || (*k.root)[31] != 31 {
		t.Errorf("got %v, want the first one's key", err)
	}
}

func TestOpenEnvironment(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "tongka.key")
	k, err := Open(file, ascending+"\n")
	if err != nil {
		t.Fatal(err)
	}
	if (*k.root)[0] != 0 || (*k.root)[31] != 31 {
		t.Error("it is another key")
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made: %v", err)
	}
	if _, err := Open(file, ascending+"A"); err == nil || !strings.Contains(err.Error(), "environment: want 32") {
		t.Errorf("malformed: got %v", err)
	}
}

// TestOpenRefuses: each row is the content of the file. No error contains any of it.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want string // "" = accepted
	}{
		"as made":           {ascending + "\n", ""},
		"no line feed":      {ascending, ""},
		"from Windows":      {ascending + "\r\n", ""},
		"empty":             {"", "cut short"},
		"line feed":         {"\n", "43 letters"},
		"a letter short":    {ascending[1:], "43 letters"},
		"a letter more":     {ascending + "A", "43 letters"},
		"padded":            {ascending + "=", "43 letters"},
		"space in front":    {" " + ascending, "43 letters"},
		"broken line":       {ascending[:20] + "\n" + ascending[20:], "43 letters"},
		"two lines":         {ascending + "\n" + ascending, "43 letters"},
		"standard alphabet": {"/" + ascending[1:], "43 letters"},
		"second spelling":   {ascending[:42] + "9", "43 letters"}, // the last two bits are not 0
		"zeros":             {strings.Repeat("A", 43), "all zeros"},
		"a long file":       {strings.Repeat(ascending, 100_000), "43 letters"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "tongka.key")
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			k, err := Open(file, "")
			if c.want == "" {
				if err != nil || (*k.root)[31] != 31 {
					t.Errorf("got %v", err)
				}
				return
			}
			if k != nil || err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), file) {
				t.Fatalf("got %v, want the file named and %q", err, c.want)
			}
			if strings.Contains(err.Error(), ascending[20:30]) {
				t.Errorf("the key shows: %v", err)
			}
		})
	}
}

func TestOpenRefusesReadableByOthers(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing here")
	}
	for mode, want := range map[fs.FileMode]bool{
		0o600: true, 0o400: true, 0o700: true, 0o640: false, 0o604: false, 0o644: false, 0o620: false, 0o602: false,
		0o601: false,
	} {
		file := filepath.Join(t.TempDir(), "tongka.key")
		if err := os.WriteFile(file, []byte(ascending), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		_, err := Open(file, "")
		if (err == nil) != want {
			t.Errorf("mode %04o: got %v", mode, err)
		}
		if !want && (err == nil || !strings.Contains(err.Error(), "chmod 600")) {
			t.Errorf("mode %04o: got %v, want what to do", mode, err)
		}
	}
}

func TestOpenElsewhere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, file := range map[string]string{
		"a folder":        folder,
		"missing folder":  filepath.Join(folder, "none", "tongka.key"),
		"no name":         "",
		"link to nothing": filepath.Join(folder, "link"),
	} {
		if name == "link to nothing" {
			if err := os.Symlink(filepath.Join(folder, "gone"), file); err != nil {
				t.Skipf("no links here: %v", err)
			}
		}
		if k, err := Open(file, ""); err == nil || k != nil {
			t.Errorf("%s: got %v, %v", name, k, err)
		}
	}
	if all, err := os.ReadDir(folder); err != nil || len(all) != 1 {
		t.Errorf("left behind: %v, %v", all, err)
	}
}

// A key that is accepted has only one spelling, and works.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		ascending, ascending + "\n", ascending + "\r\n", ascending + "=", "", "\n", strings.Repeat("A", 43),
		strings.Repeat("_", 43), ascending[:20] + "\n" + ascending[20:],
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := parse(s)
		if err != nil {
			if k != nil {
				t.Errorf("%q is refused with a key", s)
			}
			return
		}
		if got, want := encoding.EncodeToString((*k.root)[:]), strings.TrimRight(s, "\r\n"); got != want {
			t.Errorf("%q is taken as %q", want, got)
		}
		k.Check()
	})
}
