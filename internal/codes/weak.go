package codes

import "strings"

// commonPasswords are passwords that many people choose and no other rule of Weak finds.
var commonPasswords = []string{
	"000001", "111222", "112358", "123654", "1314520", "5201314", "520520", "1314", "147258", "147258369", "159357",
	"112233", "123321", "1122", "2580", "0852",
	"abc123", "abcd1234", "a123456", "a1234567", "q123456", "password", "qwerty", "admin", "aa123456", "password1",
}

// beginning is the least length at which the beginning of something known is weak. Shorter beginnings are shared by
// many cards and phones, and forbidding them would forbid many passwords that are not beginnings at all.
const beginning = 6

// Weak reports whether a card password is among the first that somebody would try: a common one, one character or a
// short block repeated, consecutive characters, the end of something known about the card, or the beginning of it
// from 6 characters on. known is what is printed on or known about the card, in the forms that people type, such as
// its number and the holder's phone and birthday; "" is ignored.
//
// Other people's days, years and beginnings of phone numbers are not weak: there are thousands, a guesser has a few
// dozen attempts a year, and every 14th password of six digits reads as a day.
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

// WeakFor is Weak for the password of a card: what is known are its number, and the holder's phone and birthday,
// written 1994-01-03; "" = unknown.
func WeakFor(password, number, phone, birthday string) bool {
	return Weak(password, append(birthdayDigits(birthday), number, phone)...)
}

// birthdayDigits returns a day in the forms in which people type it as a password: 19940103, 03011994, 030194,
// 01031994 and 010394. Their ends, such as 1994 and 0103, are weak too. It returns nil if there is no day.
func birthdayDigits(birthday string) []string {
	digits := strings.ReplaceAll(birthday, "-", "")
	if len(digits) != 8 {
		return nil
	}
	year, month, day := digits[:4], digits[4:6], digits[6:]
	return []string{digits, day + month + year, day + month + year[2:], month + day + year, month + day + year[2:]}
}

// repeats reports whether s is a block of at most half its length, repeated.
func repeats(s string) bool {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return true
		}
	}
	return false
}

// follows reports whether each character of s is the one before it plus step; after 9 comes 0.
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
