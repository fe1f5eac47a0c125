#!/bin/sh
# dist.sh builds what is given to users into dist/: the program for each system as an archive, packages for Debian
# and Red Hat, and the checksums of all. It needs Go and nothing else.
#
#   scripts/dist.sh VERSION [SYSTEM/ARCH...]     by default linux, darwin and windows, amd64 and arm64
set -eu
cd "$(dirname "$0")/.."

version=${1:?usage: dist.sh VERSION [SYSTEM/ARCH...]}
shift
[ $# -gt 0 ] || set -- linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

GO=${GO:-go}
# The time in packages and archives is that of the commit: the same sources make the same bytes.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH

umask 022
rm -rf dist
mkdir -p dist/work/pages
sh scripts/shipped.sh >dist/work/shipped
tar --mode=u=rwX,go=rX -cf dist/work/pages.tar -T dist/work/shipped
tar -C dist/work/pages -xf dist/work/pages.tar
find dist/work/pages -exec touch -d "@$SOURCE_DATE_EPOCH" {} + # packages keep the times of folders
for target in "$@"; do
	os=${target%/*} arch=${target#*/}
	name=tongka-$version-$os-$arch
	binary=tongka
	[ "$os" = windows ] && binary=tongka.exe
	cp -R dist/work/pages "dist/work/$name"
	CGO_ENABLED=0 GOOS=$os GOARCH=$arch $GO build -trimpath -ldflags "-s -X main.release=$version" -o "dist/work/$name/$binary" ./cmd/tongka
	tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C dist/work -cf - "$name" | gzip -n >"dist/$name.tar.gz"
	if [ "$os" = linux ]; then
		for kind in deb rpm; do
			VERSION=$version ARCH=$arch BINARY=dist/work/$name/tongka PAGES=dist/work/pages \
				$GO tool -modfile=tools/dist/go.mod nfpm package --config packaging/nfpm.yaml --packager $kind --target dist/ >dist/work/log ||
				{ cat dist/work/log >&2; exit 1; }
		done
	fi
	echo "$name"
done
rm -rf dist/work
(cd dist && sha256sum -- * >SHA256SUMS)
