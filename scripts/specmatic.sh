#!/bin/sh
# Has specmatic call every operation of the API with what its description allows and with what it forbids, and wants every
# answer to be one that the description has. Values that nobody knows, such as a card's number made of random letters, are
# refused, so a 4xx where specmatic hoped for a 200 is right; anything else that it finds fault with is not.
set -eu
cd "$(dirname "$0")/.."
. scripts/demo.sh
may=$("$work/tongka" key add --help | tr -d '\n ' | sed 's/.*Whatitmaydo:\([a-z,-]*\)\..*/\1/')
key=$("$work/tongka" key add --db "sqlite:$work/demo.db" --merchant 10000 --permissions "$may" specmatic | sed 's/.*: //')
cp docs/openapi.yaml "$work"
cat >"$work/specmatic.yaml" <<CONFIG
version: 2
contracts:
  - filesystem:
      directory: .
    provides:
      - openapi.yaml
test:
  resiliencyTests:
    enable: all
  maxTestRequestCombinations: 1
CONFIG
sleep 2 # the server hears of the key
cd "$work"
npm install --silent --no-audit --no-fund specmatic@2.55.1
# A stream has no end to wait for.
key="$key" npx specmatic test openapi.yaml --testBaseURL="$address" --filter="PATH!='/v1/events/stream'" >"$work/log" 2>&1 || true # it fails for the 4xx
sed -n '/^Tests run:/p' "$work/log"
grep -q '^Tests run: [1-9]' "$work/log" || { tail -40 "$work/log"; exit 1; }
faults=$(grep -o 'R[0-9][0-9][0-9][0-9]: .*' "$work/log" | grep -v '^R0002: ' | sort | uniq -c || true)
statuses=$(grep -o 'expected status 200 but response contained status [0-9]*' "$work/log" | grep -v 'status 4[0-9][0-9]$' | sort | uniq -c || true)
others=$(grep -o 'expected status [0-9]* but response contained' "$work/log" | grep -v 'status 200 but' | sort | uniq -c || true)
lost=$(grep -c 'was ABORTED' "$work/log" || true)
test -z "$faults$statuses$others" && test "$lost" = 0 || { echo "$faults$statuses$others, $lost not answered"; exit 1; }
echo "every answer is one that docs/openapi.yaml has"
