package exchange

import (
	"bytes"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// cardNames are the names under which tills send the number of a card.
var cardNames = []string{"card_id", "cardID", "mbno", "cardno"}

// cardNumber matches what may be the number of a card.
var cardNumber = regexp.MustCompile(`^[0-9A-Za-z_-]{1,40}$`)

// whichOne matches the number by which an action of dc78 says which of several things it does.
var whichOne = regexp.MustCompile(`^[0-9]$`)

// shownHeaders are the headers whose values are kept; of others the name alone is.
var shownHeaders = []string{"Content-Type", "Customerguid", "Idempotency-Key", "User-Agent", "Accept", "Content-Length"}

// taken is a request that waits to be masked and saved.
type taken struct {
	row          ledger.Exchange // without Card and Told
	method, path string
	query        string
	header       http.Header
	body, answer []byte
	cut          ledger.ExchangeCut
	signed, sign string
	tried        bool
}

// takenOf copies what is kept of an exchange; all else is the server's, and used again.
func takenOf(x *httpd.Exchange, row ledger.Exchange) taken {
	t := taken{
		row: row, method: x.Request.Method, path: x.Request.URL.Path, query: x.Request.URL.RawQuery,
		header: x.Request.Header, body: bytes.Clone(x.Body), answer: bytes.Clone(x.Answer),
		signed: x.Note.Signed, sign: x.Note.Sign, tried: x.Note.Tried,
	}
	if int64(len(x.Body)) < x.BodyLen {
		t.cut.Body = x.BodyLen
	}
	if int64(len(x.Answer)) < x.AnswerLen {
		t.cut.Answer = x.AnswerLen
	}
	return t
}

// told decodes and masks what was sent and answered.
func (t *taken) told() (ledger.Exchange, error) {
	row := t.row
	var which []string
	see := func(name, value string) {
		if name == "action" && whichOne.MatchString(value) {
			which = append(which, value)
		}
		if row.Card == "" && slices.Contains(cardNames, name) && cardNumber.MatchString(value) &&
			masked("", value) == value {
			row.Card = ledger.CardNamed(row.Merchant, value).Number
		}
	}
	told := ledger.ExchangeTold{
		Method: printable(t.method), Path: printable(maskedText(cutText(t.path))), Query: pairs(cutText(t.query), see),
		Cut: t.cut, Signed: printable(t.signed), Sign: printable(t.sign), Tried: t.tried,
	}
	for _, name := range slices.Sorted(maps.Keys(t.header)) {
		one := ledger.TextPair{Name: printable(name)}
		if slices.Contains(shownHeaders, name) {
			one.Value = printable(masked("", cutText(strings.Join(t.header[name], ", "))))
		}
		told.Header = append(told.Header, one)
	}
	switch body := trimmed(t.body); {
	case len(body) == 0:
	case !looksJSON(body) && bytes.IndexByte(body, '=') > 0:
		told.Form = pairs(string(body), see)
	default:
		told.Body = maskedJSON(body, see)
	}
	if len(which) == 1 {
		row.Endpoint += "/" + which[0]
	}
	if len(t.answer) > 0 {
		told.Answer = MaskedAnswer(t.answer)
	}
	text, err := told.Text()
	row.Told = text
	return row, err
}

// MaskedAnswer returns an answer as it may be seen: JSON without secrets and phones.
func MaskedAnswer(answer []byte) string {
	return (&masking{see: func(string, string) {}, ours: true}).text(answer)
}

// cutText bounds a text of the caller's choice.
func cutText(text string) string { return text[:min(len(text), httpd.MostKept)] }
