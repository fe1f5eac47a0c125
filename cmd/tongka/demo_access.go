package main

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"tongka/internal/apply"
	"tongka/internal/auth"
	"tongka/internal/ledger"
	"tongka/internal/seal"
)

// demoAccess is what opens a demo.
type demoAccess struct {
	token    string // of tills that speak member-cjb, and of the API
	apiKey   string // of shops, to sign with
	password string // of the people who sign in to the console
	card     string // the password of the card that has one
	page     string // opens the sandbox's page
	drawn    bool   // none of it is published
}

// accessOf returns what opens a demo. For this machine alone it is what is published, so that examples can be copied;
// for a network it follows from the demo's key, so that it is another for each demo and stays what it is as long as the
// key does.
func accessOf(key *seal.Key, lan bool) demoAccess {
	draw := func(what string) []byte {
		drawn := key.Subkey("demo " + what)
		return drawn[:]
	}
	page := base64.RawURLEncoding.EncodeToString(draw("page")[:18])
	if !lan {
		return demoAccess{token: demoToken, apiKey: apply.DemoAPIKey, password: demoPassword, card: demoCard, page: page}
	}
	digits := draw("card")
	for i := range digits {
		digits[i] = '0' + digits[i]%10
	}
	return demoAccess{
		token: hex.EncodeToString(draw("token")[:16]), apiKey: hex.EncodeToString(draw("api key")[:20]),
		password: base64.RawURLEncoding.EncodeToString(draw("password")[:12]), card: string(digits[:6]), page: page,
		drawn: true,
	}
}

// What is published.
const (
	demoToken = "test"
	// demoPassword signs everybody in to the demo's console. A demo whose credentials are published listens on loopback
	// only, and serve refuses its database.
	demoPassword = "tongka-demo"
	demoCard     = "135790"
)

// data returns the demo's data with these credentials. The token is not among them where it was drawn: one that stands
// in a file is taken for one that somebody chose.
func (a *demoAccess) data() []byte {
	if !a.drawn {
		return demoData
	}
	var kept []string
	for line := range strings.Lines(string(demoData)) {
		field := strings.TrimSpace(line)
		if strings.HasPrefix(field, "token: ") || strings.HasPrefix(field, "allow: ") {
			continue
		}
		kept = append(kept, strings.Replace(line, apply.DemoAPIKey, a.apiKey, 1))
	}
	return []byte(strings.Join(kept, ""))
}

var (
	errPublished = errors.New("this demo does not have the credentials that are drawn for a network: choose another " +
		"database with --db, or begin anew with --fresh")
	errDrawn = errors.New("the credentials of this demo were drawn for a network: serve it with --lan, choose another " +
		"database with --db, or begin anew with --fresh")
)

// demoAgent is the name of the agent that has the demo's token.
const demoAgent = "test"

// checkAccess returns an error if the books were made with other credentials. Where these must not be published nothing
// is taken on trust: books that were begun and have no agent yet may have people already.
func (b *books) checkAccess(ctx context.Context, key *seal.Key, lan bool) error {
	agents, err := b.Agents(ctx)
	if err != nil {
		return err
	}
	people, err := b.People(ctx)
	if err != nil {
		return err
	}
	drawn := auth.Hash(accessOf(key, true).token)
	i := slices.IndexFunc(agents, func(a ledger.Agent) bool { return a.Name == demoAgent })
	switch {
	case lan && i < 0 && len(agents)+len(people) > 0, lan && i >= 0 && agents[i].TokenHash != drawn:
		return errPublished
	case !lan && i >= 0 && agents[i].TokenHash == drawn:
		return errDrawn
	}
	return nil
}
