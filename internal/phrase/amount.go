package phrase

import (
	"slices"
	"strconv"
	"strings"

	"tongka/internal/ledger"
)

// Yuan returns an amount as people read it: 14,573.80.
func Yuan(f ledger.Fen) string {
	whole, fen, _ := strings.Cut(f.String(), ".")
	return thousands(whole) + "." + fen
}

// SignedYuan returns an amount with its sign.
func SignedYuan(f ledger.Fen) string {
	if f > 0 {
		return "+" + Yuan(f)
	}
	return Yuan(f)
}

// Count returns a number as people read it: 14,573.
func Count(n int64) string { return thousands(strconv.FormatInt(n, 10)) }

// SignedCount returns a number with its sign.
func SignedCount(n int64) string {
	if n > 0 {
		return "+" + Count(n)
	}
	return Count(n)
}

// thousands puts commas into a whole number.
func thousands(digits string) string {
	digits, negative := strings.CutPrefix(digits, "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if negative {
		return "-" + digits
	}
	return digits
}

// Percent returns a rate in percent: 12.5%.
func Percent(r ledger.Rate) string { return (100 * r).String() + "%" }

// Masked returns only the beginning and the end of a number, for people who may not know it: 186****2465. Of a text of
// fewer than four characters nothing is left.
func Masked(number string) string {
	letters := []rune(number)
	front, back := 2, 4
	switch n := len(letters); {
	case n == 0:
		return ""
	case n < 4:
		return ledger.Mask
	case n < 9:
		front, back = 1, 2
	case n == 11:
		front = 3
	}
	return string(letters[:front]) + ledger.Mask + string(letters[len(letters)-back:])
}

// FoundMasked returns those of the cards found by a key that somebody finds to whom phones are shown masked: by what he
// is shown, or by a whole phone. By parts of what is hidden he would find it out digit by digit.
func FoundMasked(found []ledger.Card, key string) []ledger.Card {
	shown := strings.ToLower(key)
	return slices.DeleteFunc(found, func(card ledger.Card) bool {
		phone := card.Holder.Phone
		card.Holder.Phone = Masked(phone)
		return phone != ledger.NormalPhone(key) && !strings.Contains(card.SearchText(), shown)
	})
}
