package job

import (
	"context"
	"errors"
	"hash/maphash"
	"math/bits"
	"strings"

	"tongka/internal/ledger"
)

// Numbers reads the numbers of a merchant's cards.
type Numbers interface {
	// EachNumber calls fn with the folded numbers between after and end, neither included, in the order of their bytes.
	EachNumber(
		ctx context.Context, merchant ledger.MerchantID, after, end string, fn func(number string) error,
	) error
}

// zeros knows which numbers of digits there are that differ in leading zeros only, in the books and in the rows read so
// far. It keeps no number, but by a hash of what follows the zeros how many zeros there were: bit 2 stands for two.
// Numbers of one hash that are not alike do no harm, as the core looks for the cards themselves.
type zeros struct {
	seed  maphash.Seed
	known map[uint64]uint64
	plain bool // the books have numbers without a leading zero: these are not in known
}

// RefuseAlike has Run refuse a row whose number differs from that of a card, or of a row that was opened before it, in
// leading zeros only: spreadsheets drop them, so it is rather the same card than another one. It reads those numbers of
// the merchant's cards that begin with a zero.
func (i *Import) RefuseAlike(ctx context.Context, in Numbers) error {
	z := &zeros{seed: maphash.MakeSeed(), known: map[uint64]uint64{}}
	err := in.EachNumber(ctx, i.Merchant.ID, "0", "1", func(number string) error {
		z.add(number)
		return nil
	})
	z.add("0") // EachNumber began behind it; if there is no such card, the core finds none
	if err != nil {
		return err
	}
	errFound := errors.New("found")
	err = in.EachNumber(ctx, i.Merchant.ID, "1", ":", func(string) error { return errFound }) // ":" follows "9"
	if errors.Is(err, errFound) {
		z.plain, err = true, nil
	}
	i.zeros = z
	return err
}

func (z *zeros) add(number string) {
	if digits, n, ok := ledger.CutZeros(number); ok {
		z.known[maphash.String(z.seed, digits)] |= 1 << n
	}
}

// alike returns the numbers there may be that differ from this one in leading zeros only, and adds this one.
func (z *zeros) alike(number string) (all []string) {
	digits, n, ok := ledger.CutZeros(number)
	if !ok {
		return nil
	}
	known := z.known[maphash.String(z.seed, digits)]
	z.add(number)
	if z.plain && digits != "" {
		known |= 1
	}
	for known &^= 1 << n; known != 0; known &= known - 1 {
		all = append(all, strings.Repeat("0", bits.TrailingZeros64(known))+digits)
	}
	return all
}
