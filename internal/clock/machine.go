package clock

import "time"

// started is what the running clock is reckoned from.
var started = time.Now()

// System is this machine.
func System() Machine { return Machine{Read: read, Boot: sinceBoot, Kernel: kernel} }

func read() Reading {
	now := time.Now()
	return Reading{Wall: now.UTC().Round(0), Mono: now.Sub(started)}
}
