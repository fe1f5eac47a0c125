//go:build !linux

package main

// beKind has this process stand back behind a server, where the system is Linux.
func beKind() {}
