package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	sqlite3 "modernc.org/sqlite/lib"
)

type versionCmd struct{}

// Run prints the versions.
func (*versionCmd) Run(con *console) error {
	_, err := fmt.Fprintf(con.out, "tongka %s\ncommit %s\n%s %s/%s\nSQLite %s\n",
		programVersion(), commit(), runtime.Version(), runtime.GOOS, runtime.GOARCH, sqlite3.SQLITE_VERSION)
	return err
}

// release is the version of a release build, set by the linker in scripts/dist.sh.
var release string

// programVersion returns the version of this build, or "devel" if it is not a release.
func programVersion() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// commit returns the commit the program was built from, with " with changes" if the tree was modified, or "unknown".
func commit() string {
	revision, changed := "unknown", ""
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return revision
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	return revision + changed
}
