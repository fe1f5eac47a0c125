package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// load is a load on a server from clients that each wait for an answer before the next request.
type load struct {
	server *server
	kind   string
	cards  int // 1 = one hot card
	conns  int
	list   string // a file of signed requests to send instead
}

// figure is the result of one measurement.
type figure struct {
	rate     float64 // per second
	p50, p99 time.Duration
	busy     time.Duration // what the server's process was busy for each request, on all processors
}

// wrk runs the load with wrk, in a process of its own. It returns an error if any answer is not a success or any
// connection fails.
func (l load) wrk(ctx context.Context, script string, long time.Duration) (figure, error) {
	// wrk never gives up on a server that hangs, so it gets a time limit.
	ctx, cancel := context.WithTimeout(ctx, long+30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "wrk", "-t1", "-c"+strconv.Itoa(l.conns), "-d"+long.String(),
		"--timeout", "10s", "-s", script, "http://"+l.server.addr)
	cmd.Env = append(os.Environ(), "KIND="+l.kind, "CARDS="+strconv.Itoa(l.cards), "TOKEN="+token, "GUID="+guid,
		"LIST="+l.list, "MERCHANT="+strconv.Itoa(int(owner)),
		"SEED="+strconv.FormatInt(time.Now().UnixNano()%1_000_000_007, 10))
	before, err := busy(l.server.pid)
	if err != nil {
		return figure{}, err
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return figure{}, fmt.Errorf("wrk: %w: %s", err, out)
	}
	after, err := busy(l.server.pid)
	if err != nil {
		return figure{}, err
	}
	f, requests, err := parseWrk(string(out))
	if err == nil {
		f.busy = (after - before) / time.Duration(requests)
	}
	return f, err
}

// busy returns how long the processors have worked for a process, in the program and in the system. The system counts
// it in hundredths of a second, in the 14th and 15th field; the second is the program's name in parentheses.
func busy(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("process %d: %s", pid, text)
	}
	var own, system time.Duration
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &own, &system); err != nil {
		return 0, fmt.Errorf("process %d: %w", pid, err)
	}
	return (own + system) * 10 * time.Millisecond, nil
}

// parseWrk reads the line that the script prints at the end: requests, duration in µs, p50 and p99 in µs, errors.
func parseWrk(out string) (f figure, requests int64, err error) {
	_, line, found := strings.Cut(out, "RESULT ")
	var micros, p50, p99, errors int64
	if _, err := fmt.Sscan(line, &requests, &micros, &p50, &p99, &errors); err != nil || !found {
		return figure{}, 0, fmt.Errorf("wrk printed no result: %s", out)
	}
	if errors > 0 || requests == 0 {
		return figure{}, 0, fmt.Errorf("%d requests, %d errors", requests, errors)
	}
	return figure{
		rate: float64(requests) / (float64(micros) / 1e6),
		p50:  time.Duration(p50) * time.Microsecond, p99: time.Duration(p99) * time.Microsecond,
	}, requests, nil
}
