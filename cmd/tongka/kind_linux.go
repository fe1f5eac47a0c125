package main

import (
	"os"
	"strconv"
	"syscall"
)

// kindness is how far large commands of a machine stand back behind its server: they have what that leaves of the
// processors. With nothing else at work they are as quick as ever.
const kindness = 10

// beKind has this process stand back. Linux counts each thread by itself, and a new one is as kind as the one that made
// it. A system that does not allow it leaves things as they are.
func beKind() {
	for range 2 { // a thread that was not kind yet may have made one meanwhile
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
