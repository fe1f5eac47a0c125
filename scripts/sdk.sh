#!/bin/sh
# Makes the types of the TypeScript client anew from the API's description, compiles it and tests it against the demo.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
served=
trap 'test -z "$served" || kill "$served"; rm -rf "$work"' EXIT
go build -o "$work/tongka" ./cmd/tongka
"$work/tongka" demo --no-year --addr 127.0.0.1:0 --db "sqlite:$work/demo.db" >"$work/out" 2>&1 &
served=$!
for _ in $(seq 100); do
	address=$(sed -n 's/.*\(http:\/\/127\.0\.0\.1:[0-9]*\).*/\1/p' "$work/out" | head -1)
	test -z "$address" || break
	sleep 0.1
done
mkdir -p "$work/docs" "$work/sdk"
cp docs/openapi.yaml "$work/docs"
cp -r sdk/typescript "$work/sdk/typescript" # so that nothing that npm brings is ever in the repository
(cd "$work/sdk/typescript" && npm install --silent --no-audit --no-fund && npm run --silent types && TONGKA=$address npm test)
cmp -s "$work/sdk/typescript/src/schema.ts" sdk/typescript/src/schema.ts || {
	cp "$work/sdk/typescript/src/schema.ts" sdk/typescript/src/schema.ts
	echo "sdk/typescript/src/schema.ts was not of docs/openapi.yaml; it is now"
}
