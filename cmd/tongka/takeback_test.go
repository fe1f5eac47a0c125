package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tongka/internal/cardfile"
	"tongka/internal/command"
	"tongka/internal/config"
	backoffice "tongka/internal/console"
	"tongka/internal/ledger"
)

// workOn has a job done that asks for something, and reads its result.
func workOn(t *testing.T, b *books, dsn string, j ledger.Job, as, result any, files []ledger.JobFile) ledger.Job {
	t.Helper()
	text, err := json.Marshal(as)
	if err != nil {
		t.Fatal(err)
	}
	j.Ask = string(text)
	s := &service{
		settings: config.Settings{Database: config.Database{DB: dsn}}, books: b, log: slog.New(slog.DiscardHandler),
		directory: b.directoryFor(t),
	}
	if err := errors.Join(b.AddJob(t.Context(), j, files...), s.runner().Round(t.Context())); err != nil {
		t.Fatal(err)
	}
	j, _, err = b.Job(t.Context(), 1, j.ID)
	if err != nil || j.State != ledger.JobDone || json.Unmarshal([]byte(j.Result), result) != nil {
		t.Fatalf("%+v, %v", j, err)
	}
	return j
}

// On a database an import is taken back but for the cards that were used, the mended file opens cards of the same
// numbers, an export has all of them, and the books prove themselves.
func TestImportIsTakenBack(t *testing.T) {
	t.Parallel()
	const n = 300
	now := time.Now()
	b, dsn := newBooks(t, now, ledger.Settings{})
	defer b.mustClose(t)
	asked := 0
	ask := func(kind string, as any, result any, files ...ledger.JobFile) ledger.Job {
		t.Helper()
		asked++
		j := ledger.Job{Merchant: 1, ID: fmt.Sprint("j", asked), Kind: kind, At: now, State: ledger.JobWaits, Until: now}
		return workOn(t, b, dsn, j, as, result, files)
	}
	file := func(balance string) ledger.JobFile {
		var text strings.Builder
		text.WriteString("卡号,姓名,余额,内码\n")
		for i := range n {
			fmt.Fprintf(&text, "a%05d,某人,%s,%d\n", i, balance, 70_000+i)
		}
		return ledger.JobFile{Name: cardfile.Uploaded, Content: []byte(text.String())}
	}
	plan := cardfile.Plan{Columns: []string{"number", "name", "balance", "extid"}, Level: 1, Operator: "x", Behind: "first"}
	var out cardfile.Outcome
	wrong := ask(cardfile.JobImport, plan, &out, file("1000"))
	b.mustDo(t, command.Consume{Merchant: 1, Card: "A00007", Amount: 1_00})
	brought, _, err := b.JobFile(t.Context(), 1, wrong.ID, cardfile.Brought)
	if err != nil {
		t.Fatal(err)
	}
	var undone cardfile.Undone
	ask(cardfile.JobUndo, cardfile.Undo{Import: wrong.ID, Operator: "x"}, &undone, brought)
	if undone.Cards != n || undone.Closed != n-1 || undone.Left != 1 || undone.First[0].Number != "a00007" ||
		undone.Principal != (n-1)*1000_00 {
		t.Errorf("taken back: %+v", undone)
	}
	plan.Behind = "second"
	ask(cardfile.JobImport, plan, &out, file("-10"))
	if out.Opened != n-1 || out.Taken != 1 || out.Owed != (n-1)*10_00 {
		t.Errorf("the mended file: %+v", out.Report)
	}
	var written struct{ Cards int }
	export := ask(cardfile.JobExport, map[string]any{"format": "csv", "whole": true}, &written)
	f, ok, err := b.JobFile(t.Context(), 1, export.ID, "cards.csv")
	if err != nil || !ok || written.Cards != n || strings.Count(string(f.Content), "\n") != n+1 ||
		!strings.Contains(string(f.Content), "\na00008,某人,") || strings.Contains(string(f.Content), "=a00008=") {
		t.Errorf("%d cards in a file, %t, %v", written.Cards, ok, err)
	}
	var p backoffice.Proof
	ask(backoffice.ProofKind, struct{}{}, &p)
	for _, c := range p.Checks {
		if c.State == backoffice.ProofBroken {
			t.Errorf("%+v", c)
		}
	}
	if p.Cards != 2*n-1 || p.Principal != 999_00-(n-1)*10_00 {
		t.Errorf("%d cards with %v", p.Cards, p.Principal)
	}
}
