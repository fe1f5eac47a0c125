package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tongka/cmd/tongka/internal/cardfile"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

const (
	// chunkRows is how many rows one commit has, and chunkBeside how many beside a server, whose tills wait for
	// it. With other numbers a file imported before is no longer known. With more rows there are fewer commits, and
	// more is in memory that has to be looked through for garbage.
	chunkRows   = 20000
	chunkBeside = 1000
	chunksAhead = 2 // chunks read and waiting at a time
	importScope = "import"
)

// importer opens the cards of a file, chunk by chunk. Each chunk is one command, once under the
// file's SHA-256 and the chunk's number, so an import that was cut short takes up where it was.
type importer struct {
	file     *cardfile.File
	rows     *cardfile.Reader
	merchant *ledger.Merchant
	level    ledger.LevelID
	chunk    int // rows of one commit
	room     int // for the rows of the next chunk: as many as the last one had
	do       doFunc
	refused  *refusedFile
	step     func(rows int)
	report   importReport
}

// importBooks is what an import reads.
type importBooks interface {
	merchants
	Load(ctx context.Context, wants ...command.Want) ([]command.Records, error)
}

// divide says how many rows a commit has: as many as when the file was begun, for else it would not be known
// what was done.
func (i *importer) divide(ctx context.Context, in importBooks, alone bool) error {
	i.chunk = chunkBeside
	if begun, err := i.begun(ctx, in); err != nil || begun {
		return err
	}
	i.chunk = chunkRows
	begun, err := i.begun(ctx, in)
	if err == nil && !begun && !alone {
		i.chunk = chunkBeside
	}
	return err
}

// begun reports whether the first chunk of the file, divided so, was imported.
func (i *importer) begun(ctx context.Context, in importBooks) (bool, error) {
	found, err := in.Load(ctx, command.Want{
		Merchant: i.merchant.ID, Keys: command.Keys{Requests: []ledger.RequestKey{i.key(0)}},
	})
	return err == nil && len(found[0].Requests) > 0, err
}

// key names a chunk of the file.
func (i *importer) key(n int) ledger.RequestKey {
	id := fmt.Sprintf("%s-%d", hex.EncodeToString(i.file.Sum[:]), n)
	if i.chunk == chunkBeside {
		id += "-beside"
	}
	return ledger.RequestKey{Scope: importScope, ID: id}
}

// chunk is some rows on their way through the engine.
type chunk struct {
	rows  []cardfile.Row
	cards []command.NewCard // of the rows without a fault
	at    []int             // which row a card is
	done  chan outcomeOf
}

// outcomeOf is what became of a chunk.
type outcomeOf struct {
	answer chunkAnswer
	replay bool
	err    error
}

// chunkAnswer is kept with the chunk's request, so that a second run reports the same.
type chunkAnswer struct {
	Refused []refusedRow `json:"refused,omitempty"`
}

type refusedRow struct {
	Row    int           `json:"row"` // in the chunk, from 0
	Reason ledger.Reason `json:"reason"`
	Detail string        `json:"detail,omitempty"`
}

// run keeps a few chunks under way: while one is saved the next are read and decided.
func (i *importer) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan *chunk, chunksAhead-1)
	read := make(chan error, 1)
	go func() {
		defer close(queue)
		read <- i.read(ctx, queue)
	}()
	var failed error
	for c := range queue {
		out := <-c.done
		if failed == nil {
			failed = errors.Join(out.err, i.take(c, out))
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

// read reads the chunks and starts each, in the order of the file: of two rows with one number the
// first is opened.
func (i *importer) read(ctx context.Context, queue chan<- *chunk) error {
	turn := make(chan struct{})
	close(turn)
	for n := 0; ; n++ {
		c, err := i.next()
		if err != nil || len(c.rows) == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case queue <- c:
		}
		command, before, begun := i.command(c, n), turn, make(chan struct{})
		turn = begun
		go func() {
			<-before
			c.done <- i.carryOut(ctx, command, func() { close(begun) })
		}()
	}
}

func (i *importer) next() (*chunk, error) {
	c := &chunk{
		rows: make([]cardfile.Row, 0, i.room), cards: make([]command.NewCard, 0, i.room), at: make([]int, 0, i.room),
		done: make(chan outcomeOf, 1),
	}
	for len(c.rows) < i.chunk {
		row, err := i.rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if row.Fault == "" {
			c.cards = append(c.cards, row.Card)
			c.at = append(c.at, len(c.rows))
		}
		c.rows = append(c.rows, row)
	}
	i.room = len(c.rows)
	return c, nil
}

func (i *importer) command(c *chunk, n int) command.Once {
	return command.Once{
		Command:     command.Import{Merchant: i.merchant.ID, By: ledger.Caller{Operator: importScope}, Cards: c.cards},
		Key:         i.key(n),
		Fingerprint: c.fingerprint(i.level),
		Answer: func(ch command.Changes) []byte {
			var a chunkAnswer
			for _, r := range ch.Refused {
				a.Refused = append(a.Refused, refusedRow{c.at[r.Index], r.Refusal.Reason, r.Refusal.Detail})
			}
			answer, err := json.Marshal(a)
			if err != nil {
				panic(fmt.Sprintf("chunk's answer: %v", err)) // it is made of numbers and texts
			}
			return answer
		},
	}
}

// fingerprint covers what the rows say and the level they get otherwise.
func (c *chunk) fingerprint(level ledger.LevelID) (sum [32]byte) {
	hash := sha256.New()
	b := binary.BigEndian.AppendUint64(nil, uint64(level))
	for _, row := range c.rows {
		for _, f := range row.Fields {
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(f))), f...)
		}
		hash.Write(b)
		b = b[:0]
	}
	hash.Sum(sum[:0])
	return sum
}

func (i *importer) carryOut(ctx context.Context, command command.Once, begun func()) outcomeOf {
	changes, err := i.do(ctx, command, begun)
	if err != nil {
		return outcomeOf{err: err}
	}
	request := changes.Replay
	if request == nil {
		request = &changes.Requests[0]
	}
	out := outcomeOf{replay: changes.Replay != nil}
	out.err = json.Unmarshal(request.Answer, &out.answer)
	return out
}

// take counts a chunk that was carried out and writes its refused rows.
func (i *importer) take(c *chunk, out outcomeOf) error {
	if out.err != nil {
		return nil // told by the caller
	}
	reasons := make([]string, len(c.rows))
	for n, row := range c.rows {
		reasons[n] = row.Fault
	}
	for _, r := range out.answer.Refused {
		if r.Reason == ledger.CardTaken {
			i.report.Taken++
		}
		reasons[r.Row] = ledger.Refusal{Reason: r.Reason, Detail: r.Detail}.Error()
	}
	for n, row := range c.rows {
		if reasons[n] == "" {
			i.count(row.Card, out.replay)
			continue
		}
		i.report.Refused++
		if err := i.refused.add(row, reasons[n]); err != nil {
			return err
		}
	}
	i.report.Rows += len(c.rows)
	i.step(len(c.rows))
	return nil
}

func (i *importer) count(card command.NewCard, before bool) {
	if before {
		i.report.Before++
	} else {
		i.report.Opened++
	}
	i.report.Principal += card.Principal
	i.report.Bonus += card.Bonus
	i.report.Points += card.Points
}
