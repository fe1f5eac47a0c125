package console

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"time"

	"tongka/internal/engine"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// Bounds of a form with a file: of the whole, of its other fields, and how long it may take to come.
const (
	maxUpload      = ledger.MaxJobFile + maxForm
	maxUploadField = 1 << 10
	maxFileName    = 255 // characters, as disks have it
	uploadPatience = 5 * time.Minute
)

// Why a file was not received.
var (
	errNoFile    = errors.New("no file was sent")
	errFileName  = errors.New("the file's name is no text")
	errLargeFile = errors.New("the file is too large")
	errCutOff    = errors.New("the file was cut off")
)

// received is what a form with a file sent.
type received struct {
	name    string
	content []byte
	form    url.Values
}

// receive reads a form with a file. Only those who may send one get here.
func (c *call) receive() (got received, err error) {
	got.form = url.Values{}
	httpd.AllowUpload(c.w, c.r, maxUpload, uploadPatience)
	parts, err := c.r.MultipartReader()
	if err != nil {
		return got, errNoFile
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = got.take(part)
		}
		if err != nil {
			return got, uploadError(err)
		}
	}
	switch {
	case got.name == "":
		return got, errNoFile
	case !ledger.PlainText(got.name, maxFileName):
		return got, errFileName
	case len(got.content) > ledger.MaxJobFile:
		return got, errLargeFile
	}
	return got, nil
}

// take reads a part of the form.
func (g *received) take(part *multipart.Part) (err error) {
	if part.FileName() != "" {
		g.name = part.FileName()
		g.content, err = io.ReadAll(part)
		return err
	}
	value, err := io.ReadAll(io.LimitReader(part, maxUploadField))
	g.form.Add(part.FormName(), string(value))
	return err
}

// uploadError says in our words why a form was not read.
func uploadError(err error) error {
	if err := httpd.BodyFault(err, errLargeFile, engine.ErrBusy, nil); err != nil {
		return err
	}
	// Of the head of a part that a browser sends, only the file's name can be wrong.
	if _, malformed := errors.AsType[textproto.ProtocolError](err); malformed {
		return errFileName
	}
	return errCutOff
}

// uploadFaults are the answers to those whose file was not received.
var uploadFaults = map[error]struct {
	said   text
	status int
}{
	errNoFile:    {wNoFile, http.StatusUnprocessableEntity},
	errFileName:  {wFileName, http.StatusUnprocessableEntity},
	errLargeFile: {wFileLarge, http.StatusRequestEntityTooLarge},
	errCutOff:    {wNoFile, http.StatusBadRequest},
}
