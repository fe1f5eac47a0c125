package api

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// scope keeps the requests of the API apart from those of the dialects. It is one for all operations, so that
// /v1/requests finds a request by its name alone; the operation is part of the fingerprint.
const scope = "api"

// Named are the parts of a request that does something, beside its body.
type Named struct {
	Key string `header:"Idempotency-Key" maxLength:"64" doc:"A name for this request, unique among yours. Sent again with the same content it answers the first answer and does nothing. Those of jobs are not looked for: what is done under the name of a job is done. Required, except with dry_run: given there too, what was done under it already is answered as the first answer." example:"order-4711"` //nolint:lll // a tag
	Dry bool   `query:"dry_run" doc:"true: only say what would happen, and do nothing. What is neither true nor false is refused."`                                                                                                                                                                                                                                                                             //nolint:lll // a tag
}

// Asked is a request that does something.
type Asked[B any] struct {
	Named
	Body B
}

func (a *Asked[B]) content() any { return &a.Body }

// AskedOf is a request that does something to the card of the path.
type AskedOf[B any] struct {
	Named
	Number string `path:"number" minLength:"1" maxLength:"64" doc:"The card's number." example:"6001"`
	Body   B
}

func (a *AskedOf[B]) content() any { return &a.Body }

// Done is the answer to what was done, or would be.
type Done[T any] struct {
	Replayed string `header:"Idempotent-Replayed" doc:"true if it was carried out before: this is its first answer."`
	Body     Sent[T]
}

// Sent is an answer of type T, as the bytes it was first sent as.
type Sent[T any] struct{ raw []byte }

func (s Sent[T]) bytes() []byte { return s.raw }

// Schema describes a T, and the mark that its dry run has.
func (Sent[T]) Schema(r huma.Registry) *huma.Schema {
	ref := r.Schema(reflect.TypeFor[T](), true, "")
	r.SchemaFromRef(ref.Ref).Properties[dryRun] = &huma.Schema{
		Type:        huma.TypeBoolean,
		Description: "true: this is what would happen, and nothing was done. Left out if it was done.",
	}
	return ref
}

// outcome is what an operation has done, and how it is answered: by the function, or by layouts where there are some.
type outcome[T any] struct {
	command  command.Command
	answer   func(*command.Changes) T
	layouts  []command.Layout
	fresh    func() (*Quote, error) // quotes anew what was agreed to; nil = nothing was
	moves    bool                   // what the directory has is changed, and is to be found by the next request
	signsOut ledger.PersonID        // whose browsers are signed out once it is done; 0 = nobody's
	// against is what is wrong with what was asked for, told unless it was done already; nil = nothing is known to be.
	against error
	sets    Secret // what the request sets and nobody may read: another one makes it another request
	// show adds to the first answer what is kept nowhere, so that no other has it; nil = nothing.
	show func(*T)
}

// acts adds an operation that moves value or changes something.
func acts[I any, T any, P interface {
	*I
	content() any
}](a *API, o operation, do func(*call, *I) (outcome[T], error)) {
	o.acts = true
	if o.method == "" {
		o.method = http.MethodPost
	}
	op := a.describe(&o)
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*Done[T], error) {
		c := callOf(ctx)
		done, err := evenIfOvertaken(func() (*Done[T], error) {
			asked, err := do(c, in)
			if err != nil {
				return nil, notDone(err) // it has only looked at what is to be done
			}
			return carryOut(c, P(in).content(), &asked)
		})
		if err != nil {
			return nil, c.problem(err)
		}
		return done, nil
	})
	o.illustrate(&op)
}

// mostOvertaken is how often something is asked for anew that another request was quicker with: each time one of them
// is done, so that is how many may ask at once.
const mostOvertaken = 32

// evenIfOvertaken asks again for what was refused because another request changed something between the look at it and
// the commit. A new thing gets another id then; of what has a version the look now tells what was changed.
func evenIfOvertaken[T any](ask func() (T, error)) (done T, err error) {
	for range mostOvertaken {
		done, err = ask()
		if refusal, refused := errors.AsType[ledger.Refusal](err); !refused || refusal.Reason != ledger.SettingsMoved {
			break
		}
	}
	return done, err
}

// carryOut does what was asked for, once under its name, or only says what would happen.
func carryOut[T any](c *call, content any, o *outcome[T]) (*Done[T], error) {
	if o.against != nil && !c.repeats(o.command.MerchantID()) {
		return nil, o.against
	}
	once := command.Once{
		Command: o.command, Key: c.requestKey(o.command.MerchantID(), c.request),
		Fingerprint: c.fingerprint(content, o.sets),
		Answer:      func(ch command.Changes) []byte { return o.write(&ch) },
		Layouts:     o.layouts,
	}
	if c.dry {
		return wouldDo(c, &once, o)
	}
	ch, err := c.cfg.Doer.Do(c.ctx, once)
	if err != nil {
		return nil, c.moved(err, o.fresh)
	}
	c.note.Err = c.follow(o.signsOut, o.moves && ch.Replay == nil)
	if ch.Replay != nil {
		c.note.Outcome = "replayed"
		return &Done[T]{"true", Sent[T]{ch.Replay.Answer}}, nil
	}
	if o.show != nil {
		first := o.answer(&ch)
		o.show(&first)
		return &Done[T]{Body: Sent[T]{mustMarshal(first)}}, nil
	}
	return &Done[T]{Body: Sent[T]{ch.Requests[0].Answer}}, nil
}

