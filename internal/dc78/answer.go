package dc78

import (
	"net/http"
	"strconv"
	"time"

	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// writer builds an answer, with numbers and amounts in the forms of this wire.
type writer struct{ wire.Object }

// succeeded begins a successful answer. Its status is a text, as in all published examples.
func succeeded() *writer { return succeededIn(512) }

// succeededIn is succeeded with a buffer of room bytes.
func succeededIn(room int) *writer {
	w := &writer{wire.Object{B: make([]byte, 0, room)}}
	w.Open('{')
	w.Text("status", "1")
	return w
}

// intText writes a whole number as text, which is how this wire sends most ids and counts.
func (w *writer) intText(name string, n int64) { w.Text(name, strconv.FormatInt(n, 10)) }

// amount writes money as text with two decimals: "5795.99".
func (w *writer) amount(name string, f ledger.Fen) { w.Text(name, f.String()) }

// empty writes members as empty texts.
func (w *writer) empty(names ...string) {
	for _, name := range names {
		w.Text(name, "")
	}
}

// emptyList writes an empty list.
func (w *writer) emptyList(name string) {
	w.Key(name)
	w.B = append(w.B, "[]"...)
}

// beijing is the zone of server_time, whatever zones the server and the merchant are in.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// server holds the keys that end every answer, in this order (published pages, response examples).
type server struct {
	now  time.Time
	name string
	msid string
}

// send writes the sealed object as the response.
func (s server) send(w http.ResponseWriter, status int, object []byte) {
	own, servers := s.seal(object)
	httpd.SendJSON(w, status, own, servers)
}

// seal returns the object with the server's keys appended, in two pieces. It does not change the object's bytes,
// which may be the stored answer of an earlier request.
func (s server) seal(object []byte) (own, servers []byte) {
	end := len(object) - 1
	w := writer{wire.Object{B: append(make([]byte, 0, 160), object[end-1])}} // Key looks at this byte to place a comma
	w.Int("server_timestamp", s.now.Unix())
	w.Text("server_time", s.now.In(beijing).Format(time.DateTime))
	w.Text("server_name", s.name)
	w.Text("msid", s.msid)
	w.Close('}')
	return object[:end], w.B[1:]
}
