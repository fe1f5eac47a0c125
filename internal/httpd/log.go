package httpd

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	logEvery = 200 * time.Millisecond // how long a line of the log may wait for others
	logMost  = 64 << 10               // bytes that wait
)

// LogFile gathers lines and writes them together: to write each by itself is a good part of what a
// request costs.
type LogFile struct {
	mu      sync.Mutex
	to      io.Writer
	waiting []byte
	quit    chan struct{}
	done    chan struct{}
}

// OpenLog makes a log that goes to a file and must be ended.
func OpenLog(to io.Writer) *LogFile {
	f := &LogFile{to: to, quit: make(chan struct{}), done: make(chan struct{})}
	go f.run()
	return f
}

// Logger makes a logger of a least level, "debug", "info", "warn" or "error". What is worth a
// warning does not wait, nor do the lines before it.
func (f *LogFile) Logger(level string) (*slog.Logger, error) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return nil, err
	}
	return slog.New(urgent{slog.NewJSONHandler(f, &slog.HandlerOptions{Level: least}), f}), nil
}

// Write takes one line.
func (f *LogFile) Write(line []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting = append(f.waiting, line...)
	if len(f.waiting) < logMost {
		return len(line), nil
	}
	return len(line), f.flushLocked()
}

func (f *LogFile) flush() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.flushLocked()
}

// flushLocked writes what waits. What could not be written is dropped: it would only grow.
func (f *LogFile) flushLocked() error {
	if len(f.waiting) == 0 {
		return nil
	}
	_, err := f.to.Write(f.waiting)
	f.waiting = f.waiting[:0]
	return err
}

// run writes what has gathered, from time to time. That it cannot be written can be told to nobody.
func (f *LogFile) run() {
	defer close(f.done)
	tick := time.NewTicker(logEvery)
	defer tick.Stop()
	for {
		select {
		case <-f.quit:
			_ = f.flush()
			return
		case <-tick.C:
			_ = f.flush()
		}
	}
}

// End writes the rest.
func (f *LogFile) End() {
	close(f.quit)
	<-f.done
}

// urgent has what is worth a warning written at once.
type urgent struct {
	slog.Handler
	file *LogFile
}

func (u urgent) Handle(ctx context.Context, r slog.Record) error {
	err := u.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		err = errors.Join(err, u.file.flush())
	}
	return err
}

func (u urgent) WithAttrs(attrs []slog.Attr) slog.Handler {
	return urgent{u.Handler.WithAttrs(attrs), u.file}
}

func (u urgent) WithGroup(name string) slog.Handler { return urgent{u.Handler.WithGroup(name), u.file} }
