package api

import (
	"cmp"
	"maps"
	"slices"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// ownFaults are the faults of requests that are no reason of the core, no failure and no fault of a body.
var ownFaults = []fault{
	faultUnknown, faultNoToken, faultDenied, faultMerchant, faultShop, faultNowhere, faultMethod, faultNoKey,
	faultRate, faultStreams, faultNoMatch, faultMoved, faultSpare, faultStopped, faultAhead, faultQuote,
	faultTwice, faultNoFile, faultJob, faultJobs, faultAgain,
}

// faults returns every way in which a request fails, by status and then by code.
func faults() []fault {
	all := slices.Concat(ownFaults, slices.Collect(maps.Values(invalids)), slices.Collect(maps.Values(failures)))
	for reason, c := range told {
		all = append(all, fault{c.status, c.code, text(phrase.Refusal(ledger.Refusal{Reason: reason}))})
	}
	slices.SortStableFunc(all, func(a, b fault) int {
		return cmp.Or(cmp.Compare(a.status, b.status), cmp.Compare(a.code, b.code))
	})
	return all
}
