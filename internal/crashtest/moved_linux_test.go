package crashtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"tongka/internal/filetest"
)

// served is a database with a server on it that has acknowledged some bills.
type served struct {
	*server
	t    *testing.T
	file string
	book asked
	all  *commands
}

func serveBooks(t *testing.T) *served {
	t.Helper()
	file := filepath.Join(t.TempDir(), "books.db")
	openBooks(t, "sqlite:"+file)
	s := &served{
		t: t, file: file, server: startServer(t, "sqlite:"+file),
		all: &commands{t: t, dsn: "sqlite:" + file, dir: filepath.Dir(file)},
	}
	s.bills("a")
	return s
}

// bills has some bills acknowledged.
func (s *served) bills(name string) {
	s.t.Helper()
	for n := range 20 {
		r := &request{id: fmt.Sprint(name, n), kind: "consume", card: n % cards, fen: 100}
		answer, _, err := s.ask(s.t.Context(), r)
		if err != nil {
			s.t.Fatal(err)
		}
		s.book.note(r, answer)
	}
}

// acknowledgesNothing fails if a new bill is not answered that it is certainly not done, if one that was done is
// acknowledged again, or if the server says by more or less than a line that it is not ready.
func (s *served) acknowledgesNothing() {
	s.t.Helper()
	if got := s.status("never"); got != http.StatusServiceUnavailable {
		s.t.Errorf("a new bill is answered %d, want 503", got)
	}
	if got := s.status("a0"); got != http.StatusServiceUnavailable && got != http.StatusGatewayTimeout {
		s.t.Errorf("a bill that was done is answered %d, want 503 or 504", got)
	}
	s.readyBecomes(s.t, http.StatusServiceUnavailable, 2*time.Second)
	res, err := s.client.Get(s.url + "/readyz")
	if err != nil {
		s.t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if want := "not ready: the database file was moved or replaced\n"; err != nil || string(body) != want {
		s.t.Errorf("/readyz says %q, %v, want %q", body, err, want)
	}
}

// status is what a bill of a till is answered.
func (s *served) status(id string) int {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/api2/member-cjb/consume",
		strings.NewReader(fmt.Sprintf(`{"card_id":%q,"money":"1.00","pay_type":1}`, number(0))))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("AUTHORIZATION", token)
	req.Header.Set("CUSTOMERGUID", guid)
	req.Header.Set("Idempotency-Key", id)
	res, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// refused fails if commands that read or write, or a second server, are not refused in one line that says why.
func (s *served) refused(why string) {
	s.t.Helper()
	for _, line := range []string{"agent list", "agent stop till", "verify", "serve --addr 127.0.0.1:0"} {
		out, err := s.all.command(s.t.Context(), line).CombinedOutput()
		want := why
		if strings.HasPrefix(line, "serve") {
			want = "in use by another process"
		}
		if err == nil || !strings.Contains(string(out), want) || bytes.Count(out, []byte("\n")) != 1 {
			s.t.Errorf("tongka %s: %v, %s, want one line with %q", line, err, out, want)
		}
	}
}

// logged waits until the server's log has what the pattern looks for, and returns what it found.
func (s *served) logged(pattern string) []string {
	s.t.Helper()
	want := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if found := want.FindStringSubmatch(s.log.String()); found != nil {
			return found
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the log has not %q: %s", pattern, s.log)
		}
	}
}

