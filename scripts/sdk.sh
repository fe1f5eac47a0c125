#!/bin/sh
# Makes the types of the TypeScript client anew from the API's description, compiles it and tests it against the demo.
set -eu
cd "$(dirname "$0")/.."
. scripts/demo.sh
mkdir -p "$work/docs" "$work/sdk"
cp docs/openapi.yaml "$work/docs"
cp sdk/cases.json "$work/sdk"
cp -r sdk/typescript "$work/sdk/typescript" # so that nothing that npm brings is ever in the repository
may=read,consume,open,recharge,points,adjust,export,reports
key=$("$work/tongka" key add --db "sqlite:$work/demo.db" --merchant 10000 --permissions "$may" sdk | sed 's/.*: //')
(cd "$work/sdk/typescript" && npm install --silent --no-audit --no-fund && npm run --silent types && TONGKA=$address TONGKA_KEY=$key npm test)
cmp -s "$work/sdk/typescript/src/schema.ts" sdk/typescript/src/schema.ts || {
	cp "$work/sdk/typescript/src/schema.ts" sdk/typescript/src/schema.ts
	echo "sdk/typescript/src/schema.ts was not of docs/openapi.yaml; it is now"
}
