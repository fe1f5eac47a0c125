package dc78

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// TestSeal: the server's keys come last, in the published order and with the published types, and a stored answer
// is not changed by being sent again.
func TestSeal(t *testing.T) {
	t.Parallel()
	w := succeeded()
	w.Text("info", "<a>&\"\\\n\t😀\xff")
	w.Int("n", -1)
	w.intText("t", 7)
	w.amount("amt", 40009_39)
	w.empty("x", "y")
	w.emptyList("list")
	w.Key("o")
	w.Open('{')
	w.flag("yes", true)
	w.flag("no", false)
	w.Close('}')
	w.Close('}')
	kept := append(make([]byte, 0, 4096), w.B...)
	s := server{now: time.Unix(1566296953, 999), name: "wx-task2.hz", msid: "10021"}
	const want = `{"status":"1","info":"<a>&\"\\\n\u0009😀` + "\ufffd" +
		`","n":-1,"t":"7","amt":"40009.39","x":"","y":"","list":[],"o":{"yes":1,"no":0},` +
		`"server_timestamp":1566296953,"server_time":"2019-08-20 18:29:13","server_name":"wx-task2.hz","msid":"10021"}`
	for range 2 {
		if got := sealed(s, kept); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if !bytes.Equal(kept, w.B) {
		t.Error("the kept answer was changed")
	}
}

func sealed(s server, object []byte) string {
	own, servers := s.seal(object)
	return string(own) + string(servers)
}

// TestFaultSealed: a negative answer ends with the same four keys.
func TestFaultSealed(t *testing.T) {
	t.Parallel()
	s := server{now: time.Unix(0, 0), name: "n"}
	const want = `{"status":"0","info":"会员不存在","server_timestamp":0,"server_time":"1970-01-01 08:00:00","server_name":"n","msid":""}`
	if got := sealed(s, faultNoCard.object()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestNumbersInWords: numbers that the wire sends as texts of its own form.
func TestNumbersInWords(t *testing.T) {
	t.Parallel()
	for earn, want := range map[ledger.Rate][2]string{
		0: {"0", "0"}, 1: {"10000", "1"}, 1000: {"10", "1"}, ledger.Percent100: {"1", "1"}, 15000: {"2", "3"},
		3333: {"10000", "3333"},
	} {
		if paid, points := earning(earn); paid != want[0] || points != want[1] {
			t.Errorf("%v: got %s for %s, want %v", earn, points, paid, want)
		}
	}
	for rate, want := range map[ledger.Rate]string{
		0: "0", 8000: "0.8", 8550: "0.855", ledger.Percent100: "", 2 * ledger.Percent100: "",
	} {
		if got := ratio(rate); got != want {
			t.Errorf("%d: got %q, want %q", rate, got, want)
		}
	}
	for fen, want := range map[ledger.Fen]string{0: "0", 1: "0.01", 100_00: "100", 99_50: "99.50"} {
		if got := shortest(fen); got != want {
			t.Errorf("%d: got %q, want %q", fen, got, want)
		}
	}
	for text, want := range map[string]string{
		"": `""`, "666": `666`, "0": `0`, "0666": `"0666"`, "-1": `"-1"`, "1.0": `"1.0"`, "测试": `"测试"`,
		"1234567890123456": `"1234567890123456"`,
	} {
		w := writer{wire.Object{B: []byte("{")}}
		w.remarks(text)
		if got := string(w.B[len(`{"ext_info":`):]); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
	if got := compact(20181018) + compact(0); got != "20181018" {
		t.Errorf("got %q", got)
	}
}

// shape returns the keys of a JSON object in order, each with the type of its value: T text, N number, {…}
// object, […] list. The shape of a list's elements is left out.
func shape(t *testing.T, data []byte) []string {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return objectShape(t, d, "")
}

func objectShape(t *testing.T, d *json.Decoder, prefix string) (keys []string) {
	t.Helper()
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		t.Fatalf("want an object, got %v, %v", token, err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		key := prefix + name.(string)
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			t.Fatal(err)
		}
		switch raw[0] {
		case '"':
			keys = append(keys, key+" T")
		case '{':
			keys = append(keys, key+" {")
			keys = append(keys, objectShape(t, json.NewDecoder(bytes.NewReader(raw)), key+".")...)
		case '[':
			keys = append(keys, key+" [")
		default:
			keys = append(keys, key+" N")
		}
	}
	if _, err := d.Token(); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	return keys
}
