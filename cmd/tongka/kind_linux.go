package main

import (
	"os"
	"strconv"
	"syscall"
	"time"
)

// kindness is the nice value of large commands, so that a server on the same machine goes first: they get the
// processor time it leaves, and on an idle machine they are as fast as without it.
const kindness = 10

// beKind gives all threads of this process the nice value kindness. Linux keeps one for each thread, and a new
// thread inherits that of its creator. Errors are ignored: the command then competes with the server, and works all
// the same.
func beKind() {
	for range 2 { // during the first pass a thread not yet changed may have created another
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return
		}
		for _, t := range threads {
			if id, err := strconv.Atoi(t.Name()); err == nil {
				_ = syscall.Setpriority(syscall.PRIO_PROCESS, id, kindness)
			}
		}
	}
}

// processorTime returns how long this process has used processors so far.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
