//go:build !linux

package main

// mainOnBadDisk is for Linux, whose kernel can be told to fail.
func mainOnBadDisk() { main() }
