package exchange

import (
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// secrets are the names of what is hidden completely, without regard to case: who knows part of a password guesses the
// rest, and from the digest of what is known but for four digits they are found by trying. bind_qr is the link that
// binds a phone to a card.
var secrets = []string{
	"password", "passwd", "pass", "pwd", "vericode", "code", "token", "authorization", "apikey", "secret", "post_sha256",
	"bind_qr", "proof",
}

// personal are the names of what identifies a holder, of which little is kept.
var personal = []string{"phone", "mobile", "tel", "idnumber", "openid", "unionid", "birthday"}

// phones are mobile numbers, wherever they stand in a text.
var phones = regexp.MustCompile(`(^|[^0-9])(1[3-9][0-9]{9})([^0-9]|$)`)

// paying are the codes of phones by which their holders pay: member codes, and those of WeChat and Alipay.
var paying = regexp.MustCompile(`^(77[0-9]{18}|1[0-5][0-9]{16}|(2[5-9]|30)[0-9]{14,22})$`)

// digest is what looks like a signature, whatever a till calls it.
var digest = regexp.MustCompile(`^([0-9A-Fa-f]{32,}|[0-9A-Za-z+/]{22,}={1,2})$`)

// sealing says whether signatures are hidden. One that is right is as good as what it signs; one that is wrong is what
// people look for.
type sealing bool

const (
	signsHidden sealing = true
	signsShown  sealing = false
)

// masked returns a value as it may be kept under a name.
func (s sealing) masked(name, value string) string {
	name = strings.ToLower(name)
	switch {
	case value == "":
		return ""
	case s == signsHidden && (strings.Contains(name, "sign") || digest.MatchString(value)):
		return ledger.MaskedText
	case slices.Contains(secrets, name), paying.MatchString(value):
		return ledger.MaskedText
	case slices.Contains(personal, name):
		return phrase.Masked(value)
	}
	// Twice, as two numbers may share the letter between them.
	for range 2 {
		value = phones.ReplaceAllStringFunc(value, func(found string) string {
			part := phones.FindStringSubmatch(found)
			return part[1] + phrase.Masked(part[2]) + part[3]
		})
	}
	return value
}

// printable returns a text that every database takes, without what no till means to send.
func printable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "�"), "\x00", "�")
}

// maskedJSON returns a JSON text with every value masked, compact and in the order in which it was sent. What cannot be
// read, because it is none or was cut off, is left out from there on, and replaced by an ellipsis.
func (s sealing) maskedJSON(text []byte, see func(name, value string)) string {
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	m := &maskedText{in: in, see: see, sealing: s}
	if err := m.value(""); err != nil {
		return printable(m.out.String()) + "…"
	}
	if _, err := in.Token(); err != io.EOF {
		m.out.WriteString("…")
	}
	return printable(m.out.String())
}

// maskedText is a JSON text that is being masked.
type maskedText struct {
	in  *json.Decoder
	out strings.Builder
	sealing
	see func(name, value string) // is called with every value that stands under a name
}

// value writes the next value, which stands under a name.
func (m *maskedText) value(name string) error {
	token, err := m.in.Token()
	if err != nil {
		return err
	}
	switch t := token.(type) {
	case json.Delim:
		return m.group(t, name)
	case string:
		m.see(name, t)
		return m.write(m.masked(name, t))
	case json.Number:
		m.see(name, t.String())
		if kept := m.masked(name, t.String()); kept != t.String() {
			return m.write(kept)
		}
		m.out.WriteString(t.String())
		return nil
	default:
		return m.write(t)
	}
}

// group writes the rest of an object or a list.
func (m *maskedText) group(open json.Delim, name string) error {
	m.out.WriteRune(rune(open))
	for first := true; m.in.More(); first = false {
		if !first {
			m.out.WriteByte(',')
		}
		if open == '{' {
			token, err := m.in.Token()
			if err != nil {
				return err
			}
			name, _ = token.(string)
			if err := m.write(printable(name)); err != nil {
				return err
			}
			m.out.WriteByte(':')
		}
		if err := m.value(name); err != nil {
			return err
		}
	}
	end, err := m.in.Token()
	if err != nil {
		return err
	}
	m.out.WriteRune(rune(end.(json.Delim))) //nolint:forcetypeassert // what ends a group is one
	return nil
}

// write writes a value as JSON.
func (m *maskedText) write(value any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	m.out.Write(bytes.TrimRight(b.Bytes(), "\n"))
	return nil
}

// pairs returns the parameters of a query or a form, masked, in the order in which they were sent.
func (s sealing) pairs(text string, see func(name, value string)) (all []ledger.TextPair) {
	for part := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, value = unescaped(name), unescaped(value)
		if name == "" {
			continue
		}
		see(name, value)
		all = append(all, ledger.TextPair{Name: printable(name), Value: printable(s.masked(name, value))})
	}
	return all
}

// unescaped returns what an escaped text stands for, or the text where it is none.
func unescaped(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil || !utf8.ValidString(plain) {
		return text
	}
	return plain
}
