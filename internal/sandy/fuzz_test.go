package sandy

import (
	"bytes"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"tongka/internal/ledger"
	"tongka/internal/wire"
)

// FuzzParseObject compares the reader with encoding/json. Except for repeated names and halves of characters,
// both accept the same and read the same values.
func FuzzParseObject(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"card_id":"wx001","money":"100"}`, ` { "a" : 1e3 , "b":[1,{"c":"]}"}], "d" : null,"e":true } `,
		`{"a":"\u0041\n\\\""}`, `{"a":"\ud83d\ude00"}`, `{"a":"\ud83d"}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a":`,
		`[]`, `{"a":-0}`,
		"\xef\xbb\xbf{}", `{"a":"` + "\xff" + `"}`, `{"a":"` + "\ufffd" + `\ufffd"}`, `{"":""}`, `{"a":{"a":"\\"},"b":""}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := parseObject(body)
		d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
		d.UseNumber()
		var want map[string]any
		valid := json.Valid(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))) && utf8.Valid(body) && d.Decode(&want) == nil &&
			want != nil
		if err != nil {
			if valid && !bytes.Contains(body, []byte(`\u`)) && len(want) == names(t, body) {
				t.Fatalf("refused %q", body)
			}
			return
		}
		if !valid || len(got) != len(want) {
			t.Fatalf("took %q as %+v, want %+v", body, got, want)
		}
		for _, m := range got {
			if !same(m, want[m.name]) {
				t.Fatalf("%q: %+v, want %v", body, m, want[m.name])
			}
		}
	})
}

// names counts the members of the outer object.
func names(t *testing.T, body []byte) int {
	t.Helper()
	n := 0
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		var value json.RawMessage
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func same(m member, want any) bool {
	switch want := want.(type) {
	case nil:
		return m.kind == absent && m.value == ""
	case string:
		return m.kind == text && m.value == want
	case json.Number:
		return m.kind == number && m.value == want.String()
	}
	return m.kind == other && json.Valid([]byte(m.value))
}

// FuzzAmounts writes an amount in the three forms of this wire and reads it back.
func FuzzAmounts(f *testing.F) {
	for _, seed := range []int64{0, 1, 10, 99, 100, 1_449_380, 999_999_999_999, 1_000_000_000_000} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, n int64) {
		if n < 0 || n >= 1_000_000_000_000 {
			return
		}
		fen := ledger.Fen(n)
		want := big.NewRat(n, 100)
		for _, written := range []string{amount(fen), fen.String(), string(shortest(fen))} {
			got, ok := new(big.Rat).SetString(written)
			if !ok || got.Cmp(want) != 0 {
				t.Fatalf("%d fen is written %q", n, written)
			}
			if back, err := ledger.ParseYuan(written); err != nil || back != fen {
				t.Fatalf("%q is read as %d: %v, want %d", written, back, err, n)
			}
			if !json.Valid([]byte(written)) || strings.ContainsAny(written, "eE") {
				t.Fatalf("%q is no number as the wire has them", written)
			}
		}
		if negative := amount(-fen); n != 0 && negative != "-"+amount(fen) {
			t.Fatalf("-%d fen is written %q", n, negative)
		}
		if !strings.Contains(amount(fen), ".") {
			t.Fatalf("%q has no decimal", amount(fen))
		}
	})
}

// FuzzNumber: any text sent for a number field is refused or read as the number it is.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{
		"0", "1", "100.0", "100.9", "-1", "+1", "1e9", "1.", ".5", "007", " 7 ", "１００", "999999999999999", "9999999999999999",
		"NaN", "1_000",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		n, fraction, err := parseNumber(token)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(strings.Trim(token, " \t\r\n"))
		if !ok || n < 0 {
			t.Fatalf("took %q as %d", token, n)
		}
		whole := new(big.Int).Quo(want.Num(), want.Denom())
		if whole.Cmp(big.NewInt(n)) != 0 {
			t.Fatalf("took %q as %d, want %s", token, n, whole)
		}
		if exact := strings.Trim(fraction, "0") == ""; exact != want.IsInt() {
			t.Fatalf("%q: fraction %q", token, fraction)
		}
	})
}

// FuzzText: every text is written as a JSON string with the same value.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "聚客西餐", "\"\\\n\t\x00\x7f", "<br/>&", "\xff", "\u2028😀"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(wire.AppendText(nil, s), &got); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); got != want && utf8.ValidString(s) {
			t.Fatalf("%q comes out as %q", s, got)
		}
	})
}

// FuzzRequest sends any headers and any body to any endpoint: the answer is always one of this wire.
func FuzzRequest(f *testing.F) {
	for i, e := range endpoints {
		for _, s := range bodies[e.name] {
			f.Add(uint8(i), "test", guidPage, "", s.body)
		}
	}
	f.Add(uint8(4), "Bearer test", guidBranch, "key-1", `{"card_id":"wx001","money":"1","pay_type":1}`)
	f.Add(uint8(5), "test\x00", "{", strings.Repeat("k", 65), `{"card_id":"wx001","money":"1"}`)
	f.Add(uint8(6), "bearer ", "}{", "\xff", `{"card_id":"wx001"}`)
	w := statusWorld(f)
	f.Fuzz(func(t *testing.T, endpoint uint8, token, guid, key, body string) {
		e := endpoints[int(endpoint)%len(endpoints)]
		r := httptest.NewRequest(e.method, Base+e.name, strings.NewReader(body))
		r.Header["Authorization"], r.Header["Customerguid"], r.Header["Idempotency-Key"] = []string{token}, []string{
			guid,
		}, []string{
			key,
		}
		got := w.send(r)
		if got.Code >= http.StatusInternalServerError || !json.Valid(got.Body.Bytes()) {
			t.Fatalf("%s: got %d %s", e.name, got.Code, got.Body)
		}
		if code := faultIn(got).Code; got.Code != http.StatusOK && code == "" {
			t.Fatalf("%s: got %d without errcode: %s", e.name, got.Code, got.Body)
		}
		w.log.Reset()
	})
}
