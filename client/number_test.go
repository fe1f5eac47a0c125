package client

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

// TestFen reads amounts in all forms of the pages, and refuses those that would need a float or could be read in
// two ways.
func TestFen(t *testing.T) {
	t.Parallel()
	const bad = math.MinInt64
	for token, want := range map[string]Fen{
		`14493.80`: 1449380, `14493.8`: 1449380, `"1420.00"`: 142000, `100`: 10000, `0`: 0, `0.05`: 5, `"0.0"`: 0,
		`-20.5`: -2050, `40009.39`: 4000939, `1.2300000`: 123, `9999999999999.99`: 999999999999999,
		`0.005`: bad, `1e2`: bad, `"1e2"`: bad, `""`: bad, `"."`: bad, `"1."`: bad, `".5"`: bad, `"01"`: bad, `"+1"`: bad,
		`" 1"`: bad, `"--1"`: bad, `null`: bad, `true`: bad, `{}`: bad, `[1]`: bad, `"\u0031"`: bad, `"一"`: bad,
		`12345678901234`: bad,
	} {
		got := Fen(bad)
		err := json.Unmarshal([]byte(token), &got)
		if (err != nil) != (want == bad) || (err == nil && got != want) {
			t.Errorf("%s: got %d, %v, want %d", token, got, err, want)
		}
	}
}

func TestFenString(t *testing.T) {
	t.Parallel()
	for fen, want := range map[Fen]string{
		0: "0.00", 5: "0.05", -50: "-0.50", 1449380: "14493.80", math.MinInt64: "-92233720368547758.08",
	} {
		if got := fen.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// FuzzFen: what is read is written as the same amount.
func FuzzFen(f *testing.F) {
	for _, seed := range []string{`1.5`, `"1420.00"`, `-0.01`, `null`, `1e5`, `9999999999999`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, token []byte) {
		var first, second Fen
		if json.Unmarshal(token, &first) != nil {
			return
		}
		text, err := json.Marshal(first)
		if err != nil || json.Unmarshal(text, &second) != nil || first != second {
			t.Errorf("%s: read as %d, written as %s, read as %d", token, first, text, second)
		}
		if sent := strings.Trim(strings.TrimSpace(string(token)), `"`); first != 0 &&
			!strings.HasPrefix(sent+".00", strings.TrimRight(string(text), ".0")) {
			t.Errorf("%s is read as %s", token, text)
		}
	})
}

func TestOtherNumbers(t *testing.T) {
	t.Parallel()
	var v struct {
		Rate  Rate
		Count Count
		Text  Text
	}
	for _, tt := range []struct {
		body  string
		rate  Rate
		count Count
		text  Text
	}{
		{`{"rate":0.8,"count":5.0,"text":666}`, 8000, 5, "666"},
		{`{"rate":"1","count":"310","text":"钻石卡"}`, 10000, 310, "钻石卡"},
		{`{"rate":0.1234,"count":-20,"text":123456789012312345678}`, 1234, -20, "123456789012312345678"},
		{`{"rate":1.0,"count":0,"text":null}`, 10000, 0, ""},
	} {
		v.Text = ""
		if err := json.Unmarshal([]byte(tt.body), &v); err != nil || v.Rate != tt.rate || v.Count != tt.count ||
			v.Text != tt.text {
			t.Errorf("%s: got %+v, %v", tt.body, v, err)
		}
	}
	for _, body := range []string{
		`{"rate":0.12345}`, `{"count":0.5}`, `{"count":null}`, `{"text":{}}`, `{"text":[]}`, `{"text":true}`,
	} {
		if err := json.Unmarshal([]byte(body), &v); err == nil {
			t.Errorf("%s: got %+v", body, v)
		}
	}
}
