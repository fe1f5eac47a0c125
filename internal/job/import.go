package job

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tongka/internal/cardfile"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

const (
	// chunkBeside is the number of rows of a command beside tills: few enough that a till can wait for one. While no
	// till is at work the engine saves many of them together. chunkAlone is the number where no other process can be
	// at work, as larger commands are cheaper. If either number changes, a file that was begun with the old one is no
	// longer recognised, and its cards are reported as existing already.
	chunkBeside = 25
	chunkAlone  = 4000
	chunkTried  = 500 // where nothing is saved
	// rowsAhead bounds the rows under way at a time, so that the next are decided while some are saved.
	rowsAhead   = 40_000
	importScope = "import"
)

// Import opens the cards of a file, chunk by chunk. Each chunk is one command with a request id made of the file's
// SHA-256, how the chunk's rows are read, and its number, so an import that was cut short goes on where it was. If
// the file was changed since, or is read in another way, all rows are decided again: those whose card exists
// already are refused, so nothing is opened twice.
type Import struct {
	File     *cardfile.File
	Rows     *cardfile.Reader // of File
	Merchant *ledger.Merchant
	Level    ledger.LevelID // of rows that name none; part of what makes an import the same
	By       ledger.Caller  // who asks for it; without an operator it is the import itself
	Name     string         // keeps what is done under it apart from what is done under another
	Do       Starter
	// Each is called with each row, in file order, and why it was refused; the zero Reason if it was not. May be nil.
	Each  func(row cardfile.Row, why cardfile.Reason) error
	Step  func(rows int) // called with the number of rows just done; may be nil
	Chunk int            // rows of one command; 0 = chunkBeside
	// Started are the commands that were to open cards, in the order of the file. It is valid after Run; after an error
	// some of them may not have been carried out.
	Started []cardfile.Chunk

	zeros  *zeros // nil = numbers that differ in leading zeros only are cards of their own
	room   int    // capacity for the next chunk: the number of rows of the last one
	report cardfile.Report
}

// Requests loads records of merchants, such as the requests that were carried out.
type Requests interface {
	Load(ctx context.Context, wants ...command.Want) ([]command.Records, error)
}

// Divide sets Chunk: to the number with which an earlier run began the file, since otherwise what that run did
// would not be recognised, or else to the number that fits. alone says that nobody else can work on the books
// during the import.
func (i *Import) Divide(ctx context.Context, in Requests, alone bool) error {
	sizes := []int{chunkAlone, chunkBeside}
	for _, i.Chunk = range sizes {
		key, err := i.firstKey()
		if err != nil {
			return err
		}
		first := command.Keys{Requests: []ledger.RequestKey{key}}
		found, err := in.Load(ctx, command.Want{Merchant: i.Merchant.ID, Keys: first})
		if err != nil || len(found[0].Requests) > 0 {
			return err
		}
	}
	if alone {
		i.Chunk = chunkAlone
	}
	return nil
}

// Run imports the file. The report is valid after an error too: it has what was done until then, and another run
// goes on from there.
func (i *Import) Run(ctx context.Context) (cardfile.Report, error) {
	if i.Chunk == 0 {
		i.Chunk = chunkBeside
	}
	err := i.run(ctx)
	return i.report, err
}

// firstKey returns the key of the first chunk, for the current Chunk. It reads these rows with a reader of its own,
// so Run still begins with the first row.
func (i *Import) firstKey() (ledger.RequestKey, error) {
	rows, err := i.Rows.Anew()
	if err != nil {
		return ledger.RequestKey{}, err
	}
	first := &Import{Rows: rows, Chunk: i.Chunk}
	c, err := first.next()
	if err != nil {
		return ledger.RequestKey{}, err
	}
	return i.key(0, i.fingerprint(c)), nil
}

// key returns the request key of chunk n, from 0.
func (i *Import) key(n int, content [32]byte) ledger.RequestKey {
	id := fmt.Sprintf("%x-%x-%d-%d", i.File.Sum, content[:8], i.Chunk, n)
	if i.Name != "" {
		id = i.Name + "-" + id
	}
	return ledger.RequestKey{Scope: importScope, ID: id}
}

