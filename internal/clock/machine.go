package clock

import "time"

// started is the moment the running clock counts from.
var started = time.Now()

// System returns the clocks of this machine.
func System() Machine { return Machine{Read: read, Boot: sinceBoot, Kernel: kernel} }

func read() Reading {
	now := time.Now()
	return Reading{Wall: now.UTC().Round(0), Mono: now.Sub(started)}
}
