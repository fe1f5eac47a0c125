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

// secrets are what the names of all that is hidden completely contain, in small letters: who knows part of a password
// guesses the rest, and from the digest of what is known but for four digits they are found by trying. bind_qr is the
// link that binds a phone to a card.
var secrets = []string{
	"pass", "pwd", "code", "token", "auth", "apikey", "api_key", "secret", "post_sha256", "bind_qr", "proof", "sign",
	"pinblock", "密码", "口令", "验证码",
}

// pin matches the names of PINs, and not that of pinyin or shipping.
var pin = regexp.MustCompile(`(?i:pin)([^a-z]|$)`)

// plainCodes are the names of what the contained "code" does not make a secret: what came of a request.
var plainCodes = []string{"errcode", "err_code", "errorcode", "error_code", "statuscode", "status_code"}

// problemCode matches what an answer of the API says happened, under the name code.
var problemCode = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

// personal are what the names of all that identifies a holder contain, in small letters. Little of that is kept.
var personal = []string{"phone", "mobile", "idnumber", "id_number", "openid", "open_id", "unionid", "birthday"}

// formName matches the name of a parameter. What else stands before an equals sign is part of a text that is no form.
var formName = regexp.MustCompile(`^[\pL\pN_.\[\]-]{1,64}$`)

// assigned matches a parameter within a longer text, such as an address.
var assigned = regexp.MustCompile(`([\pL\pN_.-]+)=([^&\s]+)`)

// phones are mobile numbers, wherever they stand in a text.
var phones = regexp.MustCompile(`(^|[^0-9])(1[3-9][0-9]{9})([^0-9]|$)`)

// paying are the codes of phones by which their holders pay: member codes, and those of WeChat and Alipay.
var paying = regexp.MustCompile(`^(77[0-9]{18}|1[0-5][0-9]{16}|(2[5-9]|30)[0-9]{14,22})$`)

// braced is a text in braces that holds no JSON, such as a GUID.
var braced = regexp.MustCompile(`^\{[^"{}\[\]:]+\}$`)

// digest is what looks like a signature, whatever a till calls it.
var digest = regexp.MustCompile(`^([0-9A-Fa-f]{32,}|[0-9A-Za-z+/]{22,}={1,2})$`)

// isSecret reports whether what stands under a name is hidden completely.
func isSecret(name string) bool {
	small := strings.ToLower(name)
	return !slices.Contains(plainCodes, small) && (containsAny(small, secrets) || pin.MatchString(name))
}

// isPersonal reports whether what stands under a name identifies a holder.
func isPersonal(name string) bool {
	name = strings.ToLower(name)
	return name == "tel" || containsAny(name, personal)
}

func containsAny(name string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(name, word) })
}

// masked returns a value as it may be kept under a name. JSON in it is masked as JSON.
func masked(name, value string) string {
	plain := strings.TrimSpace(value)
	switch {
	case plain == "":
		return value
	case isSecret(name), digest.MatchString(plain), paying.MatchString(plain):
		return ledger.MaskedText
	case isPersonal(name):
		return phrase.Masked(value)
	}
	if inner := trimmed([]byte(value)); looksJSON(inner) && !braced.Match(inner) {
		return maskedJSON(inner, func(string, string) {})
	}
	return maskedText(value)
}

// maskedText returns a text without the secrets and phones within it.
func maskedText(text string) string {
	twin := slices.ContainsFunc(assigned.FindAllStringSubmatch(text, -1), func(found []string) bool {
		return callsSecret(found[1], found[2])
	})
	text = assigned.ReplaceAllStringFunc(text, func(found string) string {
		name, _, _ := strings.Cut(found, "=")
		if !isSecret(name) && (!twin || !isCalled(name)) {
			return found
		}
		return name + "=" + ledger.MaskedText
	})
	// Twice, as two numbers may share the letter between them.
	for range 2 {
		text = phones.ReplaceAllStringFunc(text, func(found string) string {
			part := phones.FindStringSubmatch(found)
			return part[1] + phrase.Masked(part[2]) + part[3]
		})
	}
	return text
}

// trimmed returns a text without the mark and the blanks that may stand around JSON.
func trimmed(text []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(text), []byte("\ufeff")))
}

// looksJSON reports whether a text begins as JSON that can hold a secret.
func looksJSON(text []byte) bool { return len(text) > 0 && strings.IndexByte(`{["`, text[0]) >= 0 }

// printable returns a text that every database takes, without what no till means to send.
func printable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "�"), "\x00", "�")
}

