package cardfile

import (
	"io"
	"strings"
)

// endsInCR reports whether the lines of a text end in a carriage return alone, as spreadsheets on old Macs write them.
// Its first line tells: line ends in quotes are of a field. A line that ends in \r\r\n, as a copy in the wrong mode
// makes it, ends in \n.
func endsInCR(text string) bool {
	quoted := false
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n':
			return false
		case c == '\r':
			return !strings.HasPrefix(strings.TrimLeft(text[i:], "\r"), "\n")
		}
	}
	return strings.Contains(text, "\r") && !strings.Contains(text, "\n")
}

// crReader reads a text with \n in place of each \r and \r\n. It is right for bytes of any encoding in which a byte
// below a space is always a control character, as it is in UTF-8, GB18030 and Big5.
type crReader struct {
	from  io.Reader
	after bool // the last byte was a \r
}

func (r *crReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	kept := p[:0]
	for _, c := range p[:n] {
		switch {
		case c == '\r':
			kept = append(kept, '\n')
		case c != '\n' || !r.after:
			kept = append(kept, c)
		}
		r.after = c == '\r'
	}
	return len(kept), err
}
