# Read by other scripts, from the top of the checkout: builds the program, serves a demo of its own, and sets work (a
# folder) and address. Both are gone when the script ends.
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
