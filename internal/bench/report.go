package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// series has the figures of one measurement, one for each round.
type series []figure

// median returns the median of each figure over the rounds.
func (s series) median() figure {
	return figure{
		rate: middle(s, func(f figure) float64 { return f.rate }),
		p50:  middle(s, func(f figure) time.Duration { return f.p50 }),
		p99:  middle(s, func(f figure) time.Duration { return f.p99 }),
		busy: middle(s, func(f figure) time.Duration { return f.busy }),
	}
}

// work formats how long the server's processors worked for each request, in microseconds.
func (s series) work() string {
	return fmt.Sprintf("%.1f", float64(s.median().busy.Nanoseconds())/1000)
}

// middle returns the median of a figure: of an even number of rounds the mean of the two in the middle.
func middle[T float64 | time.Duration](s series, of func(figure) T) T {
	if len(s) == 0 {
		return 0
	}
	var all []T
	for _, f := range s {
		all = append(all, of(f))
	}
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// over returns the median ratio between this measurement and another one in the same round.
func (s series) over(other series) float64 {
	var ratios series
	for i := range min(len(s), len(other)) {
		ratios = append(ratios, figure{rate: s[i].rate / other[i].rate})
	}
	return ratios.median().rate
}

// spread formats the median rate with the lowest and the highest.
func (s series) spread() string {
	if len(s) == 0 {
		return "–"
	}
	byRate := func(a, b figure) int { return cmp.Compare(a.rate, b.rate) }
	return fmt.Sprintf("%s (%s–%s)", count(s.median().rate), count(slices.MinFunc(s, byRate).rate),
		count(slices.MaxFunc(s, byRate).rate))
}

// count formats a rate with commas between thousands.
func count(f float64) string {
	s := fmt.Sprintf("%.0f", f)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// ms formats a duration in milliseconds.
func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }

// table is a Markdown table.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) String() string {
	var b strings.Builder
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(t.head)
	b.WriteString("|" + strings.Repeat("---|", len(t.head)) + "\n")
	for _, r := range t.rows {
		line(r)
	}
	return b.String()
}

// goal is a target with the figure that was reached.
type goal struct {
	what string
	want string
	got  string
	met  bool
}

// atLeast returns the goal of a ratio of want or more.
func atLeast(what string, got, want float64) goal {
	return goal{what, fmt.Sprintf("≥ %.1f ×", want), fmt.Sprintf("%.2f ×", got), got >= want}
}

// atMost returns the goal of a ratio of want or less.
func atMost(what string, got, want float64) goal {
	return goal{what, fmt.Sprintf("≤ %.1f ×", want), fmt.Sprintf("%.2f ×", got), got <= want}
}

// within returns the goal of a duration of want or less.
func within(what string, got, want time.Duration) goal {
	return goal{what, "≤ " + ms(want) + " ms", ms(got) + " ms", got <= want}
}

func goals(all []goal) string {
	t := table{head: []string{"goal", "wanted", "got", ""}}
	for _, g := range all {
		mark := "met"
		if !g.met {
			mark = "**missed**"
		}
		t.add(g.what, g.want, g.got, mark)
	}
	return t.String()
}
