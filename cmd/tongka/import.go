package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tongka/cmd/tongka/internal/cardfile"
	"tongka/internal/command"
	"tongka/internal/config"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

type cardsImport struct {
	config.Database
	listing
	File     string   `arg:"" placeholder:"FILE.csv" help:"A header line with the columns number, level, name, phone, gender, birthday, expires, principal, bonus (or balance, which is both), points, kind (common, micro or stored-value), extid, openid, status (active, lost, stopped or expired), remarks, subject, idnumber, refId, card_no, card_type, card_name, card_points, card_balance, in any order and also by the names that Chinese systems give them; then one card a line. UTF-8, GB18030, Big5 or UTF-16; fields between commas, semicolons, tabs or bars."`
	Merchant string   `required:"" placeholder:"ID|GUID" help:"Whose cards."`
	Level    string   `placeholder:"ID|NAME" help:"The level of rows that name none."`
	Skip     []string `sep:"none" placeholder:"COLUMN" help:"A column of the file to pass over, by what stands in its header. May be repeated."`
	Encoding string   `enum:"auto,utf-8,gb18030,big5,utf-16" default:"auto" help:"In which encoding the file is: utf-8, gb18030, big5 or utf-16; by default what its bytes speak for, which is told."`
	Refused  string   `placeholder:"FILE" help:"Where rows go that were refused, with line and reason: a new file, by default FILE.refused.csv beside the file, or FILE.refused-2.csv where that is there."`
	DryRun   bool     `help:"Say what would be done, but do nothing."`
}

// Run opens the file's cards.
func (c *cardsImport) Run(ctx context.Context, con *console) (err error) {
	path, err := c.refusedPath()
	if err != nil {
		return err
	}
	file, err := cardfile.Open(c.File, c.encoding())
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
	level, err := levelOf(m, c.Level)
	if err != nil && c.Level != "" {
		return err
	}
	rows, err := file.Reader(cardfile.Terms{
		Levels: cardfile.NewLevels(m, level), Today: m.Today(time.Now()), Skip: c.Skip,
	})
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // it was only read
	refused := &refusedFile{path: path, from: rows}
	bar := newProgress(con, "cards", int64(file.Rows))
	i := &importer{file: file, rows: rows, merchant: m, level: level, do: job.do, refused: refused, step: bar.step}
	err = job.bulk(ctx, int64(file.Rows), func(alone bool) error {
		if err := i.divide(ctx, job.books, alone); err != nil {
			return err
		}
		return i.run(ctx)
	})
	bar.end()
	err = errors.Join(err, refused.close())
	err = errors.Join(err, c.summary(con, i, time.Since(bar.began)))
	if err == nil && i.report.Refused > 0 {
		return exitError{
			exitRefused,
			fmt.Sprintf("%d of %d rows were refused: mend them in %s and import that", i.report.Refused, i.report.Rows,
				refused.path),
		}
	}
	return err
}

func (c *cardsImport) encoding() cardfile.Encoding {
	if c.Encoding == "auto" {
		return ""
	}
	return cardfile.Encoding(c.Encoding)
}

// maxRefusedFiles is how many files of refused rows may stand beside a file.
const maxRefusedFiles = 1000

// refusedPath is where refused rows go: a file that is not there yet, under whatever name. Nothing is ever
// written over, in a dry run neither.
func (c *cardsImport) refusedPath() (string, error) {
	if c.Refused != "" {
		return c.Refused, notThere(c.Refused)
	}
	for n := 1; n <= maxRefusedFiles; n++ {
		path := c.File + ".refused.csv"
		if n > 1 {
			path = fmt.Sprintf("%s.refused-%d.csv", c.File, n)
		}
		if err := notThere(path); err == nil || !errors.Is(err, os.ErrExist) {
			return path, err
		}
	}
	return "", fmt.Errorf("%s: has %d files of refused rows beside it: say by --refused where they go", c.File,
		maxRefusedFiles)
}

