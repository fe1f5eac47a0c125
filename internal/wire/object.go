package wire

import (
	"encoding/binary"
	"strconv"
)

// Object appends JSON to B. Members come out in the order in which they are written.
type Object struct{ B []byte }

// Open begins an object or a list.
func (o *Object) Open(bracket byte) { o.B = append(o.B, bracket) }

// Close ends an object or a list.
func (o *Object) Close(bracket byte) { o.B = append(o.B, bracket) }

// Next writes a comma, unless the next member or element is the first.
func (o *Object) Next() {
	if n := len(o.B); n > 0 && o.B[n-1] != '{' && o.B[n-1] != '[' {
		o.B = append(o.B, ',')
	}
}

// Key begins a member with its name and colon.
func (o *Object) Key(name string) {
	o.Next()
	o.B = append(AppendText(o.B, name), ':')
}

// Text writes a member whose value is a text.
func (o *Object) Text(name, value string) {
	o.Key(name)
	o.B = AppendText(o.B, value)
}

// Int writes a member whose value is a whole number.
func (o *Object) Int(name string, n int64) {
	o.Key(name)
	o.B = strconv.AppendInt(o.B, n, 10)
}

// AppendItem appends an item of a fingerprint: the length of s and its bytes, so that no two lists of items have
// the same bytes.
func AppendItem(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...)
}
