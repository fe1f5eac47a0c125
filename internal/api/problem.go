package api

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"golang.org/x/text/language"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// Problem is an answer that says why something was not done, as RFC 9457 has it.
type Problem struct {
	Type   string `json:"type" example:"urn:tongka:problem:short_balance" doc:"urn:tongka:problem: and the code"`
	Title  string `json:"title" example:"Conflict" doc:"What the status means."`
	Status int    `json:"status" example:"409" doc:"The HTTP status."`
	Code   string `json:"code" example:"short_balance" doc:"What happened, for programs. Codes never change."`
	Detail string `json:"detail" doc:"What was wrong and what to do, for people, in English or Chinese by Accept-Language." example:"There is not enough money on the card"` //nolint:lll // a tag
	About  string `json:"about,omitempty" doc:"What it is about: a number, a name, a day, an amount in yuan or a permission."`                                               //nolint:lll // a tag

	Errors    []FieldError `json:"errors,omitempty" doc:"What is wrong with which field."`
	RequestID string       `json:"request_id,omitempty" doc:"As in the header X-Request-Id. The server's log knows it."`
	Quote     *Quote       `json:"quote,omitempty" doc:"With quote_moved: what would happen now."`
	Version   int64        `json:"version,omitempty" doc:"With version_moved: the version now."`
	Changes   []Changed    `json:"changes,omitempty" doc:"With version_moved: what was changed since, as far as that is known."` //nolint:lll // a tag

	wait time.Duration // how long the caller should wait; 0 = that is not known
}

// FieldError says what is wrong with one field of a request.
type FieldError struct {
	Field string `json:"field" example:"body.amount" doc:"body., query., path. or header. and the field's name."`
	Want  string `json:"want" example:"expected number >= 1" doc:"What is wanted there."`
}

