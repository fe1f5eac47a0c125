package dc78

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"tongka/internal/scheme"
)

// maxRecording limits a recording, in bytes.
const maxRecording = 2 << 20

// ReadRecording reads a recorded request: raw HTTP (request line, headers, an empty line, the body to the
// end), or a curl command line as browsers and proxies copy it, for a shell of Unix or for cmd.exe.
func ReadRecording(in io.Reader) (*scheme.Sent, error) {
	text, err := io.ReadAll(io.LimitReader(in, maxRecording+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxRecording {
		return nil, fmt.Errorf("a recording of more than %d bytes", maxRecording)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // the byte order mark that editors add
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

// settleRecording finds the action and the groups in a request, whatever path it was sent to.
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
		return nil, english(f)
	}
	if err != nil {
		return nil, err
	}
	return q.public(), nil
}

// Parts of a recorded HTTP request. net/http reads no version but those of HTTP/1, and where the request line has
// another, a proxy has written down in the form of HTTP/1 what was sent in frames.
var (
	emptyLine    = regexp.MustCompile(`\r?\n\r?\n`)
	laterVersion = regexp.MustCompile(` HTTP/[23](\.0)?$`)
)

// rawRequest reads HTTP with the line ends of the wire or those an editor left. It ignores the length in the headers,
// which is wrong once somebody has edited the body.
func rawRequest(text []byte) (*http.Request, error) {
	head, body := bytes.TrimLeft(text, " \t\r\n"), []byte(nil)
	if at := emptyLine.FindIndex(head); at != nil {
		head, body = head[:at[0]], head[at[1]:]
	}
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(string(head)), "\r\n", "\n"), "\n")
	kept, inChunks := lines[:1], false
	for _, line := range lines[1:] {
		switch name, value, _ := strings.Cut(line, ":"); strings.ToLower(name) {
		case "content-length", "": // HTTP/2 has names that begin with a colon, for what the request line says
		case "transfer-encoding":
			inChunks = strings.HasSuffix(strings.ToLower(strings.TrimSpace(value)), "chunked")
		default:
			kept = append(kept, line)
		}
	}
	kept[0] = laterVersion.ReplaceAllString(strings.TrimSpace(kept[0]), " HTTP/1.1")
	if !strings.Contains(kept[0], " HTTP/") {
		kept[0] += " HTTP/1.1"
	}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(strings.Join(kept, "\r\n") + "\r\n\r\n")))
	if err != nil {
		return nil, fmt.Errorf("want a request line, headers, an empty line and the body, or a curl command line: %w", err)
	}
	body = bytes.TrimSuffix(bytes.TrimSuffix(body, []byte("\n")), []byte("\r"))
	if inChunks {
		if body, err = unchunked(body); err != nil {
			return nil, err
		}
	}
	setBody(r, body)
	return r, nil
}

var errChunks = errors.New("the body is in chunks (Transfer-Encoding), and these are cut short or were edited")

// unchunked puts the chunks of a body together. A body that does not begin with the size of one is returned as it is:
// many proxies record the header as it was sent, and the body whole.
func unchunked(body []byte) (whole []byte, err error) {
	if _, _, ok := nextChunk(body); !ok {
		return body, nil
	}
	for {
		size, rest, ok := nextChunk(body)
		if !ok || size > len(rest) {
			return nil, errChunks
		}
		if size == 0 {
			return whole, nil
		}
		whole = append(whole, rest[:size]...)
		body = bytes.TrimPrefix(bytes.TrimPrefix(rest[size:], []byte("\r")), []byte("\n"))
	}
}

// nextChunk reads the line with the size of a chunk.
func nextChunk(body []byte) (size int, rest []byte, ok bool) {
	line, rest, _ := bytes.Cut(body, []byte("\n"))
	digits, _, _ := bytes.Cut(line, []byte(";"))
	n, err := strconv.ParseInt(string(bytes.TrimSpace(digits)), 16, 32)
	return int(n), rest, err == nil && n >= 0
}