// notThere refuses a path that stands for something, be it a link to nothing, or that lies in no directory.
func notThere(path string) error {
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return fmt.Errorf("refused rows: %w", err)
	}
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return fmt.Errorf("refused rows: %s: %w, and is not written over: give another name with --refused", path,
			os.ErrExist)
	case errors.Is(err, os.ErrNotExist):
		return nil
	}
	return fmt.Errorf("refused rows: %w", err)
}

// doFunc carries out a command, and calls begun when it is its turn.
type doFunc func(ctx context.Context, command command.Command, begun func()) (command.Changes, error)

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
	s, err := store.Open(ctx, c.DB, store.Options{Beside: true, Begun: true})
	if err != nil {
		return nil, err
	}
	now := newClock(s, slog.New(slog.DiscardHandler))
	job := &importJob{s, newBulk(s, now.Now).do, s.Bulk, func(err *error) { closeReader(s, err) }}
	if err := errors.Join(now.Look(ctx), timeKnown(now)); err != nil {
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
	Taken     int        `json:"taken"`         // of those refused, rows whose number a card has already
	Principal ledger.Fen `json:"principal_fen"` // on the cards opened now and before
	Bonus     ledger.Fen `json:"bonus_fen"`
	Points    int64      `json:"points"`
	DryRun    bool       `json:"dry_run,omitempty"`
	Seconds   float64    `json:"seconds"`
}

// importSummary is the report with how the file was read.
type importSummary struct {
	importReport
	Encoding    string   `json:"encoding"`
	Separator   string   `json:"separator"`
	Columns     []string `json:"columns"`
	PassedOver  []string `json:"passed_over"`
	RefusedFile string   `json:"refused_file,omitempty"`
}

func (c *cardsImport) summary(con *console, i *importer, took time.Duration) error {
	r := importSummary{importReport: i.report}
	r.DryRun, r.Seconds = c.DryRun, took.Seconds()
	r.Encoding, r.Separator = string(i.file.Encoding), i.file.Separator
	r.Columns, r.PassedOver = i.rows.Used, append([]string{}, i.rows.Skipped...)
	if r.Refused > 0 {
		r.RefusedFile = i.refused.path
	}
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
		{"encoding", fmt.Sprintf("%s: %s", r.Encoding, i.file.Why)}, {"separator", r.Separator},
		{"columns", strings.Join(r.Columns, ", ")}, {"passed over", strings.Join(r.PassedOver, ", ")},
		{"rows", fmt.Sprint(r.Rows)}, {opened, fmt.Sprint(r.Opened)}, {"opened by an earlier run", fmt.Sprint(r.Before)},
		{"refused", fmt.Sprint(r.Refused)}, {"principal", r.Principal.String()}, {"bonus", r.Bonus.String()},
		{"points", fmt.Sprint(r.Points)},
		{"seconds", fmt.Sprintf("%.1f", r.Seconds)},
		{"rows a second", fmt.Sprintf("%.0f", float64(r.Rows)/max(r.Seconds, 0.001))},
	})
	switch {
	case r.Taken > 0 && r.Taken == r.Rows:
		fmt.Fprintf(con.out,
			"All %d cards of this file are there already: it changes nothing, as when an export is imported into its own "+
				"merchant.\n", r.Rows)
	case r.Taken > 0:
		fmt.Fprintf(con.out, "Of the refused rows %d have the number of a card that is there already.\n", r.Taken)
	}
	if r.Refused > 0 {
		fmt.Fprintf(con.out, "Refused rows, with reasons: %s\n", r.RefusedFile)
	}
	return err
}

// refusedFile takes the rows that were refused. It is made when there is one, and never over another file.
type refusedFile struct {
	path string
	from *cardfile.Reader
	file *os.File
	rows *cardfile.Writer
}

func (f *refusedFile) add(row cardfile.Row, reason string) (err error) {
	if f.file == nil {
		if f.file, err = os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return err
		}
		if f.rows, err = cardfile.NewRefused(f.file, f.from.Own(f.from.Header)); err != nil {
			return err
		}
	}
	return f.rows.Refused(row.Line, reason, f.from.Own(row.Fields))
}

func (f *refusedFile) close() error {
	if f.file == nil {
		return nil
	}
	return errors.Join(f.rows.Flush(), f.file.Close())
}
