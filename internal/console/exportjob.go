package console

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"tongka/internal/cardfile"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// Running is a job that is worked on, as internal/job has it.
type Running interface {
	Of(total int64)
	Step(n int64)
	Put(f ledger.JobFile) error
}

// CardExports does what jobs of cardfile.JobExport ask for. It needs no pages, so a process without them does it too.
type CardExports struct {
	Books interface {
		engine.Loader
		Cards(ctx context.Context, q ledger.CardsQuery) (ledger.CardsPage, error)
	}
	Clock func() time.Time
}

// Make writes the cards page by page, each as it is when it is read, and keeps the file for whoever asked. A file that
// is too large to be kept is refused by Put, in words for people.
func (x CardExports) Make(ctx context.Context, j *ledger.Job, run Running) (result any, err error) {
	var export cardfile.Export
	if err := json.Unmarshal([]byte(j.Ask), &export); err != nil {
		return nil, err
	}
	found, err := x.Books.Load(ctx, command.Want{Merchant: j.Merchant, Keys: command.Keys{Head: true}})
	if err != nil {
		return nil, err
	}
	m := found[0].Merchant
	if m == nil {
		return nil, fmt.Errorf("there is no merchant %d", j.Merchant)
	}
	if export.Filter.All() { // of the cards that a filter chooses nobody knows how many there are
		run.Of(int64(found[0].Head.LastCard))
	}
	var content bytes.Buffer
	file, err := exportFile(&export, &content, &view{lang: lang(export.Lang), merchant: m, now: x.Clock()})
	if err != nil {
		return nil, err
	}
	done, err := x.all(ctx, j.Merchant, &export, func(cards []ledger.Card) (full bool, err error) {
		run.Step(int64(len(cards)))
		err = file.write(cards)
		return content.Len() > ledger.MaxJobFile, err
	})
	if closed := file.sheet.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	return done, run.Put(ledger.JobFile{
		Name: cardfile.ExportFile(export.Format), Type: export.Format.ContentType(), Content: content.Bytes(),
	})
}

// all reads all cards that an export chooses, until each says that it has had enough.
func (x CardExports) all(
	ctx context.Context, merchant ledger.MerchantID, export *cardfile.Export, each func([]ledger.Card) (bool, error),
) (done cardfile.Exported, err error) {
	for next, full := "", false; ; {
		page, err := x.Books.Cards(ctx, ledger.CardsQuery{
			Merchant: merchant, After: next, Limit: exportPage, Filter: export.Filter,
		})
		if err != nil {
			return done, err
		}
		if full, err = each(page.Cards); err != nil {
			return done, err
		}
		done.Cards += int64(len(page.Cards))
		if next = page.Next; next == "" || full {
			return done, nil
		}
	}
}
