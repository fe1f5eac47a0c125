package dc78

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestRecordings: a request reads the same however it was recorded: with the line ends of Windows, with the mark
// that editors there put in front, as browsers and proxies copy what plain quotes cannot hold, for cmd.exe, in chunks,
// and with the version of HTTP that was spoken.
func TestRecordings(t *testing.T) {
	t.Parallel()
	const body = `{"action":{"action":"mb_check"},"get":{"name":"it's 测试!","mbno":"1"}}`
	const raw = "POST /Api?msid=1&sign=ABC HTTP/1.1\nHost: x\n\n" + body
	want, err := ReadRecording(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	cmd := func(quote string) string {
		return "curl " + asCmd("http://x/Api?msid=1&sign=A%42C", quote) + " ^\n  -H " + asCmd("Host: x", quote) +
			" ^\n  --data-raw " + asCmd(body, quote)
	}
	chunks := strings.Replace(raw, "\n\n"+body, "\nTransfer-Encoding: chunked\n\n", 1)
	inChunks := fmt.Sprintf("%s1a;x=y\n%s\n%x\n%s\n0\n\n", chunks, body[:0x1a], len(body)-0x1a, body[0x1a:])
	const quoted = `$'{"action":{"action":"mb_check"},"get":{"name":"it\'s \u6d4b\xe8\xaf\x95\u0021","mbno":"1"}}'`
	const curled = "curl 'http://x/Api?msid=1&sign=ABC' \\\n  -H 'Host: x' \\\n  --data-raw " + quoted + "\n"
	for name, text := range map[string]string{
		"a mark in front": "\ufeff" + raw, "lines of Windows": strings.ReplaceAll(raw, "\n", "\r\n"),
		"curl": curled, "curl, a mark in front": "\ufeff" + curled,
		"curl, lines of Windows": strings.ReplaceAll(curled, "\n", "\r\n"),
		"curl of cmd.exe":        cmd(`^"`),
		"cmd.exe, older":         cmd(`"`),
		"cmd.exe, its lines":     strings.ReplaceAll(cmd(`^"`), "\n", "\r\n") + "\r\n",
		"cmd.exe, one line":      strings.ReplaceAll(cmd(`^"`), "^\n", ""),
		"cmd.exe, by hand":       `curl "http://x/Api?msid=1&sign=ABC" ^` + "\n -d \"" + strings.ReplaceAll(body, `"`, `\"`) + `"`,
		"cmd.exe, two quotes for one": `curl "http://x/Api?msid=1&sign=A"%"42C" ^` + "\n -d \"" +
			strings.ReplaceAll(body, `"`, `""`) + `"`,
		"HTTP/2":               strings.Replace(raw, "HTTP/1.1", "HTTP/2", 1),
		"HTTP/2.0":             strings.Replace(raw, "HTTP/1.1\n", "HTTP/2.0\n:authority: x\n", 1),
		"HTTP/3":               strings.ReplaceAll(strings.Replace(raw, "HTTP/1.1", "HTTP/3", 1), "\n", "\r\n"),
		"chunks":               inChunks,
		"chunks of the wire":   strings.ReplaceAll(inChunks, "\n", "\r\n"),
		"chunks, put together": chunks + body + "\n",
		"an empty line before": "\n\r\n" + raw,
	} {
		got, err := ReadRecording(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got.Action != want.Action || !reflect.DeepEqual(got.Query, want.Query) ||
			!reflect.DeepEqual(got.Get, want.Get) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	for _, text := range []string{
		`curl $'a`, `curl $'\u12`, `curl $'\xg'`, `curl $'\`, `curl $'\q'`, `curl "a`, `curl ^"a`, "curl ^", "curl \"a ^\n",
		chunks + "1a\n{}", chunks + "2\n{}\nx\n", chunks + "2\n{}\n", strings.Replace(raw, "HTTP/1.1", "HTTP/x", 1),
	} {
		if got, err := ReadRecording(strings.NewReader(text)); err == nil {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

// asCmd writes an argument as browsers on Windows do in "Copy as cURL (cmd)": between quotes with a caret, or in
// older ones without.
func asCmd(argument, quote string) string {
	var b strings.Builder
	b.WriteString(quote)
	before := rune(0)
	for _, c := range argument {
		switch c {
		case '\n':
			b.WriteString("^\n")
		case '"', '\\':
			b.WriteString(`^\`)
		}
		if c > unicode.MaxASCII || browsersEscape(byte(c)) || before == '%' && isName(string(c)) {
			b.WriteByte('^')
		}
		b.WriteRune(c)
		before = c
	}
	return b.String() + quote
}

// TestCaretsOfOtherShells: a caret between the quotes of another shell is a caret.
func TestCaretsOfOtherShells(t *testing.T) {
	t.Parallel()
	const body = `{"action":{"action":"mb_check"},"get":{"name":"a^b ^"}}`
	for _, text := range []string{
		"curl 'http://x/Api?msid=1' -d '" + body + "'", "curl 'http://x/Api?msid=1' \\\n -d '" + body + "'",
		"curl " + asCmd("http://x/Api?msid=1", `^"`) + " ^\n -d " + asCmd(body, `^"`),
	} {
		got, err := ReadRecording(strings.NewReader(text))
		if err != nil || got.Get[0].Value != "a^b ^" {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
}

// TestUnreadableRecordings: why a recording cannot be read is told in the language of the commands.
func TestUnreadableRecordings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"POST /Api HTTP/1.1\n\n{":                                "the body, or the list in it, is not JSON",
		"GET /Api HTTP/1.1\n\n":                                  "want a POST, or a GET with the action at the end of its path",
		"GET /Api/mb_check?a=1&a=2 HTTP/1.1\n\n":                 "a parameter stands twice with different values: a",
		"POST /Api HTTP/1.1\n\n{\"action\":{}}":                  `the group action is not like {"action":"mb_check"}`,
		"POST /Api HTTP/1.1\nTransfer-Encoding: chunked\n\n5\n{": errChunks.Error(),
		"POST /Api HTTP/1.1\n\n{\"get\":{}}":                     "the body has no group action",
	} {
		if _, err := ReadRecording(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// TestEveryReasonInEnglish: each reason for which a request cannot be read stands in inEnglish.
func TestEveryReasonInEnglish(t *testing.T) {
	t.Parallel()
	reasons := []string{faultMethod.info, faultName.info, faultTooLarge.info}
	for _, file := range []string{"envelope.go", "read.go"} {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			for _, arg := range call.Args {
				if sum, ok := arg.(*ast.BinaryExpr); ok {
					arg = sum.X
				}
				literal, ok := arg.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING {
					continue
				}
				text, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
					reasons = append(reasons, text)
				}
			}
			return true
		})
	}
	slices.Sort(reasons)
	if reasons = slices.Compact(reasons); len(reasons) < 20 {
		t.Errorf("only %d reasons were found", len(reasons))
	}
	for _, why := range reasons {
		told := english(faultForm(strings.TrimPrefix(why, unreadableInfo))).Error()
		if strings.ContainsFunc(told, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s is told as %s", why, told)
		}
	}
}

// FuzzCmdLine: what browsers write for cmd.exe reads as it was, whatever it is.
func FuzzCmdLine(f *testing.F) {
	for _, seed := range []string{
		`{"a":"b\u6d4b"}`, "a=%E9%9B%AA&b=%_c%%41^%", `\\" ^ "" ^^" \`, "雪 碧\n\n^\nx", "", "'$`!<>|",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, argument string) {
		if !utf8.ValidString(argument) || strings.Contains(argument, "\r") {
			return
		}
		for _, quote := range []string{`^"`, `"`} {
			if quote == `"` && strings.Contains(argument, "\n") {
				continue
			}
			line := "curl " + asCmd(argument, quote) + " ^\n  -d " + asCmd(argument, quote)
			got, err := cmdWords(line)
			if want := []string{"curl", argument, "-d", argument}; err != nil || !slices.Equal(got, want) {
				t.Fatalf("%s: got %q, %v, want %q", line, got, err, want)
			}
		}
	})
}

// FuzzRecordings: whatever a file holds, it is read or refused, and the reason is told in the language of the
// commands.
func FuzzRecordings(f *testing.F) {
	for _, seed := range []string{
		"POST /Api?msid=1 HTTP/1.1\nHost: x\n\n{\"action\":{\"action\":\"mb_check\"},\"get\":{\"mbno\":\"1\"}}",
		"POST /Api/mb_newcard?msid=1 HTTP/2\r\nTransfer-Encoding: chunked\r\n\r\n4\r\na=1&\r\n3\r\nb=2\r\n0\r\n\r\n",
		"GET /Api/mb_check?mbno=1&mbno=2 HTTP/2.0\n\n", "GET /Api HTTP/3\n:authority: x\n\n",
		"curl 'http://x/Api' \\\n -H 'A: b' --data-raw $'{\\u0021'",
		"curl ^\"http://x/Api?a=^%^41^\" ^\n  -d ^\"^{^\\^\"^\"",
		"curl -G \"http://x/Api/mb_check\" ^\n -d \"a=\"\"1\"", "curl -X PUT http://x/",
		"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n-1\n",
		"POST / HTTP/1.1\nTransfer-Encoding: chunked\n\nffffffff\n{",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := ReadRecording(strings.NewReader(string(text)))
		if (got == nil) == (err == nil) {
			t.Fatalf("%q: %+v, %v", text, got, err)
		}
		if err != nil && strings.Contains(err.Error(), unreadableInfo) {
			t.Fatalf("%q: %v", text, err)
		}
	})
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
