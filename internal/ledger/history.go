package ledger

import "time"

// HistoryQuery asks for one page of a card's journal, newest first.
type HistoryQuery struct {
	Card   CardKey
	Filter Filter
	From   time.Time // inclusive; zero = from the beginning
	To     time.Time // inclusive; zero = to the end
	Page   int64     // from 1
	Size   int       // entries a page
}

// HistoryPage is one page of a card's journal.
type HistoryPage struct {
	Total   int64   // entries the query chooses, over all pages
	Entries []Entry // newest first; none past the end
}

// SearchQuery asks for a merchant's cards of which number, name or phone has Key as a part. Letter
// case does not matter. SearchKeys makes keys of what people type.
type SearchQuery struct {
	Merchant MerchantID
	Key      string
	Limit    int // most cards that are answered
}
