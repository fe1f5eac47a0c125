#!/bin/sh
# Compares the API's description with the one of the last release, and fails if a program that was written by that one
# could fail by this one. A new kind of entry is no such change: docs/api.md tells programs to pass over what they do not
# know. It first sees that it can fail. Usage: breaking.sh COMMAND…, which runs oasdiff.
set -eu
cd "$(dirname "$0")/.."
released=docs/openapi.released.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# An operation that is not there any more, and a field that takes less.
sed 's#^  /v1/consumes:#  /v1/bills:#' "$released" >"$work/gone.yaml"
sed 's#maxLength: 64$#maxLength: 63#' "$released" >"$work/less.yaml"
for broken in gone less; do
	! "$@" breaking --fail-on ERR "$released" "$work/$broken.yaml" >/dev/null || {
		echo "breaking.sh does not see what breaks a program: $broken" >&2
		exit 1
	}
done
"$@" breaking --fail-on ERR "$released" docs/openapi.yaml
