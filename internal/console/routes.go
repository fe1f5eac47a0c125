package console

import (
	"net/http"
	"slices"

	"tongka/internal/ledger"
)

// door is who gets to a route at all.
type door int

const (
	anybody     door = iota // nobody need be signed in
	somebody                // whoever is signed in
	inside                  // whoever is signed in and has anything to do at the merchant of the path
	atHost                  // whoever has been granted the permission at the host
	ofAgent                 // whoever has been granted it at the host, and the agent's own people
	integrating             // whoever connects tills to the merchant of the path: see call.connect
)

// route is one route: its pattern, its name in logs, who may use it, and the function that answers it.
type route struct {
	pattern, name string
	door          door
	needs         ledger.Permission // at the merchant, for one of its shops at least
	answer        func(*call) error
}

// routes are all routes. What none of them declares is not served.
var routes = slices.Concat(
	accountRoutes, peopleRoutes, listRoutes, cardRoutes, reportRoutes, ruleRoutes, merchantRoutes, proposalRoutes,
	lookRoutes, jobRoutes, importRoutes, undoRoutes, seriesRoutes, attentionRoutes, auditRoutes, shiftRoutes, agentRoutes,
	keyRoutes, webhookRoutes, listFileRoutes, integrationRoutes, provedRoutes, backupRoutes, serverRoutes,
	[]route{
		{"GET /console/{$}", "home", somebody, 0, (*call).home},
		{"GET /console/m/{merchant}/{$}", "merchant", inside, 0, (*call).merchantHome},
		{"GET /console/assets/{hash}/{name}", "asset", anybody, 0, (*call).sendAsset},
		{"/console/", "unknown", anybody, 0, (*call).nowhere},
	})

// accountRoutes are of whoever signs in.
var accountRoutes = []route{
	{"GET /console/sign-in", "sign-in", anybody, 0, (*call).showSignIn},
	{"POST /console/sign-in", "sign-in", anybody, 0, (*call).signIn},
	{"GET /console/code", "code", anybody, 0, (*call).showCode},
	{"POST /console/code", "code", anybody, 0, (*call).code},
	{"POST /console/code/ask", "ask passkey", anybody, 0, (*call).askSecond},
	{"POST /console/passkey", "passkey", anybody, 0, (*call).passkey},
	{"POST /console/passkey/ask", "ask passkey", anybody, 0, (*call).askPasskey},
	{"POST /console/sign-out", "sign-out", anybody, 0, (*call).signOut},
	{"POST /console/language", "language", anybody, 0, (*call).setLanguage},
	{"GET /console/first", "first", anybody, 0, (*call).showFirst},
	{"POST /console/first", "first", anybody, 0, (*call).first},

	{"GET /console/me", "me", somebody, 0, (*call).showMe},
	{"POST /console/me", "me", somebody, 0, (*call).saveMe},
	{"POST /console/me/password", "my password", somebody, 0, (*call).savePassword},
	{"GET /console/me/device", "my device", somebody, 0, (*call).showDevice},
	{"POST /console/me/device", "my device", somebody, 0, (*call).saveDevice},
	{"POST /console/me/device/drop", "my device", somebody, 0, (*call).dropDevice},
	{"POST /console/me/passkey", "my passkeys", somebody, 0, (*call).addPasskey},
	{"POST /console/me/passkey/ask", "my passkeys", somebody, 0, (*call).askNewPasskey},
	{"POST /console/me/passkey/drop", "my passkeys", somebody, 0, (*call).dropPasskey},
	{"POST /console/me/sessions", "my sessions", somebody, 0, (*call).endSessions},
}

// exportsPeople is what it takes to take the list of people out.
const exportsPeople = ledger.MayPeople | ledger.MayExport

// peopleRoutes are for those who look after people, of the host or of a merchant.
var peopleRoutes = []route{
	{"GET /console/host/people", "people", atHost, ledger.MayPeople, (*call).showPeople},
	{"GET /console/host/people.csv", "people as a file", atHost, exportsPeople, (*call).exportPeople},
	{"GET /console/host/people.xlsx", "people as a file", atHost, exportsPeople, (*call).exportPeople},
	{"GET /console/host/people/new", "person", atHost, ledger.MayPeople, (*call).showNewPerson},
	{"POST /console/host/people/new", "person", atHost, ledger.MayPeople, (*call).addPerson},
	{"GET /console/host/people/{person}", "person", atHost, ledger.MayPeople, (*call).showPerson},
	{"POST /console/host/people/{person}", "person", atHost, ledger.MayPeople, (*call).savePerson},
	{"POST /console/host/people/{person}/password", "person", atHost, ledger.MayPeople, (*call).resetPassword},
	{"POST /console/host/people/{person}/stop", "person", atHost, ledger.MayPeople, (*call).stopPerson},

	{"GET /console/m/{merchant}/people", "people", inside, ledger.MayPeople, (*call).showPeople},
	{"GET /console/m/{merchant}/people.csv", "people as a file", inside, exportsPeople, (*call).exportPeople},
	{"GET /console/m/{merchant}/people.xlsx", "people as a file", inside, exportsPeople, (*call).exportPeople},
	{"GET /console/m/{merchant}/people/new", "person", inside, ledger.MayPeople, (*call).showNewPerson},
	{"POST /console/m/{merchant}/people/new", "person", inside, ledger.MayPeople, (*call).addPerson},
	{"GET /console/m/{merchant}/people/{person}", "person", inside, ledger.MayPeople, (*call).showPerson},
	{"POST /console/m/{merchant}/people/{person}", "person", inside, ledger.MayPeople, (*call).savePerson},
	{"POST /console/m/{merchant}/people/{person}/password", "person", inside, ledger.MayPeople, (*call).resetPassword},
	{"POST /console/m/{merchant}/people/{person}/stop", "person", inside, ledger.MayPeople, (*call).stopPerson},
}

// cardRoutes are of cards. An act says itself what it takes: see acts.
var cardRoutes = []route{
	{"GET /console/m/{merchant}/cards/{card}", "card", inside, ledger.MayRead, (*call).showCard},
	{"GET /console/m/{merchant}/cards/{card}/slip/{entry}", "slip", inside, ledger.MayRead, (*call).showSlip},
	{"GET /console/m/{merchant}/cards/{card}/do/{act}", "act", inside, ledger.MayRead, (*call).showAct},
	{"POST /console/m/{merchant}/cards/{card}/do/{act}", "act", inside, ledger.MayRead, (*call).doAct},
}

// sendAsset sends a file that pages load.
func (c *call) sendAsset() error {
	if !files.Serve(c.w, c.r) {
		return c.nowhere()
	}
	return nil
}

// nowhere answers what is not there, and what is not for whoever asks: the two look alike.
func (c *call) nowhere() error {
	c.note().Outcome = "unknown"
	return c.show(http.StatusNotFound, message(c.view(wNotThere), c.lang.of(wNoWay)))
}
