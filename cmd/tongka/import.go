package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"tongka"
	"tongka/cmd/tongka/internal/cardfile"
	"tongka/internal/config"
	"tongka/internal/store"
)

type cardsImport struct {
	config.Database
	listing
	File     string         `arg:"" placeholder:"FILE.csv" help:"A header line with the columns number, level, name, phone, gender, birthday, expires, principal, bonus, points, kind (common, micro or stored-value), extid, openid, in any order; then one card a line. UTF-8 or GB18030."`
	Merchant string         `required:"" placeholder:"ID|GUID" help:"Whose cards."`
	Level    tongka.LevelID `placeholder:"ID" help:"The level of rows that name none."`
	Refused  string         `placeholder:"FILE" help:"Where rows go that were refused, with line and reason; by default FILE.refused.csv beside the file."`
	DryRun   bool           `help:"Say what would be done, but do nothing."`
}

// Run opens the file's cards.
func (c *cardsImport) Run(ctx context.Context, con *console) (err error) {
	letGarbageGather(garbageOfImport)
	file, err := cardfile.Open(c.File)
	if err != nil {
		return err
	}
	job, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer job.close(&err)
	m, err := findMerchant(ctx, job.books, c.Merchant)
	if err != nil {
		return err
	}
	if _, ok := m.Level(c.Level); !ok && c.Level != 0 {
		return fmt.Errorf("level: the merchant has no level %d", c.Level)
	}
	rows, err := file.Reader(cardfile.NewLevels(m, c.Level))
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // it was only read
	refused, err := createRefused(c.refusedPath(), rows.Header)
	if err != nil {
		return err
	}
	bar := newProgress(con, "cards", int64(file.Rows))
	i := &importer{file: file, rows: rows, merchant: m, level: c.Level, do: job.do, refused: refused, step: bar.step}
	err = job.bulk(ctx, int64(file.Rows), func(alone bool) error {
		if err := i.divide(ctx, job.books, alone); err != nil {
			return err
		}
		return i.run(ctx)
	})
	bar.end()
	err = errors.Join(err, refused.close())
	return errors.Join(err, c.summary(con, i, time.Since(bar.began)))
}

func (c *cardsImport) refusedPath() string {
	if c.Refused != "" {
		return c.Refused
	}
	return c.File + ".refused.csv"
}

// doFunc carries out a command, and calls begun when it is its turn.
type doFunc func(ctx context.Context, command tongka.Command, begun func()) (tongka.Changes, error)

// importJob is how an import has its chunks carried out, for good or on trial.
type importJob struct {
	books importBooks
	do    doFunc
	bulk  func(ctx context.Context, cards int64, fn func(alone bool) error) error
	close func(*error)
}

func (c *cardsImport) open(ctx context.Context) (*importJob, error) {
	if c.DryRun {
		s, err := openReader(ctx, c.DB)
		if err != nil {
			return nil, err
		}
		whole := func(_ context.Context, _ int64, fn func(bool) error) error { return fn(true) }
		return &importJob{s, newTrial(s).do, whole, func(err *error) { closeReader(s, err) }}, nil
	}
	s, err := store.Open(ctx, c.DB, store.Options{Beside: true})
	if err != nil {
		return nil, err
	}
	job := &importJob{s, newBulk(s).do, s.Bulk, func(err *error) { closeReader(s, err) }}
	if err := checkClock(ctx, s, time.Now()); err != nil {
		job.close(&err)
		return nil, err
	}
	return job, nil
}

// importReport is what an import did, with control totals.
type importReport struct {
	Rows      int        `json:"rows"`
	Opened    int        `json:"opened"`
	Before    int        `json:"opened_before"` // by an earlier run of the same file
	Refused   int        `json:"refused"`
	Principal tongka.Fen `json:"principal_fen"` // on the cards opened now and before
	Bonus     tongka.Fen `json:"bonus_fen"`
	Points    int64      `json:"points"`
	DryRun    bool       `json:"dry_run,omitempty"`
	Seconds   float64    `json:"seconds"`
}

func (c *cardsImport) summary(con *console, i *importer, took time.Duration) error {
	r := i.report
	r.DryRun, r.Seconds = c.DryRun, took.Seconds()
	if c.JSON {
		return printJSON(con, r)
	}
	type total struct {
		What  string `json:"what"`
		Value string `json:"value"`
	}
	opened := "opened"
	if c.DryRun {
		opened = "would be opened"
	}
	err := print(con, c.listing, []total{
		{"rows", fmt.Sprint(r.Rows)}, {opened, fmt.Sprint(r.Opened)}, {"opened by an earlier run", fmt.Sprint(r.Before)},
		{"refused", fmt.Sprint(r.Refused)}, {"principal", r.Principal.String()}, {"bonus", r.Bonus.String()}, {"points", fmt.Sprint(r.Points)},
		{"seconds", fmt.Sprintf("%.1f", r.Seconds)}, {"rows a second", fmt.Sprintf("%.0f", float64(r.Rows)/max(r.Seconds, 0.001))},
	})
	if r.Refused > 0 {
		fmt.Fprintf(con.out, "Refused rows, with reasons: %s\n", c.refusedPath())
	}
	return err
}

// refusedFile takes the rows that were refused. It is made when there is one.
type refusedFile struct {
	path   string
	header []string
	file   *os.File
	rows   *cardfile.Writer
}

// createRefused clears away what an earlier run left.
func createRefused(path string, header []string) (*refusedFile, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return &refusedFile{path: path, header: header}, nil
}

func (f *refusedFile) add(row cardfile.Row, reason string) (err error) {
	if f.file == nil {
		if f.file, err = os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return err
		}
		if f.rows, err = cardfile.NewWriter(f.file, append(append([]string{}, f.header...), "line", "reason")); err != nil {
			return err
		}
	}
	return f.rows.Refused(len(f.header), row, reason)
}

func (f *refusedFile) close() error {
	if f.file == nil {
		return nil
	}
	return errors.Join(f.rows.Flush(), f.file.Close())
}
