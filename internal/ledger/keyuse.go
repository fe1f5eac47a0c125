package ledger

import "time"

// KeyUse is the last use of an API key, to within a minute or so. It is in no journal: what was done with a key names
// it.
type KeyUse struct {
	Merchant MerchantID
	Key      AgentID
	At       time.Time
	Address  string // where the request came from
}
