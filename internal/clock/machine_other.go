//go:build !linux

package clock

import "time"

func sinceBoot() time.Duration { return 0 }

func kernel() Kernel { return Unknown }
