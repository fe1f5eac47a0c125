#!/bin/sh
# Brings the style sheets and scripts of the console, and what tests its pages, from their packages, packed. The versions
# are below and in the VENDORED.md beside the files, which has to be changed together with them.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
take() { # take PACKAGE@VERSION FILE FOLDER/NAME
	archive=$(npm pack --silent "$1")
	tar xzf "$archive"
	gzip -9nc "package/$2" >"$top/internal/$3.gz"
	rm -rf package "$archive"
}
take @tabler/core@1.6.1 dist/css/tabler.min.css console/web/files/tabler.css
take htmx.org@4.0.1 dist/htmx.min.js console/web/files/htmx.js
take echarts@6.1.0 dist/echarts.common.min.js console/web/files/echarts.js
take axe-core@4.14.1 axe.min.js browsertest/files/axe.js # of tests only: it is in no program
take swagger-ui-dist@5.35.0 swagger-ui.css api/web/files/swagger-ui.css
take swagger-ui-dist@5.35.0 swagger-ui-bundle.js api/web/files/swagger-ui.js