func (s *served) do(errs ...error) {
	s.t.Helper()
	for _, err := range errs {
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

// killedBooks are other books with bills in their log.
func killedBooks(t *testing.T) (file string, book *asked) {
	t.Helper()
	other := serveBooks(t)
	other.kill(t)
	if log, err := os.Stat(other.file + "-wal"); err != nil || log.Size() == 0 {
		t.Fatalf("the other books have no log: %v", err)
	}
	return other.file, &other.book
}

// TestMovedWhileServed moves, removes and replaces the files of a database while it is served. It fails if a bill is
// acknowledged that nobody finds by the name, if the server says it is ready, if a command opens what the name leads to
// then, if the other file is changed when the server ends, or if what was acknowledged is not there after what the log
// says was done.
func TestMovedWhileServed(t *testing.T) {
	t.Parallel()
	t.Run("moved away and back", func(t *testing.T) {
		t.Parallel()
		s := serveBooks(t)
		s.do(os.Rename(s.file, s.file+".old"))
		s.acknowledgesNothing()
		s.logged(`books.db is gone","do":"put it back`)
		if out, err := s.all.command(t.Context(), "serve --addr 127.0.0.1:0").CombinedOutput(); err == nil ||
			!strings.Contains(string(out), "in use by another process") {
			t.Errorf("a second server: %v, %s", err, out)
		}
		if _, err := os.Stat(s.file); err == nil {
			t.Error("the second server, which was refused, made a file")
		}
		s.do(os.Rename(s.file+".old", s.file))
		s.readyBecomes(t, http.StatusOK, 3*time.Second)
		s.bills("b")
		s.all.want("agent list --json", `"name": "till"`)
		s.stop(t)
		checkBooks(t, "sqlite:"+s.file, &s.book)
	})
	t.Run("replaced", func(t *testing.T) { t.Parallel(); replacedFile(t) })
	t.Run("removed", func(t *testing.T) { t.Parallel(); removedFile(t) })
	for _, suffix := range []string{"-wal", "-shm"} {
		t.Run("removed "+suffix, func(t *testing.T) {
			t.Parallel()
			s := serveBooks(t)
			s.do(os.Remove(s.file + suffix))
			s.acknowledgesNothing()
			s.refused(suffix + " is not the one")
			s.logged("stop the server")
			s.stop(t)
			checkBooks(t, "sqlite:"+s.file, &s.book)
		})
		t.Run("replaced "+suffix, func(t *testing.T) {
			t.Parallel()
			s := serveBooks(t)
			other, _ := killedBooks(t)
			s.do(os.Rename(other+suffix, s.file+suffix))
			s.acknowledgesNothing()
			s.refused(suffix + " is not the one")
			before := read(t, s.file+suffix)
			s.logged("whole in ")
			s.stop(t)
			if after := read(t, s.file+suffix); !bytes.Equal(before, after) {
				t.Errorf("the server has changed the other %s when it ended", suffix)
			}
			s.do(os.Remove(s.file + suffix)) // as the log says
			checkBooks(t, "sqlite:"+s.file, &s.book)
		})
	}
	t.Run("link", func(t *testing.T) { t.Parallel(); movedLink(t) })
}

// replacedFile puts other books, with a log of their own, in the place of those that are served.
func replacedFile(t *testing.T) {
	s := serveBooks(t)
	other, book := killedBooks(t)
	s.do(os.Rename(other, s.file))
	s.acknowledgesNothing()
	s.refused("leads to another file")
	saved := filepath.Join(t.TempDir(), "saved.db")
	filetest.Copy(t, s.logged(`whole in (/proc/\d+/fd/\d+)`)[1], saved, 0o600)
	s.do(os.Rename(other+"-wal", s.file+"-wal")) // as whoever moves a whole database does
	before := read(t, s.file, s.file+"-wal")
	s.stop(t)
	if after := read(t, s.file, s.file+"-wal"); !bytes.Equal(before, after) {
		t.Error("the server has changed the other file or its log when it ended")
	}
	checkBooks(t, "sqlite:"+saved, &s.book)
	checkBooks(t, "sqlite:"+s.file, book)
}

// removedFile removes the file that is served.
func removedFile(t *testing.T) {
	s := serveBooks(t)
	s.do(os.Remove(s.file))
	s.acknowledgesNothing()
	saved := filepath.Join(t.TempDir(), "saved.db")
	filetest.Copy(t, s.logged(`whole in (/proc/\d+/fd/\d+)`)[1], saved, 0o600)
	s.stop(t)
	s.do(os.Rename(saved, s.file))
	s.server = startServer(t, "sqlite:"+s.file)
	s.bills("b")
	s.stop(t)
	checkBooks(t, "sqlite:"+s.file, &s.book)
}

// movedLink has the server given a symbolic link that then leads elsewhere.
func movedLink(t *testing.T) {
	s := serveBooks(t)
	s.stop(t)
	link := filepath.Join(t.TempDir(), "link.db")
	s.do(os.Symlink(s.file, link))
	s.server = startServer(t, "sqlite:"+link)
	s.bills("b")
	other, book := killedBooks(t)
	s.do(os.Remove(link), os.Symlink(other, link))
	s.acknowledgesNothing()
	s.stop(t)
	checkBooks(t, "sqlite:"+s.file, &s.book)
	checkBooks(t, "sqlite:"+link, book)
}

// TestMovedUnderLoad replaces the database while tills keep the server busy: what was acknowledged is in the file that
// the server had open, also when the server is killed.
func TestMovedUnderLoad(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "books.db")
	openBooks(t, "sqlite:"+file)
	s := &served{t: t, file: file, server: startServer(t, "sqlite:"+file)}
	other, _ := killedBooks(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := s.book.load(ctx, s.server, 0)
	time.Sleep(300 * time.Millisecond)
	s.do(os.Rename(file, file+".old"), os.Rename(other, file))
	fd := s.logged(`whole in (/proc/\d+/fd/\d+)`)[1]
	cancel()
	<-done
	saved := filepath.Join(t.TempDir(), "saved.db")
	filetest.Copy(t, fd, saved, 0o600)
	s.kill(t)
	if s.book.acked < 10 {
		t.Errorf("only %d requests were acknowledged", s.book.acked)
	}
	again := startServer(t, "sqlite:"+saved)
	s.book.settle(t, again)
	again.stop(t)
	checkBooks(t, "sqlite:"+saved, &s.book)
}

func read(t *testing.T, files ...string) (all []byte) {
	t.Helper()
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}
