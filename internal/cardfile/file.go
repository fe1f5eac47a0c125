// Package cardfile reads and writes cards as a CSV file: a header line that names the columns in any
// order, then one card a line. It reads the encodings and separators that the membership systems of China
// export, and the names they give to columns.
//
// In which encoding a file is, is decided by evidence and told. A row that says no card is answered with
// its fault, never guessed at and never left out; columns that are passed over are told. Money and dates
// are read by the core's own grammar. The package knows no store, opens no file, prints nothing and decides nothing:
// whoever has the bytes, from a disk or from an upload, hands them in.
package cardfile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"unicode/utf8"
)

// File is a card file that was looked through once: it can be read to the end.
type File struct {
	Size      int64
	Sum       [32]byte // SHA-256 of its bytes
	Rows      int      // without the header
	Encoding  Encoding
	Why       string // it is in that encoding
	Separator string // its name

	source    io.ReaderAt
	separator rune
	declares  bool // its first line is no header but names the separator
}

// Look looks a whole file through and refuses one that is no CSV, so that an import never stops halfway
// because of a quote that was not closed. With an encoding, the file is in that one, whatever it looks like. The source
// must stay as it is for as long as the file is used.
func Look(source io.ReaderAt, told Encoding) (*File, error) {
	f := &File{source: source, Encoding: told, Why: "so it was told"}
	for _, look := range []func() error{f.sum, f.find, f.count} {
		if err := look(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// bytes are those of the file, from the first on.
func (f *File) bytes() io.Reader { return io.NewSectionReader(f.source, 0, math.MaxInt64) }

// sum hashes the file. Where it is marked, or UTF-8 throughout, its encoding is known then.
func (f *File) sum() error {
	file, hash := f.bytes(), sha256.New()
	valid := f.Encoding == ""
	buf := make([]byte, 0, 1<<20)
	for {
		n, err := file.Read(buf[len(buf):cap(buf)])
		hash.Write(buf[len(buf) : len(buf)+n])
		buf = buf[:len(buf)+n]
		if f.Size == 0 && f.Encoding == "" {
			if found, ok := marked(buf); ok {
				f.Encoding, f.Why, valid = found, "it says so in its first bytes", false
			}
		}
		f.Size += int64(n)
		var rest []byte
		if valid {
			rest = afterValid(buf)
			valid = len(rest) < utf8.UTFMax && (!errors.Is(err, io.EOF) || len(rest) == 0)
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
	if valid {
		f.Encoding, f.Why = UTF8, "all of it is"
	}
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

// find finds out the encoding, where sum has not, and the separator.
func (f *File) find() error {
	if f.Encoding == "" {
		e, err := gather(f.bytes())
		if err != nil {
			return err
		}
		if bytes.IndexByte(e.header, 0) >= 0 {
			return errors.New("has bytes of 0, like UTF-16 without its mark: save it as CSV UTF-8")
		}
		if f.Encoding, f.Why, err = e.decide(); err != nil {
			return err
		}
	}
	head := make([]byte, 1<<16)
	n, err := io.ReadFull(f.text(f.bytes()), head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	text := string(head[:n])
	if f.separator, _, f.declares = declared(text); !f.declares {
		f.separator, _ = separatorOf(text)
	}
	f.Separator = separatorName(f.separator)
	return nil
}

// count parses the file once for its syntax.
func (f *File) count() error {
	rows, err := f.csv(f.bytes())
	if err != nil {
		return err
	}
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

// text is the file's text in UTF-8, without a byte order mark. In a file of UTF-8 bytes that are none stay.
func (f *File) text(file io.Reader) *bufio.Reader {
	file = bufio.NewReaderSize(file, 1<<16)
	if other, ok := decoders[f.Encoding]; ok {
		file = other.NewDecoder().Reader(file)
	}
	text := bufio.NewReaderSize(file, 1<<16)
	if bom, err := text.Peek(3); err == nil && bytes.Equal(bom, []byte("\xEF\xBB\xBF")) {
		_, _ = text.Discard(3) // they were peeked
	}
	return text
}

// csv reads the file's records.
func (f *File) csv(file io.Reader) (*csv.Reader, error) {
	text := f.text(file)
	if f.declares {
		if _, err := text.ReadString('\n'); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	rows := csv.NewReader(text)
	rows.Comma = f.separator
	rows.FieldsPerRecord = -1 // a row of another length is that row's fault
	return rows, nil
}
