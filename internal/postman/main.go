//go:generate go run . -out ../../docs/tongka.postman_collection.json

// Command postman makes the collection of requests that Postman and Apifox import: every operation of the API out of
// its description, and each endpoint of both wires as it was recorded in their tests. It is given no secret and writes
// none: what opens a server are variables that are empty.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"log"
	"os"
	"path/filepath"

	"tongka/internal/ledger"
)

func main() {
	out := flag.String("out", "", "the file to write")
	flag.Parse()
	made, err := collection(filepath.Join("..", ".."))
	if err == nil {
		err = os.WriteFile(*out, made, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// collection returns the collection, made of the files of the repository at top.
func collection(top string) ([]byte, error) {
	described, err := os.ReadFile(filepath.Join(top, "docs", "openapi.yaml"))
	if err != nil {
		return nil, err
	}
	native, err := operations(described, filepath.Join(top, "internal", "api", "testdata", "operations.http"))
	if err != nil {
		return nil, err
	}
	till, err := recordings(filepath.Join(top, "internal", "sandy", "testdata"), "published_demo", "ours", "answers")
	if err != nil {
		return nil, err
	}
	shop, err := recordings(filepath.Join(top, "internal", "dc78", "testdata"),
		"published", "ours", "renewals", "invoices", "proofs", "points", "coupons", "newcard", "transactions")
	if err != nil {
		return nil, err
	}
	all := file{
		Info: info{
			Name: "Tongka", Schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
			Description: "Fill in api_key first, and token and shop_key for the wires of tills; the other variables have " +
				"what tongka demo has. The demo's token and ApiKey are on its sandbox page, and this makes a key: tongka " +
				"key add --db sqlite:demo.db --merchant 10000 --permissions " + ledger.KeyPermissions.String() + " postman. " +
				"Requests that name an entry, a hold, a coupon, a webhook, a key or an ETag take the last that was " +
				"answered. What needs the permission people takes an agent's token.",
		},
		Item: []item{
			{Name: "API", Description: "docs/api.md", Item: native},
			{Name: "member-cjb", Description: "docs/wires/member-cjb.md", Item: sandyItems(till)},
			{Name: "dc78", Description: "docs/wires/dc78.md", Item: dc78Items(shop), Event: signing},
		},
		Variable: []pair{
			{Key: "base_url", Value: "http://127.0.0.1:8080"}, {Key: "api_key"},
			{Key: "token"}, {Key: "guid", Value: "{DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}"},
			{Key: "msid", Value: "10021"}, {Key: "shop_key"},
		},
		Event: keeping,
	}
	all.Variable = append(all.Variable, variables...)
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err = e.Encode(all)
	return text.Bytes(), err
}
