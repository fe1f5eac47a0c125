#!/bin/sh
# need.sh finds what the tests need beside Go, installs the system's package where it is missing and
# may be installed, and otherwise says in one line how to get it.
#
#   scripts/need.sh postgres   the PostgreSQL programs initdb, postgres and pg_ctl, with pg_trgm
#   scripts/need.sh cc         a C compiler, for the race detector
#   scripts/need.sh chromium   Chromium or Chrome, for the tests in a browser, with a font that knows Chinese
#   scripts/need.sh node       Node.js, for the tests of the collection for Postman and its scripts
#   scripts/need.sh wrk        the load generator wrk, for make bench
#
# It prints where it found them and starts nothing.
set -eu

say() { printf 'need: %s\n' "$*"; }

# postgres_bin prints the directory of the newest PostgreSQL whose programs are all there.
postgres_bin() {
	for dir in $(postgres_dirs); do
		if [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] && [ -x "$dir/pg_ctl" ]; then
			printf '%s\n' "$dir"
			return 0
		fi
	done
	return 1
}

# postgres_dirs prints where the programs may be, newest version first.
postgres_dirs() {
	if command -v initdb >/dev/null 2>&1; then dirname "$(command -v initdb)"; fi
	pg_config --bindir 2>/dev/null || true
	for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* \
		/opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
		[ -d "$dir" ] && printf '%s\n' "$dir"
	done | sort -t/ -k5 -V -r
}

# trigrams tells whether the extension of PostgreSQL at $1 that searches use is installed. Where the
# programs do not say where they keep extensions, it is taken to be.
trigrams() {
	[ -x "$1/pg_config" ] || return 0
	[ -f "$("$1/pg_config" --sharedir)/extension/pg_trgm.control" ]
}

has_postgres() { dir=$(postgres_bin) && trigrams "$dir"; }

has_cc() { command -v "${CC:-cc}" >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 || command -v clang >/dev/null 2>&1; }

# chromium_program prints the browser the tests will take: internal/browsertest looks in the same places.
chromium_program() {
	if [ -n "${TONGKA_TEST_CHROMIUM:-}" ]; then
		printf '%s\n' "$TONGKA_TEST_CHROMIUM"
		return 0
	fi
	for program in chromium chromium-browser google-chrome google-chrome-stable chrome \
		/Applications/Chromium.app/Contents/MacOS/Chromium \
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
		command -v "$program" 2>/dev/null && return 0
	done
	return 1
}

# as_root runs a command as root, or fails where that would ask for a password.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo -n "$@"
	fi
}

may_install() { [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; }; }

# packages prints the packages of what is needed ($1) as the package manager ($2) calls them.
packages() {
	case "$1:$2" in
	postgres:apt-get) echo postgresql postgresql-contrib ;;
	postgres:apk | postgres:dnf) echo postgresql-server postgresql-contrib ;;
	cc:apk) echo gcc musl-dev ;;
	cc:apt-get) echo gcc libc6-dev ;;
	cc:dnf) echo gcc glibc-devel ;;
	chromium:apt-get) echo chromium fonts-noto-cjk ;;
	chromium:apk) echo chromium font-noto-cjk ;;
	chromium:dnf) echo chromium google-noto-sans-cjk-vf-fonts ;;
	node:apt-get | node:apk | node:dnf) echo nodejs ;;
	wrk:apt-get | wrk:apk | wrk:dnf) echo wrk ;;
	esac
}

# manager prints the package manager at hand.
manager() {
	for m in apt-get apk dnf; do
		if command -v "$m" >/dev/null 2>&1; then
			echo "$m"
			return 0
		fi
	done
	return 1
}

install_with() {
	m=$1
	shift
	case "$m" in
	apt-get)
		as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
			as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
		;;
	apk) as_root apk add "$@" ;;
	dnf) as_root dnf install -q -y "$@" ;;
	esac </dev/null
}

# get installs what is needed ($1), or says how. Installing is silent unless it breaks.
get() {
	case "$1" in
	postgres) how="install PostgreSQL 15 or newer with pg_trgm (macOS: brew install postgresql@17), or put its bin directory on PATH" ;;
	cc) how="install a C compiler (macOS: xcode-select --install); the race detector needs one" ;;
	chromium) how="install Chromium or Chrome (macOS: brew install --cask chromium), or set TONGKA_TEST_CHROMIUM to the program" ;;
	node) how="install Node.js (macOS: brew install node)" ;;
	wrk) how="install wrk (macOS: brew install wrk)" ;;
	esac
	if ! m=$(manager); then
		say "$1 is missing: $how" >&2
		return 1
	fi
	names=$(packages "$1" "$m")
	if ! may_install; then
		say "$1 is missing: run as root: $m $([ "$m" = apk ] && echo add || echo install) $names" >&2
		return 1
	fi
	say "$1 is missing, installing: $names"
	# shellcheck disable=SC2086 # one word each
	if ! out=$(install_with "$m" $names 2>&1); then
		printf '%s\n' "$out" | tail -n 5 >&2
		say "$1 could not be installed: $how" >&2
		return 1
	fi
}

for what in "$@"; do
	case "$what" in
	postgres)
		has_postgres || get postgres
		has_postgres || { say "postgres is installed but its programs or pg_trgm are not where they were looked for" >&2; exit 1; }
		say "postgres in $(postgres_bin)"
		;;
	cc)
		has_cc || get cc
		has_cc || { say "no C compiler on PATH" >&2; exit 1; }
		say "a C compiler is here"
		;;
	chromium)
		chromium_program >/dev/null || get chromium
		chromium_program >/dev/null || { say "chromium is installed but not where it was looked for: set TONGKA_TEST_CHROMIUM to the program" >&2; exit 1; }
		say "chromium is $(chromium_program)"
		;;
	node)
		command -v node >/dev/null 2>&1 || get node
		command -v node >/dev/null 2>&1 || { say "no node on PATH" >&2; exit 1; }
		say "node is here"
		;;
	wrk)
		command -v wrk >/dev/null 2>&1 || get wrk
		command -v wrk >/dev/null 2>&1 || { say "no wrk on PATH" >&2; exit 1; }
		say "wrk is here"
		;;
	*)
		say "unknown: $what" >&2
		exit 2
		;;
	esac
done
