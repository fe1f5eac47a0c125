package dc78

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"tongka/internal/scheme"
)

// maxRecording bounds what is read of a recording.
const maxRecording = 2 << 20

// ReadRecording reads a recorded request: raw HTTP (request line, headers, an empty line, the body to the
// end), or a curl command line as browsers and proxies copy it.
func ReadRecording(in io.Reader) (*scheme.Sent, error) {
	text, err := io.ReadAll(io.LimitReader(in, maxRecording+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxRecording {
		return nil, fmt.Errorf("a recording of more than %d bytes", maxRecording)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // editors put it there
	read := rawRequest
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("curl ")) {
		read = curlRequest
	}
	r, err := read(text)
	if err != nil {
		return nil, err
	}
	return settleRecording(r)
}

// settleRecording finds action and groups in a request by wherever it was sent to.
func settleRecording(r *http.Request) (*scheme.Sent, error) {
	path := strings.Trim(r.URL.Path, "/")
	if last := path[strings.LastIndexByte(path, '/')+1:]; !strings.EqualFold(last, "api") && isName(last) {
		r.SetPathValue("action", last)
	}
	q, err := readRequest(r)
	if err == nil {
		err = q.rest(r)
	}
	if err == nil {
		err = q.finish()
	}
	if f, ok := errors.AsType[fault](err); ok {
		return nil, errors.New(f.info)
	}
	if err != nil {
		return nil, err
	}
	return q.public(), nil
}

// rawRequest reads HTTP as it was sent, whether its lines end as they must or as an editor left them. A
// length that is not the body's, as after an edit, does not matter.
func rawRequest(text []byte) (*http.Request, error) {
	head, body, found := bytes.Cut(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n\n"))
	if at := bytes.Index(text, []byte("\r\n\r\n")); found && at >= 0 {
		body = text[at+4:]
	}
	lines := strings.Split(strings.TrimSpace(string(head)), "\n")
	kept := lines[:1]
	for _, line := range lines[1:] {
		if name, _, _ := strings.Cut(line, ":"); !strings.EqualFold(name, "content-length") && !strings.EqualFold(name, "transfer-encoding") {
			kept = append(kept, line)
		}
	}
	if !strings.Contains(kept[0], " HTTP/") {
		kept[0] += " HTTP/1.1"
	}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.Join(kept, "\r\n") + "\r\n\r\n")))
	if err != nil {
		return nil, fmt.Errorf("want a request line, headers, an empty line and the body, or a curl command line: %w", err)
	}
	body = bytes.TrimSuffix(body, []byte("\n"))
	setBody(r, body)
	return r, nil
}

