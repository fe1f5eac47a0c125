package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// load is one closed-loop load of a kind on a server.
type load struct {
	server *server
	kind   string
	cards  int // 1 = one hot card
	conns  int
	list   string // file of signed requests to make instead
}

// figure is what one measurement gave.
type figure struct {
	rate     float64 // per second
	p50, p99 time.Duration
}

// wrk runs the load for a while with wrk, in its own process. Any answer that is no success, and any
// transport error, fails the measurement.
func (l load) wrk(ctx context.Context, script string, long time.Duration) (figure, error) {
	// wrk itself never gives up on a server that hangs, so it gets a limit.
	ctx, cancel := context.WithTimeout(ctx, long+30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "wrk", "-t1", "-c"+strconv.Itoa(l.conns), "-d"+long.String(),
		"--timeout", "10s", "-s", script, "http://"+l.server.addr)
	cmd.Env = append(os.Environ(), "KIND="+l.kind, "CARDS="+strconv.Itoa(l.cards), "TOKEN="+token, "GUID="+guid,
		"LIST="+l.list,
		"SEED="+strconv.FormatInt(time.Now().UnixNano()%1_000_000_007, 10))
	out, err := cmd.CombinedOutput()
	if err != nil {
		return figure{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	return parseWrk(string(out))
}

// parseWrk reads the line that the script writes in the end: requests, duration in µs, two latencies
// in µs, errors.
func parseWrk(out string) (figure, error) {
	_, line, found := strings.Cut(out, "RESULT ")
	var requests, micros, p50, p99, errors int64
	if _, err := fmt.Sscan(line, &requests, &micros, &p50, &p99, &errors); err != nil || !found {
		return figure{}, fmt.Errorf("wrk answered no result: %s", out)
	}
	if errors > 0 || requests == 0 {
		return figure{}, fmt.Errorf("%d requests, %d errors", requests, errors)
	}
	return figure{
		rate: float64(requests) / (float64(micros) / 1e6),
		p50:  time.Duration(p50) * time.Microsecond, p99: time.Duration(p99) * time.Microsecond,
	}, nil
}
