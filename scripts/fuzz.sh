#!/bin/sh
# fuzz.sh runs every fuzz test of the module for the time given, one after the other: go test takes
# one at a time. What it finds stands under testdata/fuzz and belongs into the repository.
set -eu
each=${1:-20s}
found=0
for pkg in $(go list ./...); do
	listed=$(go test -list '^Fuzz' "$pkg")
	for name in $(printf '%s\n' "$listed" | grep '^Fuzz' || true); do
		found=$((found + 1))
		printf '== %s %s for %s\n' "$pkg" "$name" "$each"
		go test -run '^$' -fuzz "^$name\$" -fuzztime "$each" "$pkg"
	done
done
printf '%d fuzz tests ran\n' "$found"
[ "$found" -gt 0 ]
