#!/bin/sh
# Brings the style sheets and scripts of the console from their packages, packed. The versions are below and in
# internal/console/web/VENDORED.md, which has to be changed together with them.
set -eu
out=$(cd "$(dirname "$0")/../internal/console/web/files" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
take() { # take PACKAGE@VERSION FILE NAME
	archive=$(npm pack --silent "$1")
	tar xzf "$archive"
	gzip -9nc "package/$2" >"$out/$3.gz"
	rm -rf package "$archive"
}
take @tabler/core@1.6.1 dist/css/tabler.min.css tabler.css
take htmx.org@4.0.1 dist/htmx.min.js htmx.js
take echarts@6.1.0 dist/echarts.common.min.js echarts.js
