package ledger

import (
	"encoding/json"
	"fmt"
	"time"
)

// Exchange is a request of a till with its answer, as those who connect tills look at it: decoded, and without secrets
// and personal data. It is no part of the books, and is kept for some days.
type Exchange struct {
	Merchant MerchantID
	At       time.Time
	ID       string  // of the request, as the log and the answer's X-Request-Id have it
	Agent    AgentID // whose it was; of a request whose sender was not proved, whose it claimed to be; 0 = nobody's
	Shop     ShopID
	Dialect  string // from the fixed list of the log, as endpoint and outcome are
	Endpoint string
	Outcome  string
	Reason   string // the core's reason for a refusal, as ReasonNames has it; "" if there is none
	Mark     ExchangeMark
	Status   int // of HTTP
	Took     time.Duration
	Card     string // the number that was named; "" = none, or something that is none
	Told     string // all the rest: an ExchangeTold
}

// MaskedText stands for a secret in an ExchangeTold.
const MaskedText = "******"

// ExchangeTold is what was sent and answered, with secrets and personal data masked.
type ExchangeTold struct {
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Query  []TextPair  `json:"query,omitempty"`
	Header []TextPair  `json:"header,omitempty"` // those that the wires know; of others the name alone
	Form   []TextPair  `json:"form,omitempty"`
	Body   string      `json:"body,omitempty"` // JSON, as far as it was kept
	Answer string      `json:"answer,omitempty"`
	Cut    ExchangeCut `json:"cut,omitzero"`
	Signed string      `json:"signed,omitempty"` // what the server signed, where the signature was another
	Sign   string      `json:"sign,omitempty"`   // the signature that came instead
	Tried  bool        `json:"tried,omitempty"`  // no till sent it: somebody tried it on a page of this server
}

// ExchangeCut says what was sent or answered and is not kept, in bytes of the whole; 0 = all is.
type ExchangeCut struct {
	Body   int64 `json:"body,omitempty"`
	Answer int64 `json:"answer,omitempty"`
}

// TextPair is a name with its value.
type TextPair struct {
	Name  string `json:"n"`
	Value string `json:"v,omitempty"`
}

// Text returns it as exchanges keep it.
func (t ExchangeTold) Text() (string, error) {
	b, err := json.Marshal(t)
	return string(b), err
}

// ParseTold reads what Text wrote.
func ParseTold(text string) (t ExchangeTold, err error) {
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return t, fmt.Errorf("exchange: %w", err)
	}
	return t, nil
}

// ExchangeMark says why somebody should look at an exchange.
type ExchangeMark int

// Marks of exchanges.
const (
	ExchangeFine ExchangeMark = iota
	ExchangeSlow
	ExchangeFailed
)

// ExchangeQuery asks for the exchanges of a merchant, the newest first. What is zero does not count.
type ExchangeQuery struct {
	Merchant MerchantID
	Agent    AgentID
	Shop     ShopID
	Endpoint string
	Outcome  string
	Mark     ExchangeMark
	Card     string
	Since    time.Time // not before
	Before   time.Time // before this time, or at it with an id below ID; zero = from the newest on
	ID       string
	Limit    int
}

// SeenExchange asks for the newest exchange of an agent that ended in one way.
type SeenExchange struct {
	Merchant MerchantID
	Agent    AgentID
	Endpoint string
	Outcome  string
	Reason   string
	Before   time.Time // before this time, or at it with an id below ID; zero = from the newest on
	ID       string
}
