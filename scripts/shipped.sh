#!/bin/sh
# shipped.sh prints what archives and packages have beside the program, a file a line: the pages and what they link to,
# each at the place where it is in the repository, so that the links work there too, and no tests. A test in packaging
# follows the links.
set -eu
cd "$(dirname "$0")/.."
{
	printf '%s\n' README.md README.zh.md CHANGELOG.md CONTRIBUTING.md SECURITY.md LICENSE
	grep -oh 'docs/screens/[a-z-]*\.png' README.md README.zh.md
	find docs -name '.*' -prune -o -name '*.md' -exec grep -oh 'screens/[a-z-]*\.png' {} + | sed 's,^,docs/,'
	find docs -name '.*' -prune -o '(' -name '*.md' -o -path 'docs/pictures/*' ')' -print
	find client sdk examples internal/sandy internal/dc78 internal/page -name '*.md'
	printf '%s\n' docs/openapi.yaml docs/tongka.postman_collection.json sdk/python/tongka.py
	find internal/sandy/testdata internal/dc78/testdata -name '*.http' -o -path '*/published/*.json'
	find packaging/alert.sh packaging/tongka.yaml packaging/docker packaging/monitoring packaging/proxy packaging/systemd \
		-type f ! -name '*_test.*'
} | LC_ALL=C sort -u
