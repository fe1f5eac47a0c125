//go:build !unix

package main

import "io/fs"

func ownerOf(fs.FileInfo) (name string, ok bool) { return "", false }
