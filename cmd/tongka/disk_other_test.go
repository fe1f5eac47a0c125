//go:build !linux

package main

// mainOnBadDisk exists on Linux only, where a seccomp filter can make fsync fail.
func mainOnBadDisk() { main() }
