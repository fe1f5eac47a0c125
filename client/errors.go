package client

import (
	"errors"
	"fmt"
)

// Codes of member-cjb that a till may want to act on; the wire has more.
const (
	CodeNoCard      = "2"   // card not found
	CodeTaken       = "3"   // card number taken
	CodeShort       = "4"   // too little money or too few points
	CodeLicenceOver = "300" // the merchant's licence has ended
	CodeInternal    = "500" // failure; it is not known whether it was done
	CodeNotDone     = "503" // the database is not available now; this try did nothing
	CodeOpen        = "504" // no answer in time; it is not known whether it was done
)

// Error is a negative answer. Code is the wire's own: the errcode of member-cjb, or the status "0" of dc78. It is
// "" if something between the till and Tongka answered; Message is then the text of the HTTP status.
type Error struct {
	Code       string
	Message    string
	HTTPStatus int
}

// Error returns code, message and, unless it is 200, the HTTP status.
func (e Error) Error() string {
	text := e.Message
	if e.Code != "" {
		text = e.Code + " " + text
	}
	if e.HTTPStatus != 200 {
		text = fmt.Sprintf("%s (HTTP %d)", text, e.HTTPStatus)
	}
	return text
}

// Unsure means that it is not known whether a change was carried out: the answer was lost, could not be read, or
// reported a failure. Ask again with the same RequestID and the same content, at any later time: what was carried
// out is not carried out again, and its first answer is returned. RequestID is "" for dc78 actions without one;
// look up what became of those.
type Unsure struct {
	RequestID string
	Err       error
}

// Error returns the request's id and the last error.
func (u Unsure) Error() string {
	return fmt.Sprintf("open whether request %q was done: %v", u.RequestID, u.Err)
}

// Unwrap returns the last error.
func (u Unsure) Unwrap() error { return u.Err }

// licenceOver is the text by which dc78, which has no codes, says that the merchant's licence has ended.
const licenceOver = "系统过期"

// conclude returns the error of a change, as an Unsure if the exchange leaves open what was done. A refusal by
// the rules under the same id proves that no earlier try carried the change out either. An error that the server
// finds before it looks at the id (credentials, grant, licence, rate) proves nothing about earlier tries.
func (r reply) conclude(id string, err error) error {
	if err == nil || !r.open {
		return err
	}
	e, ok := errors.AsType[Error](err)
	if ok && success(e.HTTPStatus) && e.Code != CodeInternal && e.Code != CodeLicenceOver && e.Message != licenceOver {
		return err
	}
	return Unsure{id, err}
}
