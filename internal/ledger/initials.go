package ledger

import "strings"

//go:generate go run -modfile=../../tools/go.mod ../../tools/initials.go -out initials_table.go

// mostInitials is how many ways to read a name are found at most.
const mostInitials = 6

// Initials returns the first letters of the Pinyin of a name, by which people look for somebody: zs for 张三. A name with
// characters that are read in several ways has several: zj and cj for 曾杰, whose family name is a word besides. Letters
// and digits stand for themselves. A name without Chinese characters has none.
func Initials(name string) (all []string) {
	all = []string{""}
	chinese := false
	for _, r := range strings.ToLower(name) {
		letters := initialsOf(r)
		chinese = chinese || r >= firstHan && letters != ""
		if len(all)*len(letters) > mostInitials {
			letters = letters[:1]
		}
		if letters == "" {
			continue
		}
		var longer []string
		for _, l := range letters {
			for _, begun := range all {
				longer = append(longer, begun+string(l))
			}
		}
		all = longer
	}
	if !chinese {
		return nil
	}
	return all
}

// initialsOf returns the letters that a character may stand for.
func initialsOf(r rune) string {
	switch i := int(r) - firstHan; {
	case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
		return string(r)
	case i >= 0 && i < len(initialSets):
		return initialLetters[initialSets[i]]
	}
	return ""
}
