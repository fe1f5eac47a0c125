#!/bin/sh
# Quotes a bill of 10.00 yuan, pays it, and pays it again under the same name. It needs curl and nothing else.
set -eu
call() { # call METHOD PATH BODY [HEADER…]
	method=$1 path=$2 body=$3
	shift 3
	curl --silent --show-error --fail-with-body --max-time 30 --request "$method" "$TONGKA_URL$path" \
		--header "Authorization: Bearer $TONGKA_KEY" --header "Content-Type: application/json" "$@" --data "$body"
}
quote=$(call POST /v1/quotes "{\"card\":\"$TONGKA_CARD\",\"amount\":1000}")
token=$(printf %s "$quote" | sed 's/.*"token":"\([^"]*\)".*/\1/')
name="curl-$$-$(date +%s)"
paid=$(call POST /v1/consumes "{\"quote\":\"$token\"}" --header "Idempotency-Key: $name")
again=$(call POST /v1/consumes "{\"quote\":\"$token\"}" --header "Idempotency-Key: $name")
test "$paid" = "$again"
left=$(printf %s "$paid" | sed 's/.*"balance":{"currency":"CNY","total":\(-*[0-9]*\).*/\1/')
echo "paid 1000, left $left, again the same"
