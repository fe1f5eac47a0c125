package main

import (
	"fmt"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
)

// progressEvery is the interval of progress lines if standard error is not a terminal.
const progressEvery = 5 * time.Second

// bar shows the progress of a long job on standard error: as a bar on a terminal, otherwise as a line every
// progressEvery.
type bar struct {
	con     *console
	what    string
	total   int64
	done    int64
	began   time.Time
	told    time.Time
	writer  progress.Writer
	tracker *progress.Tracker
}

// newProgress starts to show how many of total things are done; what names them, as in "cards". The caller must
// call end.
func newProgress(con *console, what string, total int64) *bar {
	b := &bar{con: con, what: what, total: max(total, 1), began: time.Now(), told: time.Now()}
	if file, ok := con.err.(*os.File); !ok || !isTerminal(file) {
		return b
	}
	b.tracker = &progress.Tracker{Message: what, Total: b.total}
	b.writer = progress.NewWriter()
	b.writer.SetOutputWriter(con.err)
	b.writer.SetAutoStop(true)
	b.writer.SetUpdateFrequency(200 * time.Millisecond)
	b.writer.Style().Visibility.ETA = true
	b.writer.Style().Visibility.Speed = true
	b.writer.AppendTracker(b.tracker)
	go b.writer.Render()
	return b
}

// step adds to the number done. It must not be called by several goroutines at once.
func (b *bar) step(more int) {
	b.done += int64(more)
	if b.tracker != nil {
		b.tracker.SetValue(b.done)
		return
	}
	if time.Since(b.told) < progressEvery {
		return
	}
	b.told = time.Now()
	rate := float64(b.done) / time.Since(b.began).Seconds()
	left := time.Duration(float64(b.total-b.done) / rate * float64(time.Second))
	fmt.Fprintf(b.con.err, "%d of %d %s (%d%%), %.0f/s, %v left\n", b.done, b.total, b.what, 100*b.done/b.total, rate,
		left.Round(time.Second))
}

// end stops the bar.
func (b *bar) end() {
	if b.writer == nil {
		return
	}
	if b.done < b.total {
		b.tracker.MarkAsErrored()
	}
	b.writer.Stop()
	for b.writer.IsRenderInProgress() {
		time.Sleep(10 * time.Millisecond)
	}
}
