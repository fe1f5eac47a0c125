package job

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

// seriesScope keeps the requests of series apart from others. The id of one is the job's, with the number of its part.
const seriesScope = "series"

// issuing is a series on its way. What is drawn comes out of a seed, so that a job that is begun again draws the same.
type issuing struct {
	codes.Series
	desk     *Desk
	run      *Running
	random   io.Reader
	hashed   string             // the merchant, as passwords are hashed for it
	made     []codes.SeriesCard // a password is in no other place in clear
	outcome  codes.Issued
	commands Starter
}

// series issues a series of cards, and keeps what is to be printed: sealed, if passwords are in it.
func (d *Desk) series(ctx context.Context, r *Running) (any, error) {
	s := &issuing{desk: d, run: r, hashed: strconv.FormatInt(int64(r.Job.Merchant), 10), commands: d.Start()}
	if err := json.Unmarshal([]byte(r.Job.Ask), &s.Series); err != nil {
		return nil, err
	}
	if fault := s.Fault(); fault != 0 {
		return nil, fmt.Errorf("fault %d in %s", fault, r.Job.Ask)
	}
	whole := context.WithoutCancel(ctx) // nobody else knows the passwords of cards that are made
	if err := s.seed(whole); err != nil {
		return nil, err
	}
	r.Of(int64(s.Count))
	for at := 0; at < s.Count; at += chunkBeside {
		if ctx.Err() != nil {
			if begun, err := s.begun(whole, at); err != nil || !begun {
				return s.cut(ctx, err)
			}
		}
		if err := s.part(whole, at, min(chunkBeside, s.Count-at)); err != nil {
			return s.stopped(err)
		}
	}
	return s.done()
}

// stopped ends a series that cannot go on. Where the rules do not allow more cards, what was made until then is done.
// All other failures, like those of a disk, may be over soon: the series is begun again until it comes to its end,
// because it alone knows the passwords of the cards that are made, and whether there are any.
func (s *issuing) stopped(err error) (any, error) {
	refusal, refused := errors.AsType[ledger.Refusal](err)
	switch {
	case !refused:
		return nil, errors.Join(errAgain, err)
	case len(s.made) == 0:
		return nil, Fault{refusal}
	}
	s.outcome.Stopped = int(refusal.Reason)
	return s.done()
}

// cut ends a series that somebody has cancelled: what was made of it until then is done. One that the end of the
// program interrupts is begun again by the next.
func (s *issuing) cut(ctx context.Context, err error) (any, error) {
	if err != nil || len(s.made) == 0 || !errors.Is(context.Cause(ctx), errCancelled) {
		return nil, errors.Join(err, ctx.Err())
	}
	return s.done()
}

// done keeps what was made, and tells how much that is.
func (s *issuing) done() (any, error) {
	s.outcome.Opened, s.outcome.Sealed = len(s.made), s.Passwords
	return s.outcome, s.keep()
}

// begun reports whether a part was carried out by a program that was killed.
func (s *issuing) begun(ctx context.Context, at int) (bool, error) {
	keys := command.Keys{Requests: []ledger.RequestKey{s.key(at)}}
	found, err := s.desk.Books.Load(ctx, command.Want{Merchant: s.run.Job.Merchant, Keys: keys})
	return err == nil && len(found[0].Requests) > 0, err
}

// key returns the request key of the part at a place.
func (s *issuing) key(at int) ledger.RequestKey {
	return ledger.RequestKey{Scope: seriesScope, ID: s.run.Job.ID + "-" + strconv.Itoa(at)}
}

// seed takes the seed that came with the job.
func (s *issuing) seed(ctx context.Context) error {
	f, err := s.run.File(ctx, codes.SeriesSeed)
	if err != nil {
		return err
	}
	plain, err := s.desk.Unseal(s.sealed(), f.Content)
	if err != nil {
		return err
	}
	s.random, err = codes.SeriesRandom(plain)
	return err
}

// sealed says what the files of the job are sealed for.
func (s *issuing) sealed() string { return codes.SeriesContext(int64(s.run.Job.Merchant), s.Name) }

// part opens n cards, from the one at a place on.
func (s *issuing) part(ctx context.Context, at, n int) error {
	cards, drawn := make([]command.NewCard, n), make([]codes.SeriesCard, n)
	content := sha256.New()
	for i := range n {
		one, err := s.Card(at+i, s.random)
		if err != nil {
			return err
		}
		drawn[i] = one
		cards[i] = command.NewCard{Number: one.Number, Kind: ledger.StoredValue, Level: ledger.LevelID(s.Level)}
		if one.Password != "" {
			cards[i].Details.Password = s.desk.HashPassword(s.hashed, one.Password)
		}
		fmt.Fprintln(content, one.Number, s.Level)
	}
	refused, err := s.open(ctx, at, cards, [32]byte(content.Sum(nil)))
	if err != nil {
		return err
	}
	var other error
	for i := range drawn {
		switch reason, is := refused[i]; {
		case !is:
			s.made = append(s.made, drawn[i])
		case reason == ledger.CardTaken:
			s.outcome.Taken = append(s.outcome.Taken, drawn[i].Number)
		default:
			other = ledger.Refuse(reason)
		}
	}
	s.run.Step(int64(n))
	return other
}

// open opens cards, once, and returns which of them were refused.
func (s *issuing) open(
	ctx context.Context, at int, cards []command.NewCard, content [32]byte,
) (map[int]ledger.Reason, error) {
	var refused chunkAnswer
	wait := s.commands.Start(ctx, command.Once{
		Command: command.Import{
			Merchant: s.run.Job.Merchant, By: by(&s.run.Job, ledger.ShopID(s.Shop), s.Operator), Cards: cards,
		},
		Key:         s.key(at),
		Fingerprint: content,
		Answer:      func(ch command.Changes) []byte { return answerChunk(ch, func(i int) int { return i }) },
	})
	changes, err := wait()
	if err != nil {
		return nil, err
	}
	all := map[int]ledger.Reason{}
	err = json.Unmarshal(answerOf(&changes), &refused)
	for _, r := range refused.Refused {
		all[r.Row] = r.Reason
	}
	return all, err
}

// keep writes what is to be printed and keeps it with the job.
func (s *issuing) keep() error {
	var book bytes.Buffer
	if err := s.write(&book); err != nil {
		return err
	}
	f := ledger.JobFile{Name: codes.SeriesFile, Type: sheet.XLSX.ContentType(), Content: book.Bytes()}
	if s.Passwords {
		f = ledger.JobFile{Name: codes.SeriesSealed, Content: s.desk.Seal(s.sealed(), book.Bytes())}
	}
	return s.run.Put(f)
}
