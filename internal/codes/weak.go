package codes

import "strings"

// commonPasswords are those that many people choose and that no rule of Weak finds.
var commonPasswords = []string{
	"000001", "111222", "112358", "123654", "1314520", "5201314", "520520", "1314", "147258", "147258369", "159357",
	"112233", "123321", "1122", "2580", "0852",
	"abc123", "abcd1234", "a123456", "a1234567", "q123456", "password", "qwerty", "admin", "aa123456", "password1",
}

// beginning is how many characters the beginning of what is known has at least to be weak: shorter ones are alike for
// many cards and phones, and forbidding them would forbid much that is no beginning.
const beginning = 6

// Weak reports whether a card password is among the first that somebody would try: common ones, one character
// or a short block over and over, characters that follow each other, and the end of what is printed or known
// of the card, or its beginning from 6 characters on, such as its number, the holder's phone and birthday in the forms
// that people type. Of those "" is none.
//
// Days, years and phones' beginnings that are not the holder's are none: there are thousands, a guesser has some dozens
// of tries a year, and every 14th password of six digits reads as a day.
func Weak(password string, known ...string) bool {
	lower := strings.ToLower(password)
	for _, common := range commonPasswords {
		if lower == common {
			return true
		}
	}
	for _, k := range known {
		k = strings.ToLower(k)
		if k != "" && (strings.HasSuffix(k, lower) || len(lower) >= beginning && strings.HasPrefix(k, lower)) {
			return true
		}
	}
	return repeats(lower) || follows(lower, 1) || follows(lower, -1)
}

// repeats reports whether s is a block of at most half its length, over and over.
func repeats(s string) bool {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return true
		}
	}
	return false
}

// follows reports whether each character of s is the one before it and step; 0 follows 9.
func follows(s string, step int) bool {
	for i := 1; i < len(s); i++ {
		next := int(s[i-1]) + step
		switch next {
		case '9' + 1:
			next = '0'
		case '0' - 1:
			next = '9'
		}
		if int(s[i]) != next {
			return false
		}
	}
	return true
}
