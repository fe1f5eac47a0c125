package dc78

import (
	"io"
	"reflect"
	"strings"
	"testing"
)

// TestRecordings: a request reads the same however it was recorded: with the line ends of Windows, with the mark
// that editors there put in front, and as browsers and proxies copy what plain quotes cannot hold.
func TestRecordings(t *testing.T) {
	t.Parallel()
	const raw = "POST /Api?msid=1&sign=ABC HTTP/1.1\nHost: x\n\n" +
		`{"action":{"action":"mb_check"},"get":{"name":"it's 测试!","mbno":"1"}}`
	want, err := ReadRecording(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	const quoted = `$'{"action":{"action":"mb_check"},"get":{"name":"it\'s \u6d4b\xe8\xaf\x95\u0021","mbno":"1"}}'`
	const curled = "curl 'http://x/Api?msid=1&sign=ABC' \\\n  -H 'Host: x' \\\n  --data-raw " + quoted + "\n"
	for name, text := range map[string]string{
		"a mark in front": "\ufeff" + raw, "lines of Windows": strings.ReplaceAll(raw, "\n", "\r\n"),
		"curl": curled, "curl, a mark in front": "\ufeff" + curled,
		"curl, lines of Windows": strings.ReplaceAll(curled, "\n", "\r\n"),
	} {
		got, err := ReadRecording(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got.Action != want.Action || !reflect.DeepEqual(got.Query, want.Query) ||
			!reflect.DeepEqual(got.Get, want.Get) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	for _, text := range []string{`curl $'a`, `curl $'\u12`, `curl $'\xg'`, `curl $'\`, `curl $'\q'`, `curl "a`} {
		if got, err := ReadRecording(strings.NewReader(text)); err == nil {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

// TestEndlessRecording: no more is read of a recording than it may have, whatever it is read from.
func TestEndlessRecording(t *testing.T) {
	t.Parallel()
	var in endless
	if _, err := ReadRecording(&in); err == nil || err.Error() != "a recording of more than 2097152 bytes" {
		t.Errorf("got %v", err)
	}
	if in.read != maxRecording+1 {
		t.Errorf("%d bytes were read", in.read)
	}
}

// endless counts what is read of it.
type endless struct{ read int }

var _ io.Reader = (*endless)(nil)

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}