// chunk is a number of rows that become one command.
type chunk struct {
	rows  []cardfile.Row
	cards []command.NewCard // of the rows without a fault
	at    []int             // the row of each card
	alike [][]string        // of each card, if the import refuses what is alike
	wait  func() (command.Changes, error)
}

// outcomeOf is the outcome of a chunk; replay is true if an earlier run carried it out.
type outcomeOf struct {
	answer chunkAnswer
	replay bool
}

// chunkAnswer is stored with the chunk's request, so that a second run reports the same.
type chunkAnswer struct {
	Refused []refusedRow `json:"refused,omitempty"`
}

type refusedRow struct {
	Row    int           `json:"row"` // in the chunk, from 0
	Reason ledger.Reason `json:"reason"`
	Detail string        `json:"detail,omitempty"`
}

// run keeps several chunks under way: while one is saved the next are read and decided. After a failure it starts
// no more, but waits for those already started.
func (i *Import) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan *chunk, max(1, rowsAhead/i.Chunk))
	read := make(chan error, 1)
	go func() {
		defer close(queue)
		read <- i.read(ctx, queue)
	}()
	var failed error
	for c := range queue {
		out, err := c.outcome()
		if failed == nil {
			if failed = err; failed == nil {
				failed = i.take(c, out)
			}
		}
		if failed != nil {
			cancel()
		}
	}
	if err := <-read; failed == nil {
		failed = err
	}
	return failed
}

// read reads the chunks and starts each, in the order of the file, so that of two rows with the same number the
// first is opened.
func (i *Import) read(ctx context.Context, queue chan<- *chunk) error {
	for n := 0; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		c, err := i.next()
		if err != nil || len(c.rows) == 0 {
			return err
		}
		cmd := i.command(c, n)
		c.wait = i.Do.Start(ctx, cmd)
		if len(c.cards) > 0 {
			i.Started = append(i.Started, cardfile.Chunk{Request: cmd.Key.ID, Cards: len(c.cards)})
		}
		queue <- c // what was started is waited for
	}
}

func (i *Import) next() (*chunk, error) {
	c := &chunk{
		rows: make([]cardfile.Row, 0, i.room), cards: make([]command.NewCard, 0, i.room), at: make([]int, 0, i.room),
	}
	for len(c.rows) < i.Chunk {
		row, err := i.Rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if row.Fault == (cardfile.Reason{}) {
			c.cards = append(c.cards, row.Card)
			c.at = append(c.at, len(c.rows))
			if i.zeros != nil {
				c.alike = append(c.alike, i.zeros.alike(row.Card.Number))
			}
		}
		c.rows = append(c.rows, row)
	}
	i.room = len(c.rows)
	return c, nil
}

// by returns who the import is done by.
func (i *Import) by() ledger.Caller {
	by := i.By
	by.Operator = cmp.Or(by.Operator, importScope)
	return by
}

func (i *Import) command(c *chunk, n int) command.Once {
	content := i.fingerprint(c)
	for at := range c.cards {
		drawNumbers(c.cards[at].Coupons)
	}
	return command.Once{
		Command: command.Import{
			Merchant: i.Merchant.ID, By: i.by(), Cards: c.cards, Alike: c.alike,
		},
		Key:         i.key(n, content),
		Fingerprint: content,
		Answer:      func(ch command.Changes) []byte { return answerChunk(ch, func(i int) int { return c.at[i] }) },
	}
}

// drawNumbers gives coupons numbers. A repeated command that was carried out before does nothing, so they need not be
// the same.
func drawNumbers(all []command.BroughtCoupons) {
	for _, c := range all {
		for i := range c.Numbers {
			number, err := codes.NewCoupon(rand.Reader)
			if err != nil {
				panic(fmt.Sprintf("draw a coupon: %v", err)) // cannot happen: see crypto/rand
			}
			c.Numbers[i] = number
		}
	}
}

