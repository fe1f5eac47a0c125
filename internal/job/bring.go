package job

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"

	"tongka/internal/cardfile"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

// mostReturned is up to which size a file comes back with all of its rows; of a larger one those that were refused do.
const mostReturned = 12 << 20

// bringing is an import of which a job tells what became of each row.
type bringing struct {
	*Import
	run   *Running
	plan  *cardfile.Plan
	book  bool // it is a workbook, and comes back as one
	whole bool // with all of its rows
	trial bool // no card is opened

	out  cardfile.Outcome
	back sheet.Writer
}

// do carries out the import and keeps the file that comes back, if rows were refused.
func (b *bringing) do(ctx context.Context) (any, error) {
	format := sheet.CSV
	if b.book {
		format = sheet.XLSX
	}
	var file bytes.Buffer
	back, err := sheet.New(&file, format, b.reasonWord(), b.header())
	if err != nil {
		return nil, err
	}
	b.back, b.Each, b.out.Columns = back, b.row, b.Rows.Columns()
	b.out.Report, err = b.Run(ctx)
	if closed := back.Close(); err == nil {
		err = closed
	}
	if kept := b.keepStarted(); err == nil {
		err = kept
	}
	if err != nil {
		return nil, told(err)
	}
	if b.out.Refused == 0 || file.Len() > ledger.MaxJobFile {
		return b.out, nil
	}
	err = b.run.Put(ledger.JobFile{
		Name: cardfile.Told + "." + string(format), Type: format.ContentType(), Content: file.Bytes(),
	})
	if err != nil {
		return nil, err
	}
	return b.out, nil
}

// keepStarted keeps which commands were to open cards, so that the import can be taken back, also one that was
// cancelled or has failed. A trial opens none.
func (b *bringing) keepStarted() error {
	if len(b.Started) == 0 || b.trial {
		return nil
	}
	text, err := json.Marshal(b.Started)
	if err != nil {
		return err
	}
	return b.run.Put(ledger.JobFile{Name: cardfile.Brought, Type: "application/json", Content: text})
}

// header is the file's own behind the columns that tell what is wrong. An import ignores these, so the file can be
// mended and imported again.
func (b *bringing) header() []string {
	first := []string{b.reasonWord()}
	if !b.whole {
		first = []string{"line", b.reasonWord()}
	}
	return append(first, cardfile.PlainFields(b.Rows.OwnHeader())...)
}

func (b *bringing) reasonWord() string {
	if b.plan.English {
		return "reason"
	}
	return "拒绝原因"
}

// row tells of a row.
func (b *bringing) row(row cardfile.Row, why cardfile.Reason) error {
	refused := why != (cardfile.Reason{})
	if refused {
		b.out.Refuse(row, why)
	} else {
		b.out.Changes = b.Rows.Changes(b.out.Changes, &row)
	}
	if !refused && !b.whole {
		return nil
	}
	said := why.Chinese
	if b.plan.English {
		said = why.English
	}
	var cells []sheet.Cell
	if !b.whole {
		cells = append(cells, sheet.Text(strconv.Itoa(row.Line)))
	}
	cells = append(cells, sheet.Text(said))
	return b.back.Row(append(cells, b.Rows.OwnCells(row)...)...)
}
