package client_test

import (
	"os/exec"
	"strings"
	"testing"
)

// everything are the permissions that the collection's own text tells a user to give a key.
const everything = "read,open,modify,recharge,consume,points,refund,lost,unlose,adjust,cash-out,transfer,coupons," +
	"settings,reports,export,reveal"

// notInDemo are the requests of the collection that a demo refuses as they stand, each with why.
var notInDemo = map[string]string{
	"no_renewal Extend the last good day of a card for money":              "the card's level cannot be renewed",
	"entry_not_found Undo the newest renewal of a card":                    "there was none",
	"card_is_replaced Move all that is on a card to another, and close it": "the new card was replaced before",
	"invalid_request Set all settings of the merchant":                     "they are those of another merchant",
	"invalid_request Remove a webhook that is stopped":                     "it is stopped later",
	"no_account Charge a bill to the house account of the card's level":    "the card's level has none",
	"entry_not_found Take back a bill that was charged to a house account": "there was none",
	"invoice_too_much Note that money that was paid in was invoiced":       "the recharge was taken back before",
	"entry_not_found Note that an invoice was reversed":                    "there was none",
	"not_found Get the file with the cards":                                underWay,
	"not_found Get the numbers of the cards, and their passwords":          underWay,
	"job_not_ready Have the passwords of the cards forgotten":              underWay,
	"job_not_ready Import a file that was tried":                           underWay,
	"not_found Get the file with the rows that were refused, and why":      underWay,
	"not_found Take the cards of an import back that nobody has used":      underWay,
	"forbidden List the merchant's API keys, and when each was used last":  noPeople,
	"forbidden Make an API key":                                            noPeople,
	"forbidden Get an API key":                                             noPeople,
	"forbidden Change what an API key may do":                              noPeople,
	"forbidden Make another key in place of one, or beside it":             noPeople,
	"forbidden End the key of before":                                      noPeople,
	"forbidden Let a stopped API key be used again":                        noPeople,
	"forbidden Stop an API key":                                            noPeople,
	"forbidden List who may do something at the merchant":                  noPeople,
	"forbidden Add somebody who signs in to the console":                   noPeople,
	"forbidden Get somebody":                                               noPeople,
	"forbidden Change what somebody may do at the merchant":                noPeople,
	"forbidden Make another password for somebody":                         noPeople,
	"forbidden Let somebody who was stopped sign in again":                 noPeople,
	"forbidden Stop somebody":                                              noPeople,
}

const (
	noPeople = "a key never has the permission people"
	underWay = "the job that was asked for before is under way, or was cancelled by the request before"
)

// runCollection sends the requests of the collection for Postman and Apifox as they stand.
func runCollection(t *testing.T, base, key string) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node is needed to send the collection: apt-get install nodejs")
	}
	out, err := exec.CommandContext(t.Context(), node, "../internal/postman/run.mjs", base, key).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if _, refused, _ := strings.Cut(strings.TrimSpace(line), " "); notInDemo[refused] == "" {
			t.Errorf("refused: %s", line)
		}
	}
}
