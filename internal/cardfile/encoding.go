package cardfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// Encoding is the character encoding of a file.
type Encoding string

// The encodings that can be read. GB18030 includes GBK and GB2312.
const (
	UTF8    Encoding = "utf-8"
	GB18030 Encoding = "gb18030"
	Big5    Encoding = "big5"
	UTF16   Encoding = "utf-16" // with a byte order mark
)

// decoders are the encodings besides UTF-8. What does not decode becomes U+FFFD, and a comma, tab, semicolon, quote or
// line end behind it stays. A bar does not: half a character and a bar are another character in GB18030 and Big5, whose
// second bytes go down to "@". That row lacks a field then, and is refused.
var decoders = map[Encoding]encoding.Encoding{
	GB18030: simplifiedchinese.GB18030,
	Big5:    traditionalchinese.Big5,
	UTF16:   unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM),
}

// marked returns the encoding of a file that begins with a byte order mark; ok is false if it has none.
func marked(head []byte) (Encoding, bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		return UTF8, true
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return UTF16, true
	}
	return "", false
}

// evidence counts what speaks for each encoding in the lines of a file that are not ASCII.
type evidence struct {
	head  [][]byte // the first lines of the file, of which one is the header
	lines int
	utf8  int // lines that are UTF-8
	gb    likeness
	big5  likeness
}

// likeness counts the two-byte characters of a file read in an encoding, and those of them in everyday use.
type likeness struct{ all, common int }

// gather returns the evidence in a file that is not entirely UTF-8.
func gather(file io.Reader) (*evidence, error) {
	var e evidence
	lines := bufio.NewReaderSize(&crReader{from: file}, 1<<16)
	for {
		line, err := lines.ReadSlice('\n') // a line that is longer counts as several
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if len(e.head) < headerWithin {
			e.head = append(e.head, bytes.Clone(line))
		}
		e.line(line)
		if errors.Is(err, io.EOF) {
			return &e, nil
		}
	}
}

func (e *evidence) line(line []byte) {
	if isASCII(line) {
		return
	}
	e.lines++
	if utf8.Valid(line) {
		e.utf8++
	}
	e.gb.count(line, func(lead, trail byte) bool { // GB 2312: signs and its 3,755 everyday characters
		return (lead >= 0xA1 && lead <= 0xA3 || lead >= 0xB0 && lead <= 0xD7) && trail >= 0xA1
	})
	e.big5.count(line, func(lead, trail byte) bool { // signs and its 5,401 everyday characters
		return lead >= 0xA1 && lead <= 0xC6 && (trail >= 0x40 && trail <= 0x7E || trail >= 0xA1)
	})
}

func (l *likeness) count(line []byte, common func(lead, trail byte) bool) {
	for i := 0; i < len(line); i++ {
		if line[i] < utf8.RuneSelf {
			continue
		}
		l.all++
		if i+1 < len(line) && line[i+1] >= 0x40 {
			if common(line[i], line[i+1]) {
				l.common++
			}
			i++
		}
	}
}

// decide returns the encoding that the evidence speaks for, and why: the one in which most columns of the header are
// known. Where several know as many, it is UTF-8 if at least half of the lines are that, and otherwise GB18030 or Big5,
// whichever has the larger share of everyday characters. If that share is below half and the header did not decide, it
// refuses to guess, with a SettingError.
func (e *evidence) decide() (found Encoding, why string, err error) {
	best, header := -1, []byte(nil)
	for _, candidate := range []Encoding{UTF8, GB18030, Big5} { // the first wins where nothing else decides
		known, line := knownIn(e.head, candidate)
		if known < best || known == best && !e.likelier(candidate, found) {
			continue
		}
		best, found, header = known, candidate, line
	}
	switch {
	case best > 0 && !isASCII(header):
		return found, fmt.Sprintf("%d columns of its header are known in it", best), nil
	case found == UTF8:
		return found, fmt.Sprintf("%d of %d lines that are not ASCII are", e.utf8, e.lines), nil
	}
	l := map[Encoding]likeness{GB18030: e.gb, Big5: e.big5}[found]
	if 2*l.common < l.all {
		return "", "", &SettingError{SettingEncoding, nil, fmt.Sprintf("its encoding is not known: it looks most like %s, "+
			"but %d of %d characters are everyday ones in that; name it", found, l.common, l.all)}
	}
	return found, fmt.Sprintf("%d of %d characters are everyday ones in it", l.common, l.all), nil
}

// likelier reports whether the lines speak for a rather than for b, which comes before it.
func (e *evidence) likelier(a, b Encoding) bool {
	if b == UTF8 {
		return 2*e.utf8 < e.lines // few lines in another encoding happen to be valid UTF-8, and only short ones
	}
	return a == Big5 && e.big5.common*e.gb.all > e.gb.common*e.big5.all
}

// knownIn returns the line that has the most known columns when it is read in an encoding, and their number.
func knownIn(head [][]byte, in Encoding) (known int, header []byte) {
	for _, line := range head {
		text := string(line)
		if in == UTF8 {
			if !utf8.Valid(line) {
				continue
			}
		} else if decoded, err := decoders[in].NewDecoder().String(text); err == nil {
			text = decoded
		}
		if _, n := separatorOf(text); n > known {
			known, header = n, line
		}
	}
	return known, header
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lost reports whether a field has a character that did not decode, here or in the system that wrote the file.
func lost(field string) bool {
	return !utf8.ValidString(field) || strings.ContainsRune(field, utf8.RuneError)
}
