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
	logEvery = 200 * time.Millisecond // the longest time that a line waits for others
	logMost  = 64 << 10               // bytes that may wait
)

// LogFile collects lines and writes them together, because a write for each line is a considerable part of what a
// request costs. Lines that wait are lost if the process is killed.
type LogFile struct {
	mu      sync.Mutex
	to      io.Writer
	waiting []byte
	quit    chan struct{}
	done    chan struct{}
}

// OpenLog returns a log that writes to a file. The caller must call End.
func OpenLog(to io.Writer) *LogFile {
	f := &LogFile{to: to, quit: make(chan struct{}), done: make(chan struct{})}
	go f.run()
	return f
}

// Logger returns a logger with a lowest level of "debug", "info", "warn" or "error". A line of level warn or
// above is written at once, with all lines before it.
func (f *LogFile) Logger(level string) (*slog.Logger, error) {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return nil, err
	}
	return slog.New(urgent{slog.NewJSONHandler(f, &slog.HandlerOptions{Level: least}), f}), nil
}

// Write takes one line. It returns an error only if the buffer was full and could not be written.
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

// flushLocked writes what waits. What cannot be written is dropped, because the buffer would grow without limit.
func (f *LogFile) flushLocked() error {
	if len(f.waiting) == 0 {
		return nil
	}
	_, err := f.to.Write(f.waiting)
	f.waiting = f.waiting[:0]
	return err
}

// run writes what has been collected at every tick. An error is ignored, because there is no other place to
// report it.
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

// End writes the remaining lines and stops the writer. It must be called once.
func (f *LogFile) End() {
	close(f.quit)
	<-f.done
}

// urgent is a handler that writes warnings and errors at once.
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
