package ledger

import "time"

// HistoryQuery asks for one page of a card's journal, newest first.
type HistoryQuery struct {
	Card   CardKey
	Filter Filter
	From   time.Time // inclusive; zero = from the beginning
	To     time.Time // inclusive; zero = to the end
	Below  int64     // only entries of the card before the one with this Seq; 0 = from the newest
	Page   int64     // from 1
	Size   int       // entries per page
}

// HistoryPage is one page of a card's journal.
type HistoryPage struct {
	Total   int64   // entries that match, over all pages
	Entries []Entry // newest first; none past the end
}

// SearchQuery asks for a merchant's cards whose number, name or phone contains Key, in any letter case, or the initials
// of whose name do. SearchKeys makes keys from what people type.
type SearchQuery struct {
	Merchant MerchantID
	Key      string
	Limit    int // cards returned at most
}