// maskedJSON returns a JSON text with every value masked, compact and in the order in which it was sent. What cannot be
// read, because it is none or was cut off, is left out from there on, and replaced by an ellipsis.
func maskedJSON(text []byte, see func(name, value string)) string {
	return (&masking{see: see}).text(text)
}

// text returns a JSON text masked, as maskedJSON says.
func (m *masking) text(text []byte) string {
	m.in = json.NewDecoder(bytes.NewReader(text))
	m.in.UseNumber()
	if err := m.value(""); err != nil {
		return printable(string(m.out)) + "…"
	}
	if _, err := m.in.Token(); err != io.EOF {
		m.out = append(m.out, "…"...)
	}
	return printable(string(m.out))
}

// masking is a JSON text that is being masked.
type masking struct {
	in   *json.Decoder
	out  []byte
	last string                   // the text that was the last value, "" if that was none
	see  func(name, value string) // is called with every value that stands under a name
	ours bool                     // it is an answer of this server
}

// value writes the next value, which stands under a name.
func (m *masking) value(name string) error {
	token, err := m.in.Token()
	if err != nil {
		return err
	}
	m.last = ""
	switch t := token.(type) {
	case json.Delim:
		return m.group(t, name)
	case string:
		m.see(name, t)
		m.last = t
		if m.ours && name == "code" && problemCode.MatchString(t) {
			return m.write(t)
		}
		return m.write(masked(name, t))
	case json.Number:
		m.see(name, t.String())
		if kept := masked(name, t.String()); kept != t.String() {
			return m.write(kept)
		}
		m.out = append(m.out, t.String()...)
		return nil
	default:
		return m.write(t)
	}
}

// group writes the rest of an object or a list, which stands under a name. All of what stands under a secret's is one.
func (m *masking) group(open json.Delim, under string) error {
	m.out = append(m.out, byte(open))
	inside := m.list
	if open == '{' {
		inside = m.object
	}
	if err := inside(under); err != nil {
		return err
	}
	end, err := m.in.Token()
	if err != nil {
		return err
	}
	m.out = append(m.out, byte(end.(json.Delim))) //nolint:forcetypeassert // what ends a group is one
	m.last = ""
	return nil
}

// list writes the values of a list. Of ["password","…"] the first says what the others are.
func (m *masking) list(under string) error {
	for first := true; m.in.More(); first = false {
		if !first {
			m.out = append(m.out, ',')
		}
		if err := m.value(under); err != nil {
			return err
		}
		if first && isSecret(m.last) && len(m.last) <= longestName {
			under = m.last
		}
	}
	return nil
}

// object writes the members of an object. What a twin may call a secret is hidden too where the object is cut off.
func (m *masking) object(under string) (err error) {
	var twins []span
	secret := false
	defer func() {
		if secret || err != nil {
			m.out = hide(m.out, twins)
		}
	}()
	for first := true; m.in.More(); first = false {
		if !first {
			m.out = append(m.out, ',')
		}
		var own string
		if own, err = m.name(); err != nil {
			return err
		}
		name, from := under, len(m.out)
		if !isSecret(under) {
			name = own
		}
		if isCalled(own) {
			twins = append(twins, span{from, from})
		}
		err = m.value(name)
		if isCalled(own) {
			twins[len(twins)-1].to = len(m.out)
		}
		if err != nil {
			return err
		}
		secret = secret || callsSecret(own, m.last)
	}
	return nil
}

// name writes the name of a member and returns it.
func (m *masking) name() (string, error) {
	token, err := m.in.Token()
	if err != nil {
		return "", err
	}
	own, _ := token.(string)
	if err := m.write(printable(maskedText(own))); err != nil {
		return "", err
	}
	m.out = append(m.out, ':')
	return own, nil
}

// write writes a value as JSON.
func (m *masking) write(value any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	m.out = append(m.out, bytes.TrimRight(b.Bytes(), "\n")...)
	return nil
}

// pairs returns the parameters of a query or a form, masked, in the order in which they were sent. What is none is left
// out.
func pairs(text string, see func(name, value string)) (all []ledger.TextPair) {
	twin := false
	for part := range strings.SplitSeq(text, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, value = unescaped(name), unescaped(value)
		if !formName.MatchString(name) {
			continue
		}
		see(name, value)
		twin = twin || callsSecret(name, value)
		all = append(all, ledger.TextPair{Name: printable(maskedText(name)), Value: printable(masked(name, value))})
	}
	return hideTwins(all, twin)
}

// unescaped returns what an escaped text stands for, or the text where it is none.
func unescaped(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil || !utf8.ValidString(plain) {
		return text
	}
	return plain
}
