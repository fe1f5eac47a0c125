package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"tongka/internal/cardfile"
	"tongka/internal/config"
	"tongka/internal/engine"
	"tongka/internal/job"
)

type cardsImport struct {
	config.Database
	listing
	File     string   `arg:"" placeholder:"FILE.csv" help:"A header line with the columns number, level, name, phone, gender, birthday, expires, principal, bonus (or balance, which is both), points, kind (common, micro or stored-value), extid, openid, status (active, lost, stopped or expired), remarks, subject, idnumber, refId, card_no, card_type, card_name, card_points, card_balance, owes, coupon (kinds of coupons by name or #ID, like 十元券×3;#7), coupon_count, coupon_until, in any order and also by the names that Chinese systems give them; then one card a line. UTF-8, GB18030, Big5 or UTF-16; fields between commas, semicolons, tabs or bars."`
	Merchant string   `required:"" placeholder:"ID|GUID" help:"Whose cards."`
	Level    string   `placeholder:"ID|NAME" help:"The level of rows that name none."`
	Skip     []string `sep:"none" placeholder:"COLUMN" help:"A column of the file to ignore, by its name in the header. May be repeated."`
	Encoding string   `enum:"auto,utf-8,gb18030,gbk,gb2312,big5,utf-16" default:"auto" help:"The file's encoding: utf-8, gb18030 (gbk and gb2312 are parts of it), big5 or utf-16; by default it is detected from the bytes and printed."`
	Refused  string   `placeholder:"FILE" help:"Where rows go that were refused, with line and reason, in English and Chinese: a new file, by default FILE.refused.csv beside the file, or FILE.refused-2.csv where that is there; in a dry run FILE.dry-run.csv."`
	OwnZeros bool     `name:"zeros-differ" help:"Open cards whose numbers differ from another card's in leading zeros only (00123 and 123) as cards of their own. By default such a row is refused: spreadsheets drop these zeros, so it is rather the same card."`
	DryRun   bool     `help:"Say what would be done, but open no card. Rows that would be refused go to a file of their own, with the reasons."`
}

// Run opens the file's cards.
func (c *cardsImport) Run(ctx context.Context, con *console) (err error) {
	beKind()
	path, err := c.refusedPath()
	if err != nil {
		return err
	}
	source, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer source.Close() //nolint:errcheck // it is only read
	file, err := cardfile.Look(source, c.encoding())
	if err != nil {
		return c.fileError(err)
	}
	into, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer into.close(&err)
	i, err := c.prepare(ctx, into, file)
	if err != nil {
		return err
	}
	refused := &refusedFile{path: path, from: i.Rows}
	bar := newProgress(con, "cards", int64(file.Rows))
	i.Each, i.Step = refused.add, bar.step
	var report cardfile.Report
	err = into.bulk(ctx, int64(file.Rows), func(alone bool) error {
		if err := i.Divide(ctx, into.books, alone); err != nil {
			return err
		}
		report, err = i.Run(ctx)
		return err
	})
	bar.end()
	err = errors.Join(err, refused.close())
	err = errors.Join(err, c.summary(con, i, report, refused.path, time.Since(bar.began)))
	if err == nil && report.Refused > 0 {
		return exitError{exitRefused, c.whatToDo(report, refused.path)}
	}
	return err
}

// whatToDo returns what to do about the refused rows, with the command line for it: to import their file when it is
// mended, or after a dry run, in which no row was imported, to try the whole file again.
func (c *cardsImport) whatToDo(r cardfile.Report, path string) string {
	were := "were"
	if c.DryRun {
		were = "would be"
	}
	text := fmt.Sprintf("%d of %d rows %s refused", r.Refused, r.Rows, were)
	switch r.Taken {
	case 0:
	case r.Refused:
		return text + ", all of them because a card has the number already: nothing is to be mended, unless a number is wrong"
	default:
		text += fmt.Sprintf(", %d of them because a card has the number already", r.Taken)
	}
	if r.Alike > 0 {
		text += fmt.Sprintf(", %d of them because a card has the number but for leading zeros (if they are cards of their "+
			"own, say --zeros-differ)", r.Alike)
	}
	if c.DryRun {
		return fmt.Sprintf("%s: nothing was done yet; the reasons are in %s: mend the rows in %s itself, and try it again:%s",
			text, path, c.File, c.line("--dry-run", c.File))
	}
	return fmt.Sprintf("%s: mend them in %s and import that:%s", text, path, c.line(path))
}

