// Package cardfile reads and writes cards as a CSV file: a header line that names the columns in any
// order, then one card a line. It reads the encodings and separators that the membership systems of China
// export, and the names they give to columns.
//
// The encoding of a file is decided by evidence, and the reason is reported. A row that does not make a card is
// returned with its fault; it is never guessed at or left out. Columns that are ignored are reported too. Money and
// dates are parsed by the ledger's own functions. The package knows no store, opens no file, prints nothing and
// opens no card: the caller passes the bytes, from a disk or an upload, and gets rows.
package cardfile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// File is a card file that was read through once, so its encoding, separator and header are known.
type File struct {
	Size      int64
	Sum       [32]byte // SHA-256 of its bytes
	Rows      int      // without the header, and without those in Blank
	Blank     int      // empty lines, and rows all of whose fields are empty, which are passed over
	Encoding  Encoding
	Why       string   // the reason for taking it for that encoding
	Separator string   // the name of the separator, such as comma
	Above     []string // the lines above the header, each of one field, which are passed over: for people

	source    io.ReaderAt
	separator rune
	declares  bool // the first line is not the header but names the separator
	returns   bool // its lines end in a carriage return alone
}

// Look reads a whole file, so that an import never stops halfway. A wrong quote is the fault of its row, and an error
// only in the header. If told is not "", the file is read in that encoding, whatever it looks like. The
// source must not change while the File is used.
func Look(source io.ReaderAt, told Encoding) (*File, error) {
	f := &File{source: source, Encoding: told, Why: "so it was told"}
	for _, look := range []func() error{f.sum, f.find, f.count} {
		if err := look(); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// bytes returns a reader of the file from its first byte.
func (f *File) bytes() io.Reader { return io.NewSectionReader(f.source, 0, math.MaxInt64) }

// sum sets size and hash, and also the encoding if the file has a byte order mark or is entirely UTF-8.
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

// afterValid returns what follows the valid UTF-8 at the start of b.
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

// find sets the encoding, if sum has not, how lines end, the separator, and where the header is.
func (f *File) find() error {
	first := make([]byte, 1<<10)
	n, err := f.source.ReadAt(first, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := notCSV(first[:n]); err != nil {
		return err
	}
	if f.Encoding == "" {
		e, err := gather(f.bytes())
		if err != nil {
			return err
		}
		if f.Encoding, f.Why, err = e.decide(); err != nil {
			return err
		}
	}
	head := make([]byte, 1<<16)
	n, err = io.ReadFull(f.text(f.bytes()), head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	text := string(head[:n])
	if f.returns = endsInCR(text); f.returns {
		text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	}
	return f.place(text)
}

// place sets the separator, and where the header is, by the beginning of the text.
func (f *File) place(text string) error {
	header := place{}
	if header.separator, _, f.declares = declared(text); !f.declares {
		header = headerIn(text)
	}
	f.separator, f.Separator = header.separator, separatorName(header.separator)
	if header.several {
		return Reason{
			fmt.Sprintf("the header is not in line 1 but in line %d: delete the lines above it that are no cards, and "+
				"move others below it", header.line),
			fmt.Sprintf("表头不在第1行，而在第%d行：请删除上面不是卡的行，把是卡的行移到表头下面", header.line),
		}
	}
	f.Above = header.above
	return nil
}

// count parses the whole file, to check its header and count its rows.
func (f *File) count() error {
	rows, err := f.records()
	if err != nil {
		return err
	}
	var fields []string
	for n := 0; ; n++ {
		row, err := rows.read(fields[:0])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if n == 0 && row.fault != (Reason{}) {
			return Reason{
				fmt.Sprintf("line %d, the header: %s / 表头：%s", row.line, row.fault.English, row.fault.Chinese),
				fmt.Sprintf("第%d行（表头）：%s", row.line, row.fault.Chinese),
			}
		}
		fields = row.fields
		f.Rows = n
	}
	if rows.width == 0 {
		return Reason{"is empty: want a header line that names the columns", "是空的：第一行应为各列的名称"}
	}
	f.Blank = rows.blank
	return nil
}

// text returns the file's text in UTF-8, without a byte order mark. In a UTF-8 file, invalid bytes stay as they
// are, to be found as faults of their rows.
func (f *File) text(file io.Reader) *bufio.Reader {
	file = bufio.NewReaderSize(file, 1<<16)
	if other, ok := decoders[f.Encoding]; ok {
		file = other.NewDecoder().Reader(file)
	}
	if f.returns {
		file = &crReader{from: file}
	}
	text := bufio.NewReaderSize(file, 1<<16)
	if bom, err := text.Peek(3); err == nil && bytes.Equal(bom, []byte("\xEF\xBB\xBF")) {
		_, _ = text.Discard(3) // cannot fail: they were peeked
	}
	return text
}

// records returns a reader of the file's records, from the header on.
func (f *File) records() (*records, error) {
	text := f.text(f.bytes())
	if f.declares {
		if _, err := text.ReadString('\n'); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	rows := &records{text: text, sep: string(f.separator)}
	for range f.Above {
		if _, err := rows.read(nil); err != nil {
			return nil, err
		}
	}
	rows.width = 0
	return rows, nil
}
