package console

import (
	"bytes"
	"errors"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

// Files go out in one way: what takes data out of the books is an entry first, and the browser may take its time.

// patienceAtLast is how long the browser may take for a file.
const patienceAtLast = 15 * time.Minute

// allow lets the browser take so long from now on. A server that cannot set a deadline for a part keeps its own for the
// whole.
func (c *call) allow(d time.Duration) {
	_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(d))
}

// format returns the format of the file that the address asks for.
func (c *call) format() (sheet.Format, error) {
	format, ok := sheet.ParseFormat(strings.TrimPrefix(path.Ext(c.r.URL.Path), "."))
	if !ok {
		return "", errNowhere
	}
	return format, nil
}

// attach says that what is sent is a file, which the browser keeps under a name.
func (c *call) attach(name, contentType string) {
	c.w.Header().Set("Content-Type", contentType)
	c.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// sendFile sends a file that is whole.
func (c *call) sendFile(name, contentType string, content []byte) {
	c.attach(name, contentType)
	c.w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	c.allow(patienceAtLast)
	_, _ = c.w.Write(content) // the browser is gone, and nobody reads the error
}

// sendTable sends a table as a file, by an entry. It is sent once it is whole, for a file that ends early looks like
// one with fewer rows.
func (c *call) sendTable(name, title string, format sheet.Format, t *table) error {
	header := make([]string, len(t.columns))
	for i, column := range t.columns {
		header[i] = c.lang.of(column.name)
	}
	var file bytes.Buffer
	w, err := sheet.New(&file, format, title, header)
	if err != nil {
		return err
	}
	if err := errors.Join(t.write(w), w.Close()); err != nil { // a workbook that is not closed leaves a file behind
		return err
	}
	name += "." + string(format)
	if err := c.recordExport(name, int64(len(t.rows))); err != nil {
		return err
	}
	c.sendFile(name, format.ContentType(), file.Bytes())
	return nil
}

// recordExport records that data is taken out of the books of the merchant, or of the host: what is the name of the
// file, n how many rows it has; below 0 if that is not known before all is sent. It must be called before anything of
// the file is sent.
func (c *call) recordExport(what string, n int64) error {
	return c.recordTaken(ledger.MayExport, what, n)
}

// recordTaken is recordExport for what other permissions let a person take.
func (c *call) recordTaken(needs ledger.Permission, what string, n int64) error {
	if httpd.Foreign(c.r, c.cfg.URL) {
		return errForeign
	}
	by := c.by()
	if c.merchant != nil {
		var err error
		if by, err = c.byAt(c.reportPlaces(needs)); err != nil { // what a shop has left can be taken after its end
			return err
		}
	}
	_, err := c.cfg.Doer.Do(c.r.Context(), command.RecordExport{Merchant: c.at(), By: by, What: what, Rows: n})
	return err
}
