package main

import (
	"strings"
	"testing"
	"time"
)

// A measurement with errors must not become a figure.
func TestParseWrk(t *testing.T) {
	t.Parallel()
	f, requests, err := parseWrk("Running 2s test\nRESULT 1000 2000000 1500 9000 0\n")
	if err != nil || requests != 1000 || f.rate != 500 || f.p50 != 1500*time.Microsecond || f.p99 != 9*time.Millisecond {
		t.Errorf("got %+v, %v", f, err)
	}
	for _, out := range []string{"", "RESULT x", "RESULT 1000 2000000 1500 9000 3\n", "RESULT 0 2000000 0 0 0\n"} {
		if _, _, err := parseWrk(out); err == nil {
			t.Errorf("%q became a figure", out)
		}
	}
}

func TestSeries(t *testing.T) {
	t.Parallel()
	s := series{{rate: 3000}, {rate: 1000}, {rate: 12_345}}
	if got := s.spread(); got != "3,000 (1,000–12,345)" {
		t.Errorf("got %s", got)
	}
	if got := (series{}).spread(); got != "–" {
		t.Errorf("got %s for nothing", got)
	}
}

// Ratios are taken within each round: here the machine was ten times slower in the second round.
func TestOver(t *testing.T) {
	t.Parallel()
	load := series{{rate: 3000}, {rate: 310}, {rate: 2900}}
	reference := series{{rate: 1000}, {rate: 100}, {rate: 1000}, {rate: 5}}
	if got := load.over(reference); got != 3 {
		t.Errorf("got %v", got)
	}
	if got := (series{}).over(reference); got != 0 {
		t.Errorf("got %v for nothing", got)
	}
}

// A missed goal must be visible in the report.
func TestGoals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		g   goal
		met bool
	}{
		{atLeast("a", 3, 3), true},
		{atLeast("a", 2.9, 3), false},
		{atMost("a", 1.3, 1.3), true},
		{atMost("a", 1.4, 1.3), false},
		{within("a", 15*time.Millisecond, 15*time.Millisecond), true},
		{within("a", 16*time.Millisecond, 15*time.Millisecond), false},
		{perSecond("a", 1, 2), false},
	} {
		if tt.g.met != tt.met {
			t.Errorf("%+v, want met %t", tt.g, tt.met)
		}
		if missed := strings.Contains(goals([]goal{tt.g}), "missed"); missed == tt.met {
			t.Errorf("%+v is shown as missed: %t", tt.g, missed)
		}
	}
}