// Error is for logs.
func (p *Problem) Error() string { return p.Code }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders returns the headers that belong to it.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.wait > 0 {
		httpd.RetryAfter(h, p.wait)
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="tongka"`)
	}
	return h
}

// ContentType returns the type of its JSON.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problemFor makes the answer of a fault.
func problemFor(f fault, lang ledger.Language, id string) *Problem {
	return &Problem{
		Type: "urn:tongka:problem:" + f.code, Title: titleOf(f.status, lang), Status: f.status, Code: f.code,
		Detail: f.said.in(lang), RequestID: id,
	}
}

// text is what a problem says in both languages.
type text phrase.Text

func (t text) in(lang ledger.Language) string {
	if lang == ledger.Chinese {
		return t.Zh
	}
	return t.En
}

// problem is problemOf where an error is wanted.
func (c *call) problem(err error) error { return c.problemOf(err) }

// problemOf answers an error of the core, the engine or the store.
func (c *call) problemOf(err error) *Problem {
	if own, ok := errors.AsType[*Problem](err); ok {
		return own
	}
	if refusal, ok := errors.AsType[ledger.Refusal](err); ok {
		code := told[refusal.Reason]
		p := problemFor(fault{code.status, code.code, text(phrase.Refusal(refusal))}, c.lang, c.note.ID)
		if said, own := says[refusal.Reason]; own {
			p.Detail = said.in(c.lang)
		}
		p.About = refusal.Detail
		if !refusal.Until.IsZero() {
			p.wait = max(refusal.Until.Sub(c.now), time.Second)
		}
		if refusal.Reason == ledger.BadHolder {
			p.Errors = []FieldError{{c.op.holder + refusal.Detail, p.Detail}}
		}
		if row, one := errors.AsType[command.RowRefusal](err); one {
			if refusal.Reason == ledger.BadAmount { // of a card that it names; that of a bill is of no card
				p.Detail = lastPays.in(c.lang)
			}
			p.Errors = []FieldError{{fieldOf(row.Index), p.Detail}}
		}
		c.note.Outcome = code.code
		c.note.Ended(c.ctx, err, false, code.code)
		return p
	}
	f := failures[engine.FailureOf(err)]
	c.note.Outcome = f.code
	c.note.Ended(c.ctx, err, f.status == http.StatusInternalServerError, f.code)
	p := problemFor(f, c.lang, c.note.ID)
	if f.status == http.StatusServiceUnavailable {
		p.wait = time.Second
	}
	return p
}

// refuse answers a fault of the request itself.
func (c *call) refuse(f fault) error {
	c.note.Outcome = f.code
	return problemFor(f, c.lang, c.note.ID)
}

// denied answers that the key lacks a permission, which is named.
func (c *call) denied(needs ledger.Permission) error {
	c.note.Outcome = faultDenied.code
	p := problemFor(faultDenied, c.lang, c.note.ID)
	p.About = needs.String()
	p.Detail = text{Zh: p.Detail + "：" + p.About, En: p.Detail + ": " + p.About}.in(c.lang)
	return p
}

// refuseField answers that one field of the request is wrong.
func (c *call) refuseField(field, want string) error {
	c.note.Outcome = faultInvalid.code
	p := problemFor(faultInvalid, c.lang, c.note.ID)
	p.Errors = []FieldError{{field, wantOf(want, c.lang)}}
	return p
}

func init() {
	huma.NewError = func(status int, _ string, _ ...error) huma.StatusError { return &Problem{Status: status} }
	huma.NewErrorWithContext = invalid
}

// invalid answers what the description of an operation does not allow. Values that were sent are not sent back: one of
// them may be a password.
func invalid(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
	f, known := invalids[status]
	if !known {
		f = unread(errors.Join(errs...))
	}
	note := httpd.NoteOf(ctx.Context())
	note.Outcome = f.code
	lang := languageOf(ctx.Header("Accept-Language"))
	p := problemFor(f, lang, note.ID)
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok {
			p.Errors = append(p.Errors, fieldError(d.ErrorDetail(), lang))
		}
	}
	if f.status >= http.StatusInternalServerError {
		note.Err, p.Errors = errors.Join(errs...), nil
	}
	return p
}

// lacks matches what is said of an object without a property that it must have.
var lacks = ofEnglish(validation.MsgExpectedRequiredProperty, "").english

// fieldError says what is wrong with a field. One that is missing is told by its own name, not by what it is missing
// in.
func fieldError(d *huma.ErrorDetail, lang ledger.Language) FieldError {
	field := d.Location
	if missing := lacks.FindStringSubmatch(d.Message); missing != nil {
		field += "." + missing[1]
	}
	return FieldError{field, wantOf(d.Message, lang)}
}

// unread says why a body could not be read.
func unread(err error) fault {
	_, large := errors.AsType[*http.MaxBytesError](err)
	switch {
	case large:
		return invalids[http.StatusRequestEntityTooLarge]
	case errors.Is(err, httpd.ErrBusy):
		return failures[engine.Busy]
	case errors.Is(err, io.ErrUnexpectedEOF):
		return invalids[http.StatusBadRequest]
	}
	return failures[engine.Failed]
}

var languages = language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese})

// languageOf returns in which language a caller is answered: English, unless Chinese is asked for.
func languageOf(accepted string) ledger.Language {
	if accepted == "" {
		return ledger.English
	}
	if _, i := language.MatchStrings(languages, accepted); i == 1 {
		return ledger.Chinese
	}
	return ledger.English
}

// slowDown answers a caller who calls too often.
func (c *call) slowDown(wait time.Duration) error {
	err := c.refuseFor(faultRate, wait)
	c.note.Outcome = httpd.OutRate // as the log of the wires calls it
	return err
}

// refuseFor answers a fault of the moment, which may be gone after so long.
func (c *call) refuseFor(f fault, wait time.Duration) error {
	c.note.Outcome = f.code
	p := problemFor(f, c.lang, c.note.ID)
	p.wait = wait
	return p
}

// bearer returns the key in an Authorization header; "" if there is none.
func bearer(header string) string {
	const scheme = "bearer "
	if len(header) <= len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return ""
	}
	return strings.TrimSpace(header[len(scheme):])
}
