package dc78

import "strings"

// isCmdLine reports whether a curl command line is one for cmd.exe, the shell of Windows, as browsers there copy it:
// carets escape, and one stands before a quote, before an &, or at the end of the first line. Between the single quotes
// of other shells a caret says nothing.
func isCmdLine(text string) bool {
	first, _, _ := strings.Cut(text, "\n")
	plain, _, _ := strings.Cut(first, "'")
	return strings.Contains(plain, ` ^"`) || strings.Contains(plain, "^&") ||
		strings.HasSuffix(strings.TrimRight(first, " \t"), "^")
}

// cmdWords splits a command line of Windows: cmd.exe takes the carets off, and the program splits what is left.
func cmdWords(text string) ([]string, error) { return programWords(liftCarets(text)) }

// liftCarets takes off carets. One makes the next character plain; at the end of a line it joins the next line to it,
// and an empty line behind it is a line feed. Between quotes cmd.exe leaves carets alone, but browsers have written
// them there as well, so those are taken off which a browser would have put there.
func liftCarets(text string) string {
	b := make([]byte, 0, len(text))
	for quoted := false; text != ""; {
		c := text[0]
		text = text[1:]
		switch {
		case c == '"':
			quoted = !quoted
		case c == '^' && strings.HasPrefix(text, "\n"):
			text = text[1:]
			if !strings.HasPrefix(text, "\n") {
				continue
			}
			c, text = '\n', text[1:]
		case c == '^' && text != "" && (!quoted || browsersEscape(text[0])):
			c, text = text[0], text[1:]
		case c == '^' && len(b) > 0 && b[len(b)-1] == '%':
			continue // between quotes: %^E9
		}
		b = append(b, c)
	}
	return string(b)
}

// browsersEscape reports whether browsers put a caret before a character wherever it stands.
func browsersEscape(c byte) bool {
	return !isName(string(c)) && strings.IndexByte(" \t\r\n-:=+~'/.,?;()*`", c) < 0
}

// programWords splits a command line as programs on Windows do, where "" between quotes is a quote. Two backslashes
// are one everywhere, as browsers write them, and not before quotes only.
func programWords(text string) (words []string, err error) {
	var word []byte
	inWord, quoted := false, false
	for text != "" {
		c, rest := text[0], text[1:]
		switch {
		case strings.HasPrefix(text, `\"`), strings.HasPrefix(text, `\\`), quoted && strings.HasPrefix(text, `""`):
			word, inWord, rest = append(word, rest[0]), true, rest[1:]
		case c == '"':
			inWord, quoted = true, !quoted
		case !quoted && strings.IndexByte(" \t\r\n", c) >= 0:
			if inWord {
				words, word, inWord = append(words, string(word)), nil, false
			}
		default:
			word, inWord = append(word, c), true
		}
		text = rest
	}
	if quoted {
		return nil, errNotClosed
	}
	if inWord {
		words = append(words, string(word))
	}
	return words, nil
}
