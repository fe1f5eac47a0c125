package ledger

import "strings"

// distinct is what begins a number that was told apart from another by the case of its letters only, in
// books from before that was ruled out. No new number has it.
const distinct = "="

// CardKey names a card as people do: by the number on it. The number is as FoldNumber makes it; CardNamed
// makes keys.
type CardKey struct {
	Merchant MerchantID
	Number   string
}

// CardNamed is the key of a merchant's card by its number in any spelling.
func CardNamed(merchant MerchantID, number string) CardKey {
	return CardKey{merchant, FoldNumber(number)}
}

// FoldNumber is the form in which card numbers are compared: without space around them, in upper case. A number
// in that form, as most are, is returned as it is.
func FoldNumber(number string) string {
	number = strings.TrimSpace(number)
	if strings.HasPrefix(number, distinct) {
		return number
	}
	for i := range len(number) {
		if c := number[i]; c >= 'a' && c <= 'z' {
			return upper(number, i)
		}
	}
	return number
}

// upper is number in upper case, of which the first letters are so already. Letters beyond ASCII, which no number
// has, stay as they are: some of them have an upper case within ASCII.
func upper(number string, from int) string {
	b := []byte(number)
	for i := from; i < len(b); i++ {
		if b[i] >= 'a' && b[i] <= 'z' {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

func ValidNumber(s string) bool {
	if len(s) < MinNumber || len(s) > MaxNumber {
		return false
	}
	for _, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}
