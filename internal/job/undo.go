package job

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"tongka/internal/cardfile"
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

const (
	// undoScope keeps the requests that take an import back apart from others. The id of one is the mark of the request
	// that opened the cards, so whoever asks for it, and however often, it is done once.
	undoScope = "import-undo"
	// entriesRead is how many entries are read at a time of those that a command of an import has made.
	entriesRead = 128
)

// undoing is an import that is taken back, or of which is told what would become of its cards.
type undoing struct {
	cardfile.Undo
	desk *Desk
	run  *Running
	do   Starter
	out  cardfile.Undone
	left sheet.Writer
}

// checkUndo tells which cards of an import would be taken back.
func (d *Desk) checkUndo(ctx context.Context, r *Running) (any, error) {
	return d.takeBack(ctx, r, NewTrial(d.Books, d.Clock))
}

// undo takes back the cards of an import that nobody has used, and keeps a list of the others.
func (d *Desk) undo(ctx context.Context, r *Running) (any, error) {
	return d.takeBack(ctx, r, d.Start())
}

func (d *Desk) takeBack(ctx context.Context, r *Running, do Starter) (any, error) {
	u := &undoing{desk: d, run: r, do: do}
	if err := json.Unmarshal([]byte(r.Job.Ask), &u.Undo); err != nil {
		return nil, err
	}
	f, err := r.File(ctx, cardfile.Brought)
	if err != nil {
		return nil, err
	}
	var chunks []cardfile.Chunk
	if err := json.Unmarshal(f.Content, &chunks); err != nil {
		return nil, err
	}
	all := 0
	for _, c := range chunks {
		all += c.Cards
	}
	r.Of(int64(all))
	var book bytes.Buffer
	if err := u.open(&book); err != nil {
		return nil, err
	}
	err = u.all(ctx, chunks)
	if closed := u.left.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, told(err)
	}
	if u.out.Left == 0 {
		return u.out, nil
	}
	err = r.Put(ledger.JobFile{Name: cardfile.Left, Type: sheet.XLSX.ContentType(), Content: book.Bytes()})
	if err != nil {
		return nil, err
	}
	return u.out, nil
}

// open begins the list of the cards that stay.
func (u *undoing) open(book *bytes.Buffer) (err error) {
	header := []string{"卡号", "原因"}
	if u.English {
		header = []string{"number", "reason"}
	}
	u.left, err = sheet.New(book, sheet.XLSX, header[0], header)
	return err
}

// all takes back what the commands of the import have opened, in the order of its file. One that was not carried out
// before the import was cancelled has opened nothing.
func (u *undoing) all(ctx context.Context, chunks []cardfile.Chunk) error {
	for _, c := range chunks {
		key := ledger.RequestKey{Scope: importScope, ID: c.Request}
		found, err := u.desk.Books.Load(ctx, command.Want{
			Merchant: u.run.Job.Merchant, Keys: command.Keys{Requests: []ledger.RequestKey{key}},
		})
		if err != nil {
			return err
		}
		if asked := found[0].Requests; len(asked) > 0 && asked[0].Entry > 0 {
			if err := u.chunk(ctx, &asked[0]); err != nil {
				return err
			}
		}
		u.run.Step(int64(c.Cards))
	}
	return nil
}

// broughtCard is a card of an import with the entries that have opened it.
type broughtCard struct {
	number  string
	entries []ledger.Entry
}

// chunk takes back the cards that were opened under a request.
func (u *undoing) chunk(ctx context.Context, asked *ledger.Request) error {
	cards, err := u.cardsOf(ctx, asked)
	if err != nil {
		return err
	}
	u.out.Cards += len(cards)
	back := command.ReverseOpenings{Merchant: u.run.Job.Merchant, By: by(&u.run.Job, u.Shop, u.Operator)}
	content := sha256.New()
	for _, card := range cards {
		one := command.BroughtCard{
			Number: card.number, First: card.entries[0].ID, Last: card.entries[len(card.entries)-1].ID,
		}
		back.Cards = append(back.Cards, one)
		fmt.Fprintln(content, one.Number, one.First, one.Last)
	}
	changes, err := u.do.Start(ctx, command.Once{
		Command: back, Key: ledger.RequestKey{Scope: undoScope, ID: strconv.FormatInt(asked.Mark(), 16)},
		Fingerprint: [32]byte(content.Sum(nil)),
		Answer:      func(ch command.Changes) []byte { return answerChunk(ch, func(i int) int { return i }) },
	})()
	if err != nil {
		return err
	}
	return u.tell(cards, &changes)
}

// tell counts the cards of a command, and lists those that stay.
func (u *undoing) tell(cards []broughtCard, changes *command.Changes) error {
	var answer chunkAnswer
	if err := json.Unmarshal(answerOf(changes), &answer); err != nil {
		return err
	}
	why := map[int]cardfile.Reason{}
	for _, r := range answer.Refused {
		why[r.Row] = cardfile.Refused(ledger.Refusal{Reason: r.Reason, Detail: r.Detail})
	}
	for i, card := range cards {
		reason, stays := why[i]
		if !stays {
			u.out.Back(card.entries, changes.Replay != nil)
			continue
		}
		u.out.Stay(cardfile.StayingCard{Card: card.entries[0].Card, Number: card.number, Why: reason})
		said := reason.Chinese
		if u.English {
			said = reason.English
		}
		if err := u.left.Row(sheet.Text(card.number), sheet.Text(said)); err != nil {
			return err
		}
	}
	return nil
}

// cardsOf returns the cards that were opened under a request. Its entries follow each other in the journal, so
// they are read from the last one back to the first that was asked for by another request.
func (u *undoing) cardsOf(ctx context.Context, asked *ledger.Request) (cards []broughtCard, err error) {
	var all []ledger.Entry
	mark := asked.Mark()
	for last := asked.Entry; last > 0; last -= entriesRead {
		var ids []ledger.EntryID
		for id := max(1, last-entriesRead+1); id <= last; id++ {
			ids = append(ids, id)
		}
		found, err := u.desk.Books.Load(ctx, command.Want{
			Merchant: u.run.Job.Merchant, Keys: command.Keys{Entries: ids},
		})
		if err != nil {
			return nil, err
		}
		ours := slices.DeleteFunc(found[0].Entries, func(e ledger.Entry) bool { // some refer to those that were asked for
			return e.Asked != mark || e.ID < ids[0] || e.ID > last
		})
		slices.SortFunc(ours, func(a, b ledger.Entry) int { return cmp.Compare(a.ID, b.ID) })
		ours = slices.CompactFunc(ours, func(a, b ledger.Entry) bool { return a.ID == b.ID })
		all = slices.Concat(ours, all)
		if len(ours) < len(ids) {
			break
		}
	}
	for _, e := range all { // those of a card follow each other too
		if e.Kind == ledger.Opened {
			cards = append(cards, broughtCard{number: e.Number})
		}
		if n := len(cards); n > 0 {
			cards[n-1].entries = append(cards[n-1].entries, e)
		}
	}
	return cards, nil
}
