package httpd

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// lines is a file that counts how often it was written to.
type lines struct {
	mu     sync.Mutex
	text   bytes.Buffer
	writes int
	err    error
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes++
	if l.err != nil {
		return 0, l.err
	}
	return l.text.Write(p)
}

func (l *lines) count() (lines, writes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), "\n"), l.writes
}

// Lines are written together a little later, at once if one is a warning, and all of them at the end.
func TestLogFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var to lines
		want := func(when string, lines, writes int) {
			t.Helper()
			synctest.Wait()
			if l, w := to.count(); l != lines || w != writes {
				t.Errorf("%s: %d lines in %d writes, want %d in %d", when, l, w, lines, writes)
			}
		}
		f := OpenLog(&to)
		log, err := f.Logger("info")
		if err != nil {
			t.Fatal(err)
		}
		log = log.With("part", "x").WithGroup("g")
		log.Debug("below the level")
		log.Info("one")
		log.Info("two")
		want("at once", 0, 0)
		time.Sleep(logEvery)
		want("a little later", 2, 1)
		log.Info("three")
		log.Warn("four", "a", 1)
		want("after a warning", 4, 2)
		for range 2 * logMost / 1000 {
			log.Info(strings.Repeat("x", 1000))
		}
		if _, writes := to.count(); writes < 3 {
			t.Error("more waits than may")
		}
		to.mu.Lock()
		to.err = errors.New("full")
		to.mu.Unlock()
		log.Error("lost")
		to.mu.Lock()
		to.err = nil
		to.text.Reset()
		to.mu.Unlock()
		log.Info("last")
		f.End()
		if l, _ := to.count(); l != 1 || !strings.Contains(to.text.String(), `"msg":"last","part":"x"`) {
			t.Errorf("in the end there is %s", to.text.String())
		}
	})
}

func TestLogLevel(t *testing.T) {
	t.Parallel()
	f := OpenLog(&lines{})
	defer f.End()
	if _, err := f.Logger("loud"); err == nil {
		t.Errorf("got %v", err)
	}
	log, err := f.Logger("error")
	if err != nil || log.Enabled(t.Context(), slog.LevelWarn) {
		t.Errorf("warnings are logged: %v", err)
	}
}