// line returns a command line with the flags by which rows are read, and then rest, as it must be typed.
func (c *cardsImport) line(rest ...string) string {
	args := []string{"tongka", "cards", "import", "--merchant", c.Merchant}
	if c.Level != "" {
		args = append(args, "--level", c.Level)
	}
	if c.OwnZeros {
		args = append(args, "--zeros-differ")
	}
	for _, s := range c.Skip {
		args = append(args, "--skip", s)
	}
	line := ""
	for _, arg := range append(args, rest...) {
		line += " " + quoted(arg)
	}
	return line
}

// quoted returns an argument as it must be typed in a POSIX shell.
func quoted(arg string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:,+@%=", r)
	}
	if arg != "" && strings.TrimFunc(arg, plain) == "" {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

// prepare returns the import of a file into the merchant that the flags name.
func (c *cardsImport) prepare(ctx context.Context, into *importInto, file *cardfile.File) (*job.Import, error) {
	m, err := findMerchant(ctx, into.books, c.Merchant)
	if err != nil {
		return nil, err
	}
	level, err := levelOf(m, c.Level)
	if err != nil && c.Level != "" {
		return nil, err
	}
	rows, err := file.Reader(cardfile.Terms{
		Levels: cardfile.NewLevels(m, level), Today: m.Today(time.Now()), Skip: c.Skip,
		Coupons: m.CouponKinds,
	})
	if err != nil {
		return nil, c.fileError(err)
	}
	i := &job.Import{File: file, Rows: rows, Merchant: m, Level: level, Do: into.do}
	if c.OwnZeros {
		return i, nil
	}
	return i, i.RefuseAlike(ctx, into.books)
}

// fileError adds to an error the name of the file, and the flag by which a missing setting can be given.
func (c *cardsImport) fileError(err error) error {
	if e, ok := errors.AsType[*cardfile.SettingError](err); ok {
		skip := ""
		for _, header := range e.Values {
			skip += " --skip '" + strings.ReplaceAll(header, "'", `'\''`) + "'"
		}
		how := map[cardfile.Setting]string{
			cardfile.SettingEncoding: ": --encoding",
			cardfile.SettingLevel:    ", with --level ID or NAME",
			cardfile.SettingSkip:     ":" + skip,
		}[e.Setting]
		return fmt.Errorf("%s: %w%s", c.File, err, how)
	}
	return fmt.Errorf("%s: %w", c.File, err)
}

func (c *cardsImport) encoding() cardfile.Encoding {
	switch c.Encoding {
	case "gbk", "gb2312":
		return cardfile.GB18030
	case "auto":
		return ""
	}
	return cardfile.Encoding(c.Encoding)
}

// maxRefusedFiles bounds the number of files with refused rows beside an imported file.
const maxRefusedFiles = 1000

// refusedPath returns the path for refused rows, at which no file exists yet: nothing is overwritten, not even in a
// dry run.
func (c *cardsImport) refusedPath() (string, error) {
	if c.Refused != "" {
		return c.Refused, notThere(c.Refused)
	}
	kind := "refused"
	if c.DryRun { // so that a look beforehand does not take the name that everybody expects afterwards
		kind = "dry-run"
	}
	for n := 1; n <= maxRefusedFiles; n++ {
		path := fmt.Sprintf("%s.%s.csv", c.File, kind)
		if n > 1 {
			path = fmt.Sprintf("%s.%s-%d.csv", c.File, kind, n)
		}
		if err := notThere(path); err == nil || !errors.Is(err, os.ErrExist) {
			return path, err
		}
	}
	return "", fmt.Errorf("%s: has %d files of refused rows beside it: say by --refused where they go", c.File,
		maxRefusedFiles)
}

// notThere returns an error if something exists at the path, even a dangling link, or if its directory does not
// exist.
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

type importBooks interface {
	merchants
	job.Requests
	job.Numbers
}

// importInto is what cards are imported into: the books, or in a dry run a trial that saves nothing.
type importInto struct {
	books importBooks
	do    job.Starter
	bulk  func(ctx context.Context, cards int64, fn func(alone bool) error) error
	close func(*error)
}

func (c *cardsImport) open(ctx context.Context) (*importInto, error) {
	if c.DryRun {
		s, err := openReader(ctx, c.DB)
		if err != nil {
			return nil, err
		}
		whole := func(_ context.Context, _ int64, fn func(bool) error) error { return fn(true) }
		return &importInto{s, job.NewTrial(s, time.Now), whole, func(err *error) { closeReader(s, err) }}, nil
	}
	commits := new(atomic.Int64)
	b, err := openBegun(ctx, c.DB, engine.Config{Observe: engine.Observe{Commit: func(time.Duration) { commits.Add(1) }}})
	if err != nil {
		return nil, err
	}
	into := &importInto{b, b.engine.Bulk(othersAtWork(b, commits)), b.Bulk, b.Close}
	if err := timeKnown(b.clock); err != nil {
		into.close(&err)
		return nil, err
	}
	return into, nil
}

// importSummary is the report of an import, with how the file was read.
type importSummary struct {
	cardfile.Report
	DryRun      bool     `json:"dry_run,omitempty"`
	Seconds     float64  `json:"seconds"`
	Encoding    string   `json:"encoding"`
	Separator   string   `json:"separator"`
	Columns     []string `json:"columns"`
	PassedOver  []string `json:"passed_over"`
	BlankRows   int      `json:"blank_rows"`
	RefusedFile string   `json:"refused_file,omitempty"`
}

func (c *cardsImport) summary(con *console, i *job.Import, report cardfile.Report, refused string,
	took time.Duration,
) error {
	r := importSummary{Report: report, DryRun: c.DryRun, Seconds: took.Seconds()}
	r.Encoding, r.Separator = string(i.File.Encoding), i.File.Separator
	r.BlankRows = i.File.Blank
	r.Columns, r.PassedOver = i.Rows.Used, append(append([]string{}, i.File.Above...), i.Rows.Skipped...)
	if r.Refused > 0 {
		r.RefusedFile = refused
	}
	if c.JSON {
		return printJSON(con, r)
	}
	type total struct {
		What  string `json:"what"`
		Value string `json:"value"`
	}
	opened, refusals := "opened", "refused"
	if c.DryRun {
		opened, refusals = "would be opened", "would be refused"
	}
	err := print(con, c.listing, []total{
		{"encoding", fmt.Sprintf("%s: %s", r.Encoding, i.File.Why)}, {"separator", r.Separator},
		{"columns", strings.Join(r.Columns, ", ")}, {"passed over", strings.Join(r.PassedOver, ", ")},
		{"rows", fmt.Sprint(r.Rows)}, {"empty rows", fmt.Sprint(r.BlankRows)},
		{opened, fmt.Sprint(r.Opened)}, {"opened by an earlier run", fmt.Sprint(r.Before)},
		{refusals, fmt.Sprint(r.Refused)}, {"principal", r.Principal.String()}, {"bonus", r.Bonus.String()},
		{"points", fmt.Sprint(r.Points)}, {"owed", r.Owed.String()}, {"coupons", fmt.Sprint(r.Coupons)},
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
	if r.NoGender > 0 {
		fmt.Fprintf(con.out, "The gender of %d cards is none that is known: they have none.\n", r.NoGender)
	}
	if r.Refused > 0 {
		fmt.Fprintf(con.out, "Refused rows, with reasons: %s\n", r.RefusedFile)
	}
	return err
}

// refusedFile collects the refused rows. The file is created at the first one, and never replaces another.
type refusedFile struct {
	path string
	from *cardfile.Reader
	file *os.File
	rows *cardfile.Writer
}

// add adds a row if it was refused.
func (f *refusedFile) add(row cardfile.Row, why cardfile.Reason) (err error) {
	if why == (cardfile.Reason{}) {
		return nil
	}
	if f.file == nil {
		if f.file, err = os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return err
		}
		f.rows, err = cardfile.NewRefused(f.file, f.from.OwnHeader())
		if err != nil {
			err = errors.Join(err, f.file.Close(), os.Remove(f.path))
			f.file = nil
			return err
		}
	}
	return f.rows.Refused(row.Line, why, f.from.Own(row))
}

func (f *refusedFile) close() error {
	if f.file == nil {
		return nil
	}
	return errors.Join(f.rows.Flush(), f.file.Close())
}
