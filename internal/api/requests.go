package api

import (
	"encoding/json"
	"errors"

	"github.com/danielgtaylor/huma/v2"

	"tongka/internal/cardfile"
	"tongka/internal/codes"
	"tongka/internal/ledger"
)

// OfRequest names a request.
type OfRequest struct {
	ID string `path:"id" minLength:"1" maxLength:"64" doc:"Its Idempotency-Key." example:"order-4711"`
}

// Request is what became of a request.
type Request struct {
	ID string `json:"id" doc:"Its Idempotency-Key."`
	// Operation is told by what the request made, as no more is kept of what it asked for than a fingerprint.
	Operation string `json:"operation,omitempty" doc:"The operation that it was for, by its operationId; left out where that is not told by what it made: several operations change the same thing." example:"recharge"` //nolint:lll // a tag
	Entry     int64  `json:"entry,omitempty" doc:"The last entry that it made; left out if it made none."`
	Answer    Kept   `json:"answer" doc:"The answer that it got. Of one that asked for a job, the job as it is now, without its result."` //nolint:lll // a tag
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
	done, err := c.carriedOut(id)
	switch {
	case err != nil:
		return Request{}, err
	case done == nil:
		return c.jobAsked(id)
	}
	return Request{
		ID: id, Operation: operationOf(done.Answer), Entry: int64(done.Entry), Answer: Kept{done.Answer},
	}, nil
}

// carriedOut returns what was done under a name by the same key, at the merchant or in the host's journal; nil if
// nothing was.
func (c *call) carriedOut(id string) (*ledger.Request, error) {
	for _, at := range []ledger.MerchantID{c.merchant.ID, ledger.HostID} {
		ch, err := c.recall(at, id)
		if refusal, refused := errors.AsType[ledger.Refusal](err); refused && refusal.Reason == ledger.RequestUnknown {
			continue
		}
		return ch.Replay, err
	}
	return nil, nil //nolint:nilnil // nothing was done
}

// operationOf returns the operation that a request was for, by the receipt it was answered with; "" if that does not
// tell.
func operationOf(answer []byte) string {
	var receipt struct {
		Entry struct {
			Kind     Kind   `json:"kind"`
			Released string `json:"released"`
		} `json:"entry"`
	}
	if json.Unmarshal(answer, &receipt) != nil {
		return ""
	}
	kind := kinds.from[string(receipt.Entry.Kind)]
	if kind == ledger.Consumed && receipt.Entry.Released == ledger.ByCapture.String() {
		return "captureHold"
	}
	return onlyMakes[kind]
}

// onlyMakes are the operations that are alone in what they make.
var onlyMakes = map[ledger.Kind]string{
	ledger.Opened: "openCard", ledger.CardReturned: "returnCard", ledger.CardReplaced: "replaceCard",
	ledger.ReportedLost: "reportLost", ledger.LossCancelled: "cancelLoss", ledger.CardStopped: "stopCard",
	ledger.CardResumed: "resumeCard", ledger.LevelChanged: "changeLevel", ledger.HolderModified: "changeHolder",
	ledger.MergedOut: "mergeCard", ledger.MergedIn: "mergeCard", ledger.Renewed: "renewCard",
	ledger.RenewalReversed: "reverseRenewal", ledger.Recharged: "recharge", ledger.RechargeReversed: "reverseRecharge",
	ledger.Consumed: "consume", ledger.ConsumeRefunded: "refund", ledger.TransferredOut: "transfer",
	ledger.TransferredIn: "transfer", ledger.Withdrawn: "withdraw", ledger.BonusGiven: "giveBonus",
	ledger.AccountCharged: "charge", ledger.ChargeRefunded: "refundCharge", ledger.Invoiced: "invoice",
	ledger.InvoiceReversed: "reverseInvoice", ledger.PointsUsed: "usePoints", ledger.PointsAdjusted: "adjustPoints",
	ledger.AmountHeld: "placeHold", ledger.HoldReleased: "releaseHold", ledger.CouponSent: "sendCoupons",
	ledger.CouponVoided: "voidCoupon",
}

// asksFor are the operations that ask for jobs, by their kind.
var asksFor = map[string]string{
	cardfile.JobExport: "exportCards", cardfile.JobCheck: "tryImport", cardfile.JobImport: "commitImport",
	cardfile.JobUndo: "undoImport", cardfile.JobUndoCheck: "undoImport", codes.JobSeries: "issueSeries",
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
			return Request{ID: request, Operation: asksFor[j.Kind], Answer: Kept{answer}}, err
		}
	}
	return Request{}, ledger.Refuse(ledger.RequestUnknown)
}

// jobBriefly returns a job as the answer to a request of this API has it, without its result.
func (c *call) jobBriefly(j *ledger.Job) (json.RawMessage, error) {
	switch j.Kind {
	case cardfile.JobExport:
		out, err := exportOf(j)
		return mustMarshal(out), err
	case codes.JobSeries:
		out, err := seriesOf(j)
		return mustMarshal(out), err
	}
	out, err := c.importBriefly(j)
	return mustMarshal(out), err
}
