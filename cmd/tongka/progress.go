package main

import (
	"fmt"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
)

// progressEvery is how often a line is written where nobody sees a bar.
const progressEvery = 5 * time.Second

// bar shows how far a long job is: as a bar for a person, as lines now and then otherwise.
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

// newProgress shows how many of total things are done; what names them.
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

// step adds what was done.
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

// end takes the bar away.
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