// answerChunk returns what is kept of a command that opened cards. row returns the row of a card.
func answerChunk(ch command.Changes, row func(card int) int) []byte {
	var a chunkAnswer
	for _, r := range ch.Refused {
		a.Refused = append(a.Refused, refusedRow{row(r.Index), r.Refusal.Reason, r.Refusal.Detail})
	}
	answer, err := json.Marshal(a)
	if err != nil {
		panic(fmt.Sprintf("chunk's answer: %v", err)) // cannot happen: numbers and strings always encode
	}
	return answer
}

// fingerprint returns a hash of all that decides which cards a chunk opens: the rows' fields, which rows can be
// read, at which level and with which coupons, which columns the headers were taken for, the level of rows that name
// none, and whether numbers that differ in leading zeros only are cards of their own. It leaves out the day of the
// import, so that a run on a later day is recognised.
func (i *Import) fingerprint(c *chunk) (sum [32]byte) {
	hash := sha256.New()
	b := binary.BigEndian.AppendUint64(nil, uint64(i.Level))
	if i.zeros == nil {
		b = append(b, "zeros differ"...)
	}
	for _, f := range i.Rows.Used {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(f))), f...)
	}
	for _, row := range c.rows {
		of := row.Card.Level
		if row.Fault != (cardfile.Reason{}) {
			of = -1
		}
		b = binary.BigEndian.AppendUint64(b, uint64(of)) //nolint:gosec // only hashed, so the sign does not matter
		for _, f := range row.Fields {
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(f))), f...)
		}
		for _, coupons := range row.Card.Coupons {
			b = append(b, fmt.Sprint("coupons ", coupons.Kind, len(coupons.Numbers))...)
		}
		hash.Write(b)
		b = b[:0]
	}
	hash.Sum(sum[:0])
	return sum
}

// outcome waits until the chunk was carried out, and returns its outcome.
func (c *chunk) outcome() (out outcomeOf, err error) {
	changes, err := c.wait()
	if err != nil {
		return out, fmt.Errorf("%w; run it again to go on from here", err)
	}
	out.replay = changes.Replay != nil
	return out, json.Unmarshal(answerOf(&changes), &out.answer)
}

// answerOf returns the answer of a command that was carried out once, now or before.
func answerOf(changes *command.Changes) []byte {
	if changes.Replay != nil {
		return changes.Replay.Answer
	}
	return changes.Requests[0].Answer
}

// take adds a chunk that was carried out to the report, and calls Each with its rows.
func (i *Import) take(c *chunk, out outcomeOf) error {
	reasons := make([]cardfile.Reason, len(c.rows))
	for n, row := range c.rows {
		reasons[n] = row.Fault
	}
	for _, r := range out.answer.Refused {
		switch r.Reason {
		case ledger.CardTaken:
			i.report.Taken++
		case ledger.CardAlike:
			i.report.Alike++
		}
		reasons[r.Row] = cardfile.RefusedAs(c.rows[r.Row].Card.Number, ledger.Refusal{Reason: r.Reason, Detail: r.Detail})
	}
	for n, row := range c.rows {
		if err := i.tell(row, reasons[n], out.replay); err != nil {
			return err
		}
	}
	i.report.Rows += len(c.rows)
	if i.Step != nil {
		i.Step(len(c.rows))
	}
	return nil
}

// tell counts a row and passes it on, with why it was refused.
func (i *Import) tell(row cardfile.Row, why cardfile.Reason, before bool) error {
	i.report.Whole += row.Card.Principal + row.Card.Bonus
	i.report.WholePoints += row.Card.Points
	if why == (cardfile.Reason{}) {
		i.count(&row, before)
	} else {
		i.report.Refused++
	}
	if i.Each == nil {
		return nil
	}
	return i.Each(row, why)
}

func (i *Import) count(row *cardfile.Row, before bool) {
	card := &row.Card
	if before {
		i.report.Before++
	} else {
		i.report.Opened++
	}
	i.report.Principal += card.Principal
	i.report.Bonus += card.Bonus
	i.report.Points += card.Points
	i.report.Owed += card.Owes
	for _, coupons := range card.Coupons {
		i.report.Coupons += len(coupons.Numbers)
	}
	if row.NoGender {
		i.report.NoGender++
	}
}