// follow does what follows what was done: signs somebody out, and has the directory see what was changed. What fails of
// it is for the log: the caller must be answered what was done, as a secret that was made is told nobody else. The
// directory looks again by itself, and a request that is sent again signs out again.
func (c *call) follow(signsOut ledger.PersonID, moves bool) (err error) {
	if signsOut != 0 {
		err = c.cfg.Books.EndSessions(c.ctx, signsOut, [32]byte{})
	}
	if moves {
		err = errors.Join(err, c.cfg.Directory.Refresh(c.ctx))
	}
	return err
}

// wouldDo answers what a request would do, marked as what was not done. If it was done already under its name, it would
// do nothing: it is answered its first answer.
func wouldDo[T any](c *call, once *command.Once, o *outcome[T]) (*Done[T], error) {
	cmd := command.Command(*once)
	if c.request == "" {
		cmd = o.command
	}
	ch, err := engine.Quote(c.ctx, c.cfg.Books, cmd, c.cfg.Clock())
	if err == nil {
		err = ch.Denied
	}
	if err != nil {
		return nil, notDone(err)
	}
	if ch.Replay != nil {
		return &Done[T]{"true", Sent[T]{ch.Replay.Answer}}, nil
	}
	marked := bytes.Replace(o.write(&ch), []byte("{"), []byte(`{"dry_run":true,`), 1)
	return &Done[T]{Body: Sent[T]{marked}}, nil
}

// repeats reports whether a request has a name, and was carried out under it at a merchant, or the host. If that cannot
// be found out it counts as done: carrying it out will say.
func (c *call) repeats(at ledger.MerchantID) bool {
	if c.request == "" {
		return false
	}
	_, err := c.recall(at, c.request)
	refusal, refused := errors.AsType[ledger.Refusal](err)
	return !refused || refusal.Reason != ledger.RequestUnknown
}

// recall returns what became of a request of the same key.
func (c *call) recall(at ledger.MerchantID, request string) (command.Changes, error) {
	return engine.Quote(c.ctx, c.cfg.Books, command.Recall{
		Merchant: at, Key: c.requestKey(at, request), Layouts: receipts,
	}, c.cfg.Clock())
}

// requestKey returns the key of a request. What is done in the host's journal is kept there apart by merchant, since an
// agent of several merchants names its requests at each by itself.
func (c *call) requestKey(at ledger.MerchantID, request string) ledger.RequestKey {
	key := ledger.RequestKey{Agent: c.agent.ID, Scope: scope, ID: request}
	if at == ledger.HostID {
		key.Scope = fmt.Sprintf("%s/%d", scope, c.merchant.ID)
	}
	return key
}

// write makes the answer to what was done.
func (o *outcome[T]) write(ch *command.Changes) []byte {
	if len(o.layouts) > 0 && len(ch.Entries) > 0 {
		return o.layouts[0].Answer(*ch)
	}
	return mustMarshal(o.answer(ch))
}

// moved adds to a refusal what would happen now, where something else was agreed to.
func (c *call) moved(err error, fresh func() (*Quote, error)) error {
	refusal, refused := errors.AsType[ledger.Refusal](err)
	if !refused || refusal.Reason != ledger.QuoteMoved || fresh == nil {
		return err
	}
	now, failed := fresh()
	if failed != nil {
		return notDone(failed) // it cannot be done at all any more, or that cannot be found out
	}
	p := c.problemOf(err)
	p.Quote = now
	return p
}

// fingerprint returns the SHA-256 of what was asked: the operation, the path and the content of the body as it was
// understood. Secrets in it write themselves as stars: whoever has the fingerprint could find out which of few
// passwords it is. One that proves something is no part of what was asked for, and one that is to be kept is, by its
// digest under a key of ours.
func (c *call) fingerprint(content any, sets Secret) [32]byte {
	b := append([]byte(c.op.id), 0)
	b = append(append(b, c.path...), 0)
	b = append(b, mustMarshal(content)...)
	if sets != "" {
		key := c.cfg.Subkey("api secrets 1")
		mac := hmac.New(sha256.New, key[:])
		mac.Write([]byte(sets))
		b = mac.Sum(b)
	}
	return sha256.Sum256(b)
}

// notDone is the error of what changes nothing, so that nothing is left open.
func notDone(err error) error {
	if own, ok := errors.AsType[*Problem](err); ok {
		return own
	}
	return engine.OfRead(err)
}

// Secret is a text that is written nowhere.
type Secret string

// MarshalJSON writes stars in place of the text, and nothing of an empty one.
func (s Secret) MarshalJSON() ([]byte, error) {
	if s == "" {
		return []byte(`""`), nil
	}
	return []byte(`"***"`), nil
}
