// Package cardfile reads and writes cards as a CSV file: a header line that names the columns in any
// order, then one card a line. It reads UTF-8, with or without a byte order mark, and GB18030.
//
// A row that says no card is answered with its fault, never guessed at and never left out. Money and
// dates are read by the core's own grammar. The package knows no store and decides nothing.
package cardfile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// File is a card file that was looked through once: it can be read to the end.
type File struct {
	Path    string
	Size    int64
	Sum     [32]byte // SHA-256 of its bytes
	Rows    int      // without the header
	gb18030 bool
}

// Open looks a whole file through and refuses one that is no CSV, so that an import never stops
// halfway because of a quote that was not closed.
func Open(path string) (*File, error) {
	f := &File{Path: path}
	if err := f.sum(); err != nil {
		return nil, err
	}
	if err := f.count(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return f, nil
}

// sum hashes the file and finds out in which encoding it is.
func (f *File) sum() error {
	file, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	hash := sha256.New()
	buf := make([]byte, 0, 1<<20)
	for {
		n, err := file.Read(buf[len(buf):cap(buf)])
		hash.Write(buf[len(buf) : len(buf)+n])
		buf = buf[:len(buf)+n]
		if f.Size == 0 && (bytes.HasPrefix(buf, []byte{0xFF, 0xFE}) || bytes.HasPrefix(buf, []byte{0xFE, 0xFF})) {
			return fmt.Errorf("%s: is UTF-16: save it as CSV UTF-8", f.Path)
		}
		f.Size += int64(n)
		rest := afterValid(buf)
		if len(rest) >= utf8.UTFMax || errors.Is(err, io.EOF) && len(rest) > 0 {
			f.gb18030, rest = true, nil
		}
		buf = append(buf[:0], rest...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	hash.Sum(f.Sum[:0])
	return nil
}

// afterValid is what follows the valid UTF-8 at the start of b.
func afterValid(b []byte) []byte {
	if utf8.Valid(b) {
		return nil
	}
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size <= 1 {
			return b
		}
		b = b[size:]
	}
	return nil
}

// count parses the file once for its syntax.
func (f *File) count() error {
	file, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	rows := f.csv(file)
	rows.ReuseRecord = true
	for {
		_, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		f.Rows++
	}
	if f.Rows == 0 {
		return errors.New("is empty: want a header line that names the columns")
	}
	f.Rows--
	return nil
}

// csv reads the file's text, whatever its encoding.
func (f *File) csv(file io.Reader) *csv.Reader {
	file = bufio.NewReaderSize(file, 1<<16)
	if f.gb18030 {
		file = simplifiedchinese.GB18030.NewDecoder().Reader(file)
	}
	text := bufio.NewReaderSize(file, 1<<16)
	if bom, err := text.Peek(3); err == nil && bytes.Equal(bom, []byte("\xEF\xBB\xBF")) {
		_, _ = text.Discard(3) // they were peeked
	}
	rows := csv.NewReader(text)
	rows.FieldsPerRecord = -1 // a row of another length is that row's fault
	return rows
}
