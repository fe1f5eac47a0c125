#!/bin/sh
# Makes the fixtures of the schema as it is now: books for every later migration to be tested on (TestUpgradeFromSchema…
# in cmd/tongka). Run it when a version is released, before the first migration after it:
#
#   scripts/fixture.sh postgres://postgres@127.0.0.1:5432/an_empty_database
#
# It writes cmd/tongka/testdata/schema-NN.db.gz (SQLite) and schema-NN.sql.gz (PostgreSQL). Needs curl, gzip, pg_dump.
set -eu
POSTGRES=$1
DIR=$(mktemp -d)
DEMO=
trap 'kill $DEMO 2>/dev/null; rm -rf "$DIR"' EXIT
go build -o "$DIR/tongka" ./cmd/tongka
ADDR=127.0.0.1:18080
export TONGKA_KEY_FILE="$DIR/tongka.key"

# ask ACTION BODY has a till of member-cjb ask for something.
ask() {
	curl -sf "http://$ADDR/api2/member-cjb/$1" -H 'Content-Type: application/json' -H 'AUTHORIZATION: test' \
		-H 'CUSTOMERGUID: {DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}' -d "$2" | grep -q '"card_id"'
}

# tongka COMMAND … runs a command on the books.
tongka() { "$DIR/tongka" "$@" --db "$DB" >/dev/null; }

fill() {
	"$DIR/tongka" demo --db "$DB" --addr "$ADDR" >"$DIR/log" 2>&1 &
	DEMO=$!
	curl -sf --retry 30 --retry-delay 1 --retry-connrefused "http://$ADDR/readyz" >/dev/null
	ask recharge '{"card_id": "000001", "money": 500, "pay_type": 1, "request_id": "fixture-1"}'
	ask consume '{"card_id": "000001", "money": 120.50, "request_id": "fixture-2"}'
	ask consume '{"card_id": "wx001", "money": 10}'
	ask recharge '{"card_id": "wx001", "money": 300, "pay_type": 2}'
	kill -INT $DEMO
	wait $DEMO
	DEMO=
	cat >"$DIR/more.yaml" <<-END
		merchants:
		  - id: 10000
		    settings: {cut_off: 5}
		    shops: [{id: 10022, guid: "{FIXTURE-SHOP}", name: 关掉的店, ended: true}]
		    rules: [{id: 3, name: 送积分, kind: threshold, threshold: 50.00, add_points: 60}]
		    cards:
		      - {number: UP001, level: 1, name: 甲, phone: "13911112222", principal: 100.00, bonus: 20.00, points: 30}
		      - {number: UP002, level: 2, name: 乙, phone: "13911113333"}
		      - {number: UP003, level: 1, name: 丙}
		agents:
		  - {name: till-2, token: $(head -c 24 /dev/urandom | base64 | tr -d /+=), grants: [{merchant: 10000, permissions: [read]}]}
	END
	tongka apply "$DIR/more.yaml"
	tongka agent stop till-2
	tongka cards transfer --merchant 10000 --request-id fixture-3 UP001 UP002 40
	tongka cards withdraw --merchant 10000 --request-id fixture-4 UP002 10.50
	tongka cards lost --merchant 10000 UP001
	tongka cards replace --merchant 10000 UP003 UP004
	tongka cards return --merchant 10000 UP004
	tongka cards reverse --merchant 10000 wx001 "$(recharged)"
	tongka verify
}

# recharged prints the entry by which the card wx001 was recharged last.
recharged() {
	"$DIR/tongka" cards show --db "$DB" --merchant 10000 --json wx001 |
		awk '/"entry":/ { gsub(/[^0-9]/, ""); entry = $0 } /"kind": "recharge"/ { print entry; exit }'
}

NUMBER=$(find internal/store/schema -name '0*.sql' | sed 's|.*/00*\([0-9]*\)_.*|\1|' | sort -n | tail -n 1)
FIXTURE=cmd/tongka/testdata/schema-$NUMBER
DB=sqlite:$DIR/books.db
fill
gzip -9nc "$DIR/books.db" >"$FIXTURE.db.gz"
DB=$POSTGRES
fill
# Newer versions of pg_dump write commands of psql as well, which begin with a backslash.
pg_dump --inserts --no-owner --no-privileges "$DB" | grep -v '^\\' | gzip -9nc >"$FIXTURE.sql.gz"
ls -l "$FIXTURE".*