func setBody(r *http.Request, body []byte) {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

// curlRequest reads a command line.
func curlRequest(text []byte) (*http.Request, error) {
	words, err := shellWords(strings.ReplaceAll(string(text), "\r\n", "\n"))
	if err != nil {
		return nil, err
	}
	c := curl{header: http.Header{}}
	for words = words[1:]; len(words) > 0; {
		if words, err = c.word(words); err != nil {
			return nil, err
		}
	}
	body := strings.Join(c.data, "&")
	if c.get && body != "" {
		c.url += map[bool]string{true: "&", false: "?"}[strings.Contains(c.url, "?")] + body
		body = ""
	}
	if c.method == "" {
		if c.method = http.MethodGet; body != "" {
			c.method = http.MethodPost
		}
	}
	if c.url == "" {
		return nil, errors.New("curl: there is no address in the command line")
	}
	r, err := http.NewRequest(c.method, c.url, nil)
	if err != nil {
		return nil, fmt.Errorf("curl: %w", err)
	}
	r.Header = c.header
	if body != "" && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	setBody(r, []byte(body))
	return r, nil
}

// curl is a command line as far as it was read.
type curl struct {
	method, url string
	get         bool
	header      http.Header
	data        []string
}

// word reads one option with its value, or the address, and returns the words behind.
func (c *curl) word(words []string) ([]string, error) {
	name := words[0]
	switch {
	case !strings.HasPrefix(name, "-"):
		c.url = name
		return words[1:], nil
	case name == "-G" || name == "--get":
		c.get = true
		return words[1:], nil
	case name == "--compressed" || name == "--insecure" || name == "--silent" || name == "--location" || len(name) == 2 && strings.Contains("ksSiLvf", name[1:]):
		return words[1:], nil
	case len(words) == 1:
		return nil, fmt.Errorf("curl: %s without a value", name)
	}
	value := words[1]
	switch name {
	case "-X", "--request":
		c.method = value
	case "-H", "--header":
		header, text, _ := strings.Cut(value, ":")
		c.header.Add(strings.TrimSpace(header), strings.TrimSpace(text))
	case "-d", "--data", "--data-raw", "--data-binary", "--data-ascii":
		if strings.HasPrefix(value, "@") && name != "--data-raw" {
			return nil, fmt.Errorf("curl: the data is in the file %s: put it into the command line", value[1:])
		}
		c.data = append(c.data, value)
	case "--json":
		c.header.Set("Content-Type", "application/json")
		c.data = append(c.data, value)
	case "--url":
		c.url = value
	case "-A", "--user-agent", "-b", "--cookie", "-e", "--referer", "-m", "--max-time", "-o", "--output", "--connect-timeout":
	default:
		return nil, fmt.Errorf("curl: option %s is not known here", name)
	}
	return words[2:], nil
}

// shellWords splits a command line as a shell does: quotes and backslashes, also at a line's end.
func shellWords(text string) (words []string, err error) {
	var word []byte
	inWord := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if inWord {
				words, word, inWord = append(words, string(word)), nil, false
			}
		case c == '\\' && i+1 < len(text):
			if i++; text[i] != '\n' {
				word, inWord = append(word, text[i]), true
			}
		case strings.HasPrefix(text[i:], "$'"):
			part, rest, err := escaped(text[i+2:])
			if err != nil {
				return nil, err
			}
			word, i, inWord = append(word, part...), len(text)-len(rest)-1, true
		case c == '\'' || c == '"':
			end := i + 1
			for ; end < len(text) && text[end] != c; end++ {
				if c == '"' && text[end] == '\\' && end+1 < len(text) && strings.ContainsRune("\"\\$`", rune(text[end+1])) {
					end++
				}
				word = append(word, text[end])
			}
			if end >= len(text) {
				return nil, errNotClosed
			}
			i, inWord = end, true
		default:
			word, inWord = append(word, c), true
		}
	}
	if inWord {
		words = append(words, string(word))
	}
	return words, nil
}

var errNotClosed = errors.New("curl: a quote is not closed")

// escaped reads what stands behind $', up to the quote that ends it: browsers write so what no plain quotes
// hold. It returns what is behind that quote too.
func escaped(text string) (part []byte, rest string, err error) {
	for text != "" && text[0] != '\'' {
		if strings.HasPrefix(text, `\x`) && len(text) >= 4 { // a byte, perhaps one of several of a letter
			b, err := strconv.ParseUint(text[2:4], 16, 8)
			if err != nil {
				return nil, "", fmt.Errorf("curl: %q is no byte", text[:4])
			}
			part, text = append(part, byte(b)), text[4:]
			continue
		}
		if text[0] == '\\' && len(text) > 1 && strings.ContainsRune(`'"?`, rune(text[1])) {
			part, text = append(part, text[1]), text[2:]
			continue
		}
		if text[0] != '\\' {
			part, text = append(part, text[0]), text[1:]
			continue
		}
		letter, _, behind, err := strconv.UnquoteChar(text, 0)
		if err != nil {
			return nil, "", fmt.Errorf("curl: what stands behind a backslash is not known here: %.6q", text)
		}
		part, text = utf8.AppendRune(part, letter), behind
	}
	if text == "" {
		return nil, "", errNotClosed
	}
	return part, text[1:], nil
}
