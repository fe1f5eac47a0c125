package cardfile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tongka"
)

// Columns are the columns an export has, in its order. An import takes them in any order and needs
// number and name.
var Columns = []string{
	"number", "level", "name", "phone", "gender", "birthday", "expires", "principal", "bonus", "points",
	"kind", "extid", "openid", "status",
}

// aliases are the names people give to the columns.
var aliases = map[string]string{
	"卡号": "number", "等级": "level", "卡等级": "level", "姓名": "name", "手机": "phone", "手机号": "phone",
	"电话": "phone", "性别": "gender", "生日": "birthday", "有效期": "expires", "本金": "principal",
	"赠送金额": "bonus", "积分": "points", "卡类型": "kind", "卡内码": "extid", "内码": "extid", "状态": "status",
}

// added are the columns a file of refused rows has on top. They are passed over, so that such a file
// can be corrected and imported again.
var added = []string{"line", "reason"}

// columns tells what stands in which field of a row.
func columns(header []string) ([]string, error) {
	names := make([]string, len(header))
	for i, h := range header {
		name := strings.ToLower(strings.TrimSpace(h))
		if alias, ok := aliases[name]; ok {
			name = alias
		}
		switch {
		case slices.Contains(added, name):
			continue
		case !slices.Contains(Columns, name):
			return nil, fmt.Errorf("column %d: there is no column %q; the columns are %s", i+1, h, strings.Join(Columns, ", "))
		case slices.Contains(names, name):
			return nil, fmt.Errorf("column %d: %s stands twice", i+1, name)
		}
		names[i] = name
	}
	for _, need := range []string{"number", "name"} {
		if !slices.Contains(names, need) {
			return nil, fmt.Errorf("the column %s is missing", need)
		}
	}
	return names, nil
}

// Levels finds a merchant's level by its id or its name.
type Levels map[string]tongka.LevelID

// NewLevels knows the merchant's levels. The text "" is otherwise, the level of a row that names none.
func NewLevels(m *tongka.Merchant, otherwise tongka.LevelID) Levels {
	levels := Levels{}
	for _, l := range m.Levels {
		levels[l.Name] = l.ID
	}
	for _, l := range m.Levels { // ids come last: a level may be named like another's number
		levels[strconv.FormatInt(int64(l.ID), 10)] = l.ID
	}
	if otherwise != 0 {
		levels[""] = otherwise
	}
	return levels
}

// set puts one field of a row into the card.
func (l Levels) set(c *tongka.NewCard, column, text string) (err error) {
	switch column {
	case "number":
		c.Number = text
	case "level":
		c.Level = l[text] // 0, which no level has, is refused by the core
	case "name":
		c.Holder.Name = text
	case "phone":
		c.Holder.Phone = text
	case "gender":
		c.Holder.Gender, err = gender(text)
	case "birthday":
		c.Holder.Birthday, err = day(text)
	case "expires":
		c.Expires, err = day(text)
	case "principal":
		c.Principal, err = money(text)
	case "bonus":
		c.Bonus, err = money(text)
	case "points":
		c.Points, err = points(text)
	case "kind":
		c.Kind, err = kind(text)
	case "extid":
		c.Details.ExtID = text
	case "openid":
		c.Details.OpenID = text
	case "status":
		err = active(text)
	}
	return err
}

func gender(s string) (int, error) {
	switch strings.ToLower(s) {
	case "1", "男", "male", "m":
		return 1, nil
	case "", "0", "女", "female", "f":
		return 0, nil
	}
	return 0, errors.New("want 1 or 0")
}

// kinds are the names of the kinds of cards; one that is not told is a card of plastic.
var kinds = map[string]tongka.CardKind{
	"": tongka.Common, "common": tongka.Common, "通卡": tongka.Common, "micro": tongka.Micro, "微卡": tongka.Micro,
	"stored-value": tongka.StoredValue, "储值卡": tongka.StoredValue,
}

func kind(s string) (tongka.CardKind, error) {
	k, known := kinds[s]
	if !known {
		return 0, errors.New("want common, micro or stored-value")
	}
	return k, nil
}

func day(s string) (tongka.Date, error) {
	if s == "" {
		return 0, nil
	}
	return tongka.ParseDate(s)
}

func money(s string) (tongka.Fen, error) {
	if s == "" {
		return 0, nil
	}
	return tongka.ParseYuan(s)
}

func points(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("not a whole number: %q", s)
	}
	return n, nil
}

// active refuses cards that were not in use where they come from.
func active(s string) error {
	if s == "" || s == "active" || s == "正常" {
		return nil
	}
	return fmt.Errorf("only active cards are opened, not one that is %s", s)
}
