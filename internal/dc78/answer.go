package dc78

import (
	"net/http"
	"strconv"
	"time"

	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// writer appends an answer, in the number forms of this wire.
type writer struct{ wire.Object }

// succeeded begins an answer that says yes: status is a text in all published examples.
func succeeded() *writer { return succeededIn(512) }

// succeededIn has room for so many bytes.
func succeededIn(room int) *writer {
	w := &writer{wire.Object{B: make([]byte, 0, room)}}
	w.Open('{')
	w.Text("status", "1")
	return w
}

// intText writes a whole number as text: most ids and counts of this wire are.
func (w *writer) intText(name string, n int64) { w.Text(name, strconv.FormatInt(n, 10)) }

// amount writes money as text with two decimals: "5795.99".
func (w *writer) amount(name string, f ledger.Fen) { w.Text(name, f.String()) }

// empty writes members of the core's future: texts that are empty until it has them.
func (w *writer) empty(names ...string) {
	for _, name := range names {
		w.Text(name, "")
	}
}

// emptyList writes a list without elements.
func (w *writer) emptyList(name string) {
	w.Key(name)
	w.B = append(w.B, "[]"...)
}

// beijing is the zone of server_time, whatever the zones of server and merchant.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// server is what every answer tells last, in this order (published pages, response examples).
type server struct {
	now  time.Time
	name string
	msid string
}

// send answers with the object, sealed.
func (s server) send(w http.ResponseWriter, status int, object []byte) {
	own, servers := s.seal(object)
	httpd.SendJSON(w, status, own, servers)
}

// seal is the object with the server's keys behind its own, in two pieces: the object stays as it is, for
// it may be the kept answer of an earlier request.
func (s server) seal(object []byte) (own, servers []byte) {
	end := len(object) - 1
	w := writer{wire.Object{B: append(make([]byte, 0, 160), object[end-1])}} // what the next key looks at
	w.Int("server_timestamp", s.now.Unix())
	w.Text("server_time", s.now.In(beijing).Format(time.DateTime))
	w.Text("server_name", s.name)
	w.Text("msid", s.msid)
	w.Close('}')
	return object[:end], w.B[1:]
}
