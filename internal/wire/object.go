package wire

import (
	"encoding/binary"
	"strconv"
)

// Object appends JSON. Keys come out in the order they are written.
type Object struct{ B []byte }

// Open begins an object or a list.
func (o *Object) Open(bracket byte) { o.B = append(o.B, bracket) }

// Close ends one.
func (o *Object) Close(bracket byte) { o.B = append(o.B, bracket) }

// Next puts a comma in front of all members but the first.
func (o *Object) Next() {
	if n := len(o.B); n > 0 && o.B[n-1] != '{' && o.B[n-1] != '[' {
		o.B = append(o.B, ',')
	}
}

// Key begins a member.
func (o *Object) Key(name string) {
	o.Next()
	o.B = append(AppendText(o.B, name), ':')
}

// Text writes a member that is a text.
func (o *Object) Text(name, value string) {
	o.Key(name)
	o.B = AppendText(o.B, value)
}

// Int writes a member that is a whole number.
func (o *Object) Int(name string, n int64) {
	o.Key(name)
	o.B = strconv.AppendInt(o.B, n, 10)
}

// AppendItem appends what a fingerprint covers: the length of s and its bytes, so that no two lists of items give the
// same.
func AppendItem(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...)
}
