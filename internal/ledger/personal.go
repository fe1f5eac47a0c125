package ledger

// Data of a holder that screens mask, as entries name what of it was shown.
const (
	ShownPhone    = "phone"
	ShownIDNumber = "idnumber"
)

// Personal returns data of the card's holder that screens mask; "" if the card has none of that name.
func (c *Card) Personal(what string) string {
	switch what {
	case ShownPhone:
		return c.Holder.Phone
	case ShownIDNumber:
		return c.Details.IDNumber
	}
	return ""
}
