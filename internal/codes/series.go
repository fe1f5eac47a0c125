package codes

import (
	cryptorand "crypto/rand"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// JobSeries is the kind of the jobs that issue a series.
const JobSeries = "series"

// Names of the files of such a job: what is printed, the same sealed because it has passwords, and what numbers and
// passwords are drawn from, sealed too.
const (
	SeriesFile   = "cards.xlsx"
	SeriesSealed = "sealed"
	SeriesSeed   = "seed"
)

// Bounds of a series.
const (
	MaxSeries      = 50_000
	MaxSeriesDigit = 18 // digits of what is counted
	DrawnDigits    = 12 // random digits of a number that is drawn
	longestNumber  = 40 // characters that any card's number may have
)

// Series is cards without a holder that are issued together: their numbers are counted up behind a prefix, or drawn. It
// is kept as JSON.
type Series struct {
	Count     int    `json:"count"` // 1 to MaxSeries
	Prefix    string `json:"prefix,omitempty"`
	Drawn     bool   `json:"drawn,omitempty"`  // the numbers are drawn, behind digits; the next three are not used
	Start     int64  `json:"start,omitempty"`  // the first number, without prefix
	Digits    int    `json:"digits,omitempty"` // of what is counted, with leading zeros
	Check     bool   `json:"check,omitempty"`  // a digit by Luhn follows; the prefix is digits then
	Passwords bool   `json:"passwords,omitempty"`
	Level     int64  `json:"level"`
	Shop      int64  `json:"shop,omitempty"`
	Operator  string `json:"operator"` // of the entries
	Name      string `json:"name"`     // drawn: what the files of the job are sealed for
	English   bool   `json:"english,omitempty"`
}

// Issued is what became of a series.
type Issued struct {
	Opened int      `json:"opened"`
	Taken  []string `json:"taken,omitempty"` // numbers that cards had already
	Sealed bool     `json:"sealed,omitempty"`

	Stopped int `json:"stopped,omitempty"` // the ledger.Reason why it ended early; 0 = it did not, or somebody ended it
}

// SeriesFault is what is wrong with a series.
type SeriesFault int

// Faults of a series; 0 = none.
const (
	SeriesCount SeriesFault = iota + 1
	SeriesPrefix
	SeriesDigits
	SeriesStart
	SeriesBarcode // tills would take a number for a barcode of a payment, or a member code
)

// Fault returns the first fault of a series.
func (s *Series) Fault() SeriesFault {
	longest := longestNumber - len(s.Prefix)
	if s.Check {
		longest--
	}
	switch {
	case s.Count < 1 || s.Count > MaxSeries:
		return SeriesCount
	case s.Drawn:
		return s.drawnFault()
	case s.Check && !isDigits(s.Prefix), strings.Trim(s.Prefix, signs) != "":
		return SeriesPrefix
	case s.Digits < 1 || s.Digits > min(longest, MaxSeriesDigit):
		return SeriesDigits
	case s.Start < 0 || len(strconv.FormatInt(s.Start, 10)) > s.Digits || s.last() < s.Start ||
		len(strconv.FormatInt(s.last(), 10)) > s.Digits:
		return SeriesStart
	}
	for _, i := range []int{0, s.Count - 1} {
		if number, _ := s.Number(i, nil); otherwise(number) { // only what is drawn can fail
			return SeriesBarcode
		}
	}
	return 0
}

// signs are the characters that a card's number may have.
const signs = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"

func (s *Series) drawnFault() SeriesFault {
	if !isDigits(s.Prefix) || strings.HasPrefix(s.Prefix, "0") || len(s.Prefix) > MaxNumber-1-DrawnDigits {
		return SeriesPrefix
	}
	if otherwise(s.Prefix + strings.Repeat("0", DrawnDigits+1)) { // the prefix decides: it is longer than their signs
		return SeriesBarcode
	}
	return 0
}

func (s *Series) last() int64 { return s.Start + int64(s.Count) - 1 }

// Number returns the number of card i, from 0. random is used if it is drawn.
func (s *Series) Number(i int, random io.Reader) (string, error) {
	if s.Drawn {
		return NewNumber(random, s.Prefix, DrawnDigits)
	}
	number := fmt.Sprintf("%s%0*d", s.Prefix, s.Digits, s.Start+int64(i))
	if s.Check {
		number += string(checkDigit(number))
	}
	return number, nil
}

// SeedSize is the size of a seed, in bytes.
const SeedSize = 32

// Content returns what of a series is asked for, without what is drawn for it and who reads its file.
func (s Series) Content() Series {
	s.Name, s.English = "", false
	return s
}

// Begin draws what numbers and passwords are drawn from, and returns it sealed.
func (s *Series) Begin(merchant int64, seal func(context string, plain []byte) []byte) []byte {
	var seed [SeedSize]byte
	cryptorand.Read(seed[:]) // never returns an error: it ends the program instead
	s.Name = cryptorand.Text()
	return seal(SeriesContext(merchant, s.Name), seed[:])
}

// SeriesCard is a card of a series.
type SeriesCard struct{ Number, Password string } // Password is "" if there is none

// SeriesRandom returns what the cards of a series are drawn from.
func SeriesRandom(seed []byte) (io.Reader, error) {
	if len(seed) != SeedSize {
		return nil, fmt.Errorf("a seed of %d bytes", len(seed))
	}
	return rand.NewChaCha8([SeedSize]byte(seed)), nil
}

// Card returns card i, from 0. Those before it have been drawn from random.
func (s *Series) Card(i int, random io.Reader) (c SeriesCard, err error) {
	if c.Number, err = s.Number(i, random); err == nil && s.Passwords {
		c.Password, err = NewPIN(random, c.Number)
	}
	return c, err
}

// Made returns the cards that were opened of a series, in their order.
func (s *Series) Made(seed []byte, issued *Issued) ([]SeriesCard, error) {
	random, err := SeriesRandom(seed)
	if err != nil {
		return nil, err
	}
	drawn := make([]SeriesCard, min(issued.Opened+len(issued.Taken), s.Count))
	opened := map[string]int{}
	for i := range drawn {
		if drawn[i], err = s.Card(i, random); err != nil {
			return nil, err
		}
		opened[drawn[i].Number]++
	}
	for _, number := range issued.Taken { // the second of two alike is among them, too
		opened[number]--
	}
	return slices.DeleteFunc(drawn, func(c SeriesCard) bool {
		opened[c.Number]--
		return opened[c.Number] < 0
	}), nil
}

// SeriesContext is what the files of a series are sealed for.
func SeriesContext(merchant int64, name string) string {
	return fmt.Sprintf("series %d/%s", merchant, name)
}

// PINDigits is the number of digits of a password that is printed with a card.
const PINDigits = 6

// NewPIN makes a card's password of six random digits, of which the first is not 0. It is never Weak for that number.
func NewPIN(random io.Reader, number string) (string, error) {
	for range maxDraws {
		pin, err := randomNumber(random, PINDigits)
		if err != nil || !Weak(pin, number) {
			return pin, err
		}
	}
	return "", errWeakDraws
}
