#!/bin/sh
# Quotes a bill of 10.00 yuan, pays it, and pays it again under the same name. It needs curl and nothing else.
set -eu
call() { # call METHOD PATH BODY [HEADER…]
	method=$1 path=$2 body=$3
	shift 3
	curl --silent --show-error --fail-with-body --max-time 30 --request "$method" "$API_URL$path" \
		--header "Authorization: Bearer $API_KEY" --header "Content-Type: application/json" "$@" --data "$body"
}
quote=$(call POST /v1/quotes "{\"card\":\"$API_CARD\",\"amount\":1000}")
token=$(printf %s "$quote" | sed 's/.*"token":"\([^"]*\)".*/\1/')
name="curl-$$-$(date +%s)"
paid=$(call POST /v1/consumes "{\"quote\":\"$token\"}" --header "Idempotency-Key: $name")
again=$(call POST /v1/consumes "{\"quote\":\"$token\"}" --header "Idempotency-Key: $name")
test "$paid" = "$again"
card=$(printf %s "$paid" | sed 's/.*"by_card":\([0-9]*\).*/\1/')
due=$(printf %s "$paid" | sed 's/.*"due":\([0-9]*\).*/\1/') # of this bill: the guest pays it in another way
left=$(printf %s "$paid" | sed 's/.*"balance":{"currency":"CNY","total":\(-*[0-9]*\).*/\1/')
echo "the card paid $card, due $due, left $left, again the same"
