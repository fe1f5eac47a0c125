package clock

import (
	"time"

	"golang.org/x/sys/unix"
)

// sinceBoot reads a clock that goes on while the machine sleeps.
func sinceBoot() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// timeError is what adjtimex returns while the clock is not synchronised.
const timeError = 5

// kernel returns whether the program that synchronises the clock has reported success recently. Setting the clock by
// hand revokes that at once.
func kernel() Kernel {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	switch {
	case err != nil:
		return Unknown
	case state == timeError || t.Status&unix.STA_UNSYNC != 0:
		return Unsynchronised
	}
	return Synchronised
}
