#!/bin/sh
# Makes a key and a webhook at the first merchant of a demo that runs on this machine, and prints what the examples read
# of the environment: eval "$(sh examples/setup.sh)". It waits for the demo, and where it fails the eval fails, too.
set -eu
trap 'test $? = 0 || echo false' EXIT
db=${DEMO_DB:-sqlite:demo.db}
url=${API_URL:-http://127.0.0.1:8080}
hook=${HOOK_URL:-http://127.0.0.1:9000/tongka}
tongka() { ${DEMO_PROGRAM:-go run ./cmd/tongka} "$@"; }
alive() { tongka ping --ready --addr "${url#*://}"; }
quietly() { "$@" >/dev/null 2>&1; }

tries=0
until quietly alive; do
	tries=$((tries + 1))
	if [ "$tries" = 60 ]; then
		alive >&2 || true # says why
		echo "no demo answers at $url: start one with: go run ./cmd/tongka demo --db $db --no-year" >&2
		exit 1
	fi
	sleep 1
done
key=$(tongka key add --db "$db" --merchant 10000 --permissions read,consume "examples-$$")
if quietly tongka webhook stop --db "$db" --merchant 10000 examples; then # it is there from the time before
	tongka webhook resume --db "$db" --merchant 10000 examples >/dev/null # without what nobody received since
	quietly tongka webhook retire --db "$db" --merchant 10000 examples || true # the secret of the time before last
	secret=$(tongka webhook renew --db "$db" --merchant 10000 examples)
else
	secret=$(tongka webhook add --db "$db" --merchant 10000 --webhook-allow 127.0.0.1 --url "$hook" examples)
fi
sleep 2 # a server hears of a key within a second
cat <<END
export API_URL=$url API_CARD=M000123 HOOK_URL=$hook
export API_KEY=${key##*: }
export HOOK_SECRET=${secret##*: }
END
