package httpd

import (
	"net/http"
	"sync"
	"time"
)

// MostKept is how many bytes of a body, and of an answer, an Exchange has at most.
const MostKept = 4 << 10

// Exchange is a request with its answer as both were on the wire. It is full of secrets: whoever gets it masks them
// before anything is kept. Body and Answer are used for other requests afterwards.
type Exchange struct {
	Note         *Note
	Request      *http.Request // its body has been read
	At           time.Time
	Took         time.Duration
	Status       int
	Body, Answer []byte // their first bytes
	BodyLen      int64  // of what was read of the body
	AnswerLen    int64
}

// copies are the first bytes of a body and of an answer.
type copies struct{ body, answer []byte }

// idle are copies that no request uses.
var idle = sync.Pool{New: func() any { return new(copies) }}

// copied appends bytes to those that are kept already, up to MostKept.
func copied(kept, more []byte) []byte {
	return append(kept, more[:min(len(more), MostKept-len(kept))]...)
}

// keeper takes the copies of one request, if its handler says that they may be kept.
type keeper struct {
	note *Note
	*copies
}

// newKeeper returns nil if nobody keeps anything.
func newKeeper(cfg *Config, note *Note) *keeper {
	if cfg.Keep == nil {
		return nil
	}
	return &keeper{note: note}
}

// may reports whether bytes are copied, and finds room for them.
func (k *keeper) may() bool {
	if k == nil || !k.note.Keep {
		return false
	}
	if k.copies == nil {
		k.copies = idle.Get().(*copies)
		k.body, k.answer = k.body[:0], k.answer[:0]
	}
	return true
}

func (k *keeper) read(p []byte) {
	if k.may() {
		k.body = copied(k.body, p)
	}
}

func (k *keeper) sent(p []byte) {
	if k.may() {
		k.answer = copied(k.answer, p)
	}
}

// end hands the exchange over, and gives the room back.
func (k *keeper) end(keep func(Exchange), x Exchange) {
	if !k.may() {
		return
	}
	x.Note, x.Body, x.Answer = k.note, k.body, k.answer
	keep(x)
	idle.Put(k.copies)
}