func setBody(r *http.Request, body []byte) {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

// curlRequest reads a curl command line.
func curlRequest(text []byte) (*http.Request, error) {
	line, split := strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")), shellWords
	if isCmdLine(line) {
		split = cmdWords
	}
	words, err := split(line)
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

// curl holds what was read of a command line.
type curl struct {
	method, url string
	get         bool
	header      http.Header
	data        []string
}

// curlSwitches are the known options without a value.
var curlSwitches = map[string]func(*curl){
	"-G": (*curl).asQuery, "--get": (*curl).asQuery,
	"-k": ignored, "-s": ignored, "-S": ignored, "-i": ignored, "-L": ignored, "-v": ignored, "-f": ignored,
	"--compressed": ignored, "--insecure": ignored, "--silent": ignored, "--location": ignored,
}

// curlOptions are the known options with a value.
var curlOptions = map[string]func(*curl, string) error{
	"-X": (*curl).setMethod, "--request": (*curl).setMethod,
	"-H": (*curl).addHeader, "--header": (*curl).addHeader,
	"-d": (*curl).addData, "--data": (*curl).addData, "--data-binary": (*curl).addData, "--data-ascii": (*curl).addData,
	"--data-raw": (*curl).addRaw, "--json": (*curl).addJSON, "--url": (*curl).setURL,
	"-A": passed, "--user-agent": passed, "-b": passed, "--cookie": passed, "-e": passed, "--referer": passed,
	"-m": passed, "--max-time": passed, "--connect-timeout": passed, "-o": passed, "--output": passed,
}

// word reads one option with its value, or the address, and returns the remaining words.
func (c *curl) word(words []string) ([]string, error) {
	name := words[0]
	if !strings.HasPrefix(name, "-") {
		return words[1:], c.setURL(name)
	}
	if set, ok := curlSwitches[name]; ok {
		set(c)
		return words[1:], nil
	}
	if len(words) == 1 {
		return nil, fmt.Errorf("curl: %s without a value", name)
	}
	set, ok := curlOptions[name]
	if !ok {
		return nil, fmt.Errorf("curl: option %s is not supported", name)
	}
	return words[2:], set(c, words[1])
}

func ignored(*curl) {}

func passed(*curl, string) error { return nil }

func (c *curl) asQuery() { c.get = true }

func (c *curl) setMethod(name string) error {
	c.method = name
	return nil
}

func (c *curl) setURL(url string) error {
	c.url = url
	return nil
}

func (c *curl) addHeader(line string) error {
	name, text, _ := strings.Cut(line, ":")
	c.header.Add(strings.TrimSpace(name), strings.TrimSpace(text))
	return nil
}

func (c *curl) addData(data string) error {
	if file, ok := strings.CutPrefix(data, "@"); ok {
		return fmt.Errorf("curl: the data is in the file %s: put it into the command line", file)
	}
	return c.addRaw(data)
}

func (c *curl) addRaw(data string) error {
	c.data = append(c.data, data)
	return nil
}

func (c *curl) addJSON(data string) error {
	c.header.Set("Content-Type", "application/json")
	return c.addRaw(data)
}

// shellWords splits a command line as a shell does, with quotes, and with backslashes also at the end of a line.
func shellWords(text string) (words []string, err error) {
	var word []byte
	inWord := false
	for text != "" {
		part, rest := text[:1], text[1:]
		switch c := text[0]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			if inWord {
				words, word, inWord = append(words, string(word)), nil, false
			}
			text = rest
			continue
		case strings.HasPrefix(text, "\\\n"):
			text = text[2:]
			continue
		case c == '\\' && rest != "":
			part, rest = rest[:1], rest[1:]
		case strings.HasPrefix(text, "$'"):
			part, rest, err = escaped(text[2:])
		case c == '\'' || c == '"':
			part, rest, err = betweenQuotes(rest, c)
		}
		if err != nil {
			return nil, err
		}
		word, inWord, text = append(word, part...), true, rest
	}
	if inWord {
		words = append(words, string(word))
	}
	return words, nil
}

// betweenQuotes reads up to the closing quote, and returns what follows it as rest. Between double quotes a
// backslash escapes only the characters that are special there.
func betweenQuotes(text string, quote byte) (part, rest string, err error) {
	var b []byte
	for text != "" && text[0] != quote {
		if quote == '"' && len(text) > 1 && text[0] == '\\' && strings.IndexByte("\"\\$`", text[1]) >= 0 {
			text = text[1:]
		}
		b, text = append(b, text[0]), text[1:]
	}
	if text == "" {
		return "", "", errNotClosed
	}
	return string(b), text[1:], nil
}

var errNotClosed = errors.New("curl: a quote is not closed")

// escaped reads the text after $' up to the closing quote, and returns what follows it as rest. Browsers write so
// what plain quotes cannot hold.
func escaped(text string) (part, rest string, err error) {
	var b []byte
	for text != "" && text[0] != '\'' {
		if strings.HasPrefix(text, `\x`) && len(text) >= 4 { // one byte, which may be part of a longer character
			n, err := strconv.ParseUint(text[2:4], 16, 8)
			if err != nil {
				return "", "", fmt.Errorf("curl: %q is not a byte", text[:4])
			}
			b, text = append(b, byte(n)), text[4:]
			continue
		}
		if text[0] == '\\' && len(text) > 1 && strings.ContainsRune(`'"?`, rune(text[1])) {
			b, text = append(b, text[1]), text[2:]
			continue
		}
		if text[0] != '\\' {
			b, text = append(b, text[0]), text[1:]
			continue
		}
		letter, _, behind, err := strconv.UnquoteChar(text, 0)
		if err != nil {
			return "", "", fmt.Errorf("curl: unknown escape: %.6q", text)
		}
		b, text = utf8.AppendRune(b, letter), behind
	}
	if text == "" {
		return "", "", errNotClosed
	}
	return string(b), text[1:], nil
}
