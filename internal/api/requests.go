package api

import (
	"encoding/json"
	"errors"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/cardfile"
	"tongka/internal/ledger"
)

// OfRequest names a request.
type OfRequest struct {
	ID string `path:"id" minLength:"1" maxLength:"64" doc:"Its Idempotency-Key." example:"order-4711"`
}

// Request is what became of a request.
type Request struct {
	ID     string `json:"id" doc:"Its Idempotency-Key."`
	Entry  int64  `json:"entry,omitempty" doc:"The last entry that it made; left out if it made none."`
	Answer Kept   `json:"answer" doc:"The answer that it got. Of one that asked for a job, the job as it is now, without its result."` //nolint:lll // a tag
}

// Kept is an answer that was kept.
type Kept struct{ json.RawMessage }

// Schema says what all answers are: which one it is, only who asked can know.
func (Kept) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

// getRequest tells what became of a request of the same key, and does nothing. One that was not carried out is not
// found, which does not mean that it never will be: it may be under way.
func getRequest(c *call, in *OfRequest) (Request, error) {
	id := ledger.FoldRequestID(in.ID)
	for _, at := range []ledger.MerchantID{c.merchant.ID, ledger.HostID} {
		ch, err := c.recall(at, id)
		if refusal, refused := errors.AsType[ledger.Refusal](err); refused && refusal.Reason == ledger.RequestUnknown {
			continue
		}
		if err != nil {
			return Request{}, err
		}
		return Request{ID: id, Entry: int64(ch.Replay.Entry), Answer: Kept{ch.Replay.Answer}}, nil
	}
	return c.jobAsked(id)
}

// jobAsked tells of the job that a request has asked for, without its result: that has rows of a file, which an
// operation of its own gives to who may have them.
func (c *call) jobAsked(request string) (Request, error) {
	for _, dry := range []bool{false, true} {
		j, there, err := c.cfg.Jobs.Job(c.ctx, c.merchant.ID, c.jobID(request, dry))
		if err != nil {
			return Request{}, err
		}
		if there {
			answer, err := c.jobBriefly(&j)
			return Request{ID: request, Answer: Kept{answer}}, err
		}
	}
	return Request{}, ledger.Refuse(ledger.RequestUnknown)
}

// jobBriefly returns a job as the answer to a request of this API has it, without its result.
func (c *call) jobBriefly(j *ledger.Job) (json.RawMessage, error) {
	if j.Kind == cardfile.JobExport {
		out, err := exportOf(j)
		return mustMarshal(out), err
	}
	out, err := c.importBriefly(j)
	return mustMarshal(out), err
}
