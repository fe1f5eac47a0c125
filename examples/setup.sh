#!/bin/sh
# Makes a key and a webhook at the first merchant of a demo that runs on this machine, and prints what the examples read
# of the environment: eval "$(sh examples/setup.sh)"
set -eu
db=${DEMO_DB:-sqlite:demo.db}
url=${TONGKA_URL:-http://127.0.0.1:8080}
hook=${HOOK_URL:-http://127.0.0.1:9000/tongka}
# What examples read of the environment is no setting of the program.
tongka() { env -u TONGKA_KEY -u TONGKA_URL -u TONGKA_CARD ${DEMO_PROGRAM:-go run ./cmd/tongka} "$@"; }

key=$(tongka key add --db "$db" --merchant 10000 --permissions read,consume "examples-$$" | sed 's/.*: //')
if ! secret=$(tongka webhook add --db "$db" --merchant 10000 --webhook-allow 127.0.0.1 --url "$hook" examples 2>/dev/null); then
	tongka webhook retire --db "$db" --merchant 10000 examples >/dev/null 2>&1 || true # that of the time before last
	secret=$(tongka webhook renew --db "$db" --merchant 10000 examples)
fi
sleep 2 # a server hears of a key within a second
cat <<END
export TONGKA_URL=$url TONGKA_CARD=M000123 HOOK_URL=$hook
export TONGKA_KEY=$key
export HOOK_SECRET=$(printf '%s\n' "$secret" | sed 's/.*: //')
END
