package client

import (
	"errors"
	"fmt"
)

// Codes of member-cjb that a till may want to act on; the wire has more.
const (
	CodeNoCard      = "2"   // card not found
	CodeTaken       = "3"   // card number taken
	CodeShort       = "4"   // not enough money or points
	CodeLicenceOver = "300" // the merchant's licence is over
	CodeInternal    = "500" // failure; open whether it was done
	CodeNotDone     = "503" // the database is not to be had just now; this try did nothing
	CodeOpen        = "504" // no answer in time; open whether it was done
)

// Error is an answer that says no. Code is the wire's own: of member-cjb the errcode, of
// dc78 the status "0". It is "" when something between the till and Tongka answered; Message is the
// HTTP status in words then.
type Error struct {
	Code       string
	Message    string
	HTTPStatus int
}

// Error tells code, message and, unless it is 200, the HTTP status.
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

// Unsure says that it is open whether a change was carried out: the answer was lost, could not be
// read, or told of a failure. Ask again with the same RequestID and the same content, at any time
// later: what was done is not done again, and its first answer comes back. RequestID is "" for the
// dc78 actions that have none: look up what became of them.
type Unsure struct {
	RequestID string
	Err       error
}

// Error tells the request's id and the last thing that went wrong.
func (u Unsure) Error() string {
	return fmt.Sprintf("open whether request %q was done: %v", u.RequestID, u.Err)
}

// Unwrap is the last thing that went wrong.
func (u Unsure) Unwrap() error { return u.Err }

// licenceOver is how dc78, which has no codes, says that the merchant's licence is over.
const licenceOver = "系统过期"

// conclude makes an Unsure of the error a change ended with when the exchange leaves it open. What
// the rules refuse under the same id was not done by an earlier try either; errors that are told
// before the id is looked at (credentials, grant, licence, rate) say nothing of earlier tries.
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
