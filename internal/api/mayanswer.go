package api

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// seenFile has what seen returns. A test writes into it what the recordings, the tests and calls at random were
// answered, and takes nothing out of it.
//
//go:embed problems.json
var seenFile []byte

// seen returns the codes of problems that operations were seen to answer, beside those that follow from what they are:
// by the operation's id and the status. Like examples it is read where the API is described.
var seen = sync.OnceValue(func() (all map[string]map[int][]string) {
	if err := json.Unmarshal(seenFile, &all); err != nil {
		panic(err) // the file is embedded, and a test writes it
	}
	return all
})

// follow returns the problems that follow from what an operation is: those of the caller, of a request that no
// description allows, and of the server.
func (o *operation) follow() []fault {
	all := []fault{
		faultTwice, faultMerchant, faultUnknown, faultDenied, faultRate, faultInvalid, failures[engine.Failed],
		failures[engine.Busy], failures[engine.NotDone],
	}
	reused := told[ledger.RequestReused]
	for _, some := range []struct {
		are  bool
		have []fault
	}{
		{o.whole, []fault{faultShop}},
		{o.acts || o.once, []fault{faultNoKey}},
		{o.once, []fault{faultJobs}},
		{o.acts || o.once, []fault{{status: reused.status, code: reused.code}}},
		{o.acts, []fault{failures[engine.Open]}},
		{o.acts || o.once || o.rows, []fault{failures[engine.NoTime]}}, // what is carried out, or recorded
		{o.acts || o.bodied, []fault{invalids[http.StatusRequestTimeout], invalids[http.StatusRequestEntityTooLarge]}},
		{(o.acts || o.bodied) && !o.takes, []fault{
			invalids[http.StatusBadRequest], invalids[http.StatusUnsupportedMediaType],
		}},
		{o.takes, []fault{faultNoFile}},
		{o.matched, []fault{faultNoMatch, faultMoved}},
		{o.streams, []fault{faultStreams, faultAhead}},
	} {
		if some.are {
			all = append(all, some.have...)
		}
	}
	return all
}

// together are reasons of which all may be answered where one was seen: what asks for a password asks for the right
// one, and what a closed card is refused it is refused however it was closed.
var together = [][]ledger.Reason{
	{ledger.PasswordNeeded, ledger.PasswordWrong, ledger.PasswordLocked},
	{ledger.CardIsReturned, ledger.CardIsReplaced},
}

// mayAnswer returns the codes of the problems that an operation may answer, by status.
func (o *operation) mayAnswer() map[int][]string {
	all := map[int][]string{}
	for _, f := range o.follow() {
		all[f.status] = append(all[f.status], f.code)
	}
	for status, codes := range seen()[o.id] {
		all[status] = append(all[status], codes...)
	}
	for _, group := range together {
		seen := func(r ledger.Reason) bool { return slices.Contains(all[told[r].status], told[r].code) }
		if slices.ContainsFunc(group, seen) {
			for _, r := range group {
				all[told[r].status] = append(all[told[r].status], told[r].code)
			}
		}
	}
	for status, codes := range all {
		slices.Sort(codes)
		all[status] = slices.Compact(codes)
	}
	return all
}

// tellProblems adds to the document the codes of problems at each operation and status.
func (a *API) tellProblems(doc *huma.OpenAPI) {
	of := map[string]*operation{}
	for _, o := range a.operations {
		of[o.id] = o
	}
	for op := range described(doc) {
		for status, codes := range of[op.OperationID].mayAnswer() {
			op.Responses[strconv.Itoa(status)].Description = http.StatusText(status) + ": " + listedCodes(codes)
		}
	}
}

// listedCodes returns codes as a description lists them.
func listedCodes(codes []string) string { return "`" + strings.Join(codes, "`, `") + "`" }
