package dc78

import (
	"net/http"
	"strconv"
	"time"

	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// writer appends an answer. Keys come out in the order they are written.
type writer struct{ b []byte }

// succeeded begins an answer that says yes: status is a text in all published examples.
func succeeded() *writer { return succeededIn(512) }

// succeededIn has room for so many bytes.
func succeededIn(room int) *writer {
	w := &writer{make([]byte, 0, room)}
	w.open()
	w.text("status", "1")
	return w
}

func (w *writer) open()  { w.b = append(w.b, '{') }
func (w *writer) close() { w.b = append(w.b, '}') }

// next puts a comma in front of all members but the first.
func (w *writer) next() {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) key(name string) {
	w.next()
	w.b = wire.AppendText(w.b, name)
	w.b = append(w.b, ':')
}

func (w *writer) text(name, value string) {
	w.key(name)
	w.b = wire.AppendText(w.b, value)
}

func (w *writer) int(name string, n int64) {
	w.key(name)
	w.b = strconv.AppendInt(w.b, n, 10)
}

// intText writes a whole number as text: most ids and counts of this wire are.
func (w *writer) intText(name string, n int64) { w.text(name, strconv.FormatInt(n, 10)) }

// amount writes money as text with two decimals: "5795.99".
func (w *writer) amount(name string, f ledger.Fen) { w.text(name, f.String()) }

// empty writes members of the core's future: texts that are empty until it has them.
func (w *writer) empty(names ...string) {
	for _, name := range names {
		w.text(name, "")
	}
}

// emptyList writes a list without elements.
func (w *writer) emptyList(name string) {
	w.key(name)
	w.b = append(w.b, "[]"...)
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
	w := writer{append(make([]byte, 0, 160), object[end-1])} // what the next key looks at
	w.int("server_timestamp", s.now.Unix())
	w.text("server_time", s.now.In(beijing).Format(time.DateTime))
	w.text("server_name", s.name)
	w.text("msid", s.msid)
	w.close()
	return object[:end], w.b[1:]
}
