//go:build !linux

package main

import "time"

// beKind lowers the priority of this process on Linux, and does nothing here.
func beKind() {}

// processorTime is how long this process has used processors, on Linux. Here it is not known, and 0.
func processorTime() time.Duration { return 0 }
