package cardfile

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Levels finds a merchant's levels by id or name.
type Levels struct {
	known     []ledger.Level
	byText    map[string]ledger.LevelID
	otherwise ledger.LevelID
}

// NewLevels returns the merchant's levels, to be found by id and by a name that no other has; an id comes before
// another level's name. otherwise is the level of a row that names none. If it is 0, a file must have the column level,
// and the core refuses the rows in which that is empty.
func NewLevels(m *ledger.Merchant, otherwise ledger.LevelID) Levels {
	l := Levels{known: m.Levels, byText: map[string]ledger.LevelID{}, otherwise: otherwise}
	for _, level := range m.Levels {
		if len(l.named(level.Name)) == 1 {
			l.byText[level.Name] = level.ID
		}
	}
	for _, level := range m.Levels { // ids come last: a level may be named like another's number
		l.byText[strconv.FormatInt(int64(level.ID), 10)] = level.ID
	}
	return l
}

// named returns the ids of the levels with the name.
func (l Levels) named(name string) (ids []string) {
	for _, level := range l.known {
		if level.Name == name {
			ids = append(ids, strconv.FormatInt(int64(level.ID), 10))
		}
	}
	return ids
}

// Find returns the level with the id or name, or for "" the level of rows that name none. A name that several
// levels have is an error, of type Reason.
func (l Levels) Find(text string) (ledger.LevelID, error) {
	if id, ok := l.byText[text]; ok {
		return id, nil
	}
	if text == "" && l.otherwise != 0 {
		return l.otherwise, nil
	}
	if same := l.named(text); len(same) > 1 {
		return 0, Reason{
			fmt.Sprintf("levels %s are both named %q: give the id of one", strings.Join(same, " and "), text),
			fmt.Sprintf("等级%s都叫“%s”，请填编号", strings.Join(same, "和"), text),
		}
	}
	return 0, Reason{fmt.Sprintf("the merchant has no level %q", text), fmt.Sprintf("商户没有等级“%s”", text)}
}

// reading is a row that is being turned into a card.
type reading struct {
	card      command.NewCard
	terms     *Terms
	principal ledger.Fen  // below zero it is what the card owes
	balance   *ledger.Fen // principal and bonus together; nil if the file has no such column
	over      bool        // the status says that the card has expired
	noGender  bool        // the gender is none that is known

	coupons      *int64 // how many of the one kind; nil if the file has no such column, or it is empty
	couponsUntil ledger.Date
}

// setters has for each column the function that parses a field into the card.
var setters = map[string]func(r *reading, levels Levels, text string) error{
	"number": func(r *reading, _ Levels, s string) error { r.card.Number = s; return nil },
	"level":  func(r *reading, levels Levels, s string) (err error) { r.card.Level, err = levels.Find(s); return err },
	"name":   func(r *reading, _ Levels, s string) error { r.card.Holder.Name = s; return nil },
	"phone": func(r *reading, _ Levels, s string) error {
		if !nothing(s) {
			r.card.Holder.Phone = s
		}
		return nil
	},
	"gender": func(r *reading, _ Levels, s string) error {
		known := false
		r.card.Holder.Gender, known = gender(s)
		r.noGender = !known
		return nil
	},
	"birthday":   func(r *reading, _ Levels, s string) (err error) { r.card.Holder.Birthday, err = day(s); return err },
	"expires":    func(r *reading, _ Levels, s string) (err error) { r.card.Expires, err = lastDay(s); return err },
	"principal":  func(r *reading, _ Levels, s string) (err error) { r.principal, err = signedMoney(s); return err },
	"owes":       func(r *reading, _ Levels, s string) (err error) { r.card.Owes, err = money(s); return err },
	couponColumn: func(r *reading, _ Levels, s string) (err error) { r.card.Coupons, err = r.kinds(s); return err },
	"coupon_count": func(r *reading, _ Levels, s string) error {
		if nothing(s) {
			return nil
		}
		n, err := count(s)
		r.coupons = &n
		return err
	},
	"coupon_until": func(r *reading, _ Levels, s string) (err error) {
		if r.couponsUntil, err = lastDay(s); err == nil && r.couponsUntil == 0 && !nothing(s) {
			r.couponsUntil = ledger.Forever
		}
		return err
	},
	"bonus":     func(r *reading, _ Levels, s string) (err error) { r.card.Bonus, err = money(s); return err },
	"points":    func(r *reading, _ Levels, s string) (err error) { r.card.Points, err = points(s); return err },
	"kind":      func(r *reading, _ Levels, s string) (err error) { r.card.Kind, err = kind(s); return err },
	"extid":     func(r *reading, _ Levels, s string) error { r.card.Details.ExtID = s; return nil },
	"openid":    func(r *reading, _ Levels, s string) error { r.card.Details.OpenID = s; return nil },
	"status":    func(r *reading, _ Levels, s string) (err error) { r.card.Status, r.over, err = status(s); return err },
	"remarks":   func(r *reading, _ Levels, s string) error { r.card.Details.Remarks = oneLine(s); return nil },
	"subject":   func(r *reading, _ Levels, s string) error { r.card.Details.Subject = oneLine(s); return nil },
	"idnumber":  func(r *reading, _ Levels, s string) error { r.card.Details.IDNumber = s; return nil },
	"refid":     func(r *reading, _ Levels, s string) error { r.card.Details.Referrer = s; return nil },
	"card_no":   func(r *reading, _ Levels, s string) error { r.card.Details.Physical.No = s; return nil },
	"card_type": func(r *reading, _ Levels, s string) error { r.card.Details.Physical.Type = s; return nil },
	"card_name": func(r *reading, _ Levels, s string) error { r.card.Details.Physical.Name = s; return nil },
	"card_points": func(r *reading, _ Levels, s string) (err error) {
		r.card.Details.Physical.Points, err = points(s)
		return err
	},
	"card_balance": func(r *reading, _ Levels, s string) (err error) {
		r.card.Details.Physical.Balance, err = money(s)
		return err
	},
	balance: func(r *reading, _ Levels, s string) error {
		all, err := signedMoney(s)
		r.balance = &all
		return err
	},
}

// finish completes the card by what needs the whole row: expiry by status, principal and bonus by balance, and coupons.
// today is the date at the merchant, fault what is wrong with a field, which comes first. The card has its money also
// where something is wrong: whether a day has passed, or a level is known, is another thing tomorrow, and what a file
// may bring is counted today.
func (r *reading) finish(today ledger.Date, hasPrincipal bool, fault error) error {
	money := r.finishMoney(hasPrincipal)
	if err := cmp.Or(fault, r.finishExpiry(today), money); err != nil {
		return err
	}
	return r.finishCoupons()
}

// finishExpiry makes a card whose status says so an expired one.
func (r *reading) finishExpiry(today ledger.Date) error {
	c := &r.card
	switch {
	case r.over && c.Expires == 0:
		c.Expires = today.AddDays(-1) // the day is unknown, and only that it has passed matters
	case r.over && c.Expires >= today:
		return Reason{
			fmt.Sprintf("status: it has expired, but expires names a day that has not passed, %v", c.Expires),
			fmt.Sprintf("状态为已过期，但有效期%v尚未过去", c.Expires),
		}
	}
	return nil
}

// finishMoney completes what is on the card and what it owes. A balance below zero is owed, and has no bonus in it.
func (r *reading) finishMoney(hasPrincipal bool) error {
	c := &r.card
	switch {
	case r.balance == nil:
	case !hasPrincipal && *r.balance < c.Bonus && (*r.balance >= 0 || c.Bonus > 0):
		return Reason{
			fmt.Sprintf("balance: %v is less than the bonus in it, %v", *r.balance, c.Bonus),
			fmt.Sprintf("余额%v小于其中的赠送金额%v", *r.balance, c.Bonus),
		}
	case !hasPrincipal:
		r.principal = *r.balance - c.Bonus
	case *r.balance != r.principal+c.Bonus:
		return Reason{
			fmt.Sprintf("balance: %v is not principal %v and bonus %v together", *r.balance, r.principal, c.Bonus),
			fmt.Sprintf("余额%v不等于本金%v加赠送金额%v", *r.balance, r.principal, c.Bonus),
		}
	}
	if r.principal >= 0 {
		c.Principal = r.principal
		return nil
	}
	if c.Owes != 0 && c.Owes != -r.principal {
		return Reason{
			fmt.Sprintf("owes: %v is not what the balance says, %v", c.Owes, -r.principal),
			fmt.Sprintf("欠款%v与余额%v不一致", c.Owes, r.principal),
		}
	}
	c.Owes = -r.principal
	return nil
}

// nothing reports whether a field is empty, or a word or sign for empty.
func nothing(s string) bool {
	switch s {
	case "", "-", "--", "—", "/", "无", "無", "空", "暂无", "未填", "未填写", "未知",
		"null", "NULL", "Null", "nil", "none", "None", "N/A", "n/a", `\N`:
		return true
	}
	return false
}

// notComputed returns a Reason for a formula, and for what a spreadsheet shows in place of what it cannot work out,
// such as a look-up that finds nothing: no holder is called so. raw is the text as it stands in the file: what Guard
// has written begins with another sign there, and ="0001" is no formula in the end.
func notComputed(raw, s string) error {
	if len(s) > 1 && s[0] == '=' && raw[0] == '=' {
		return Reason{"is a formula: put its value there", "是公式，请换成它的值"}
	}
	switch strings.ToUpper(s) {
	case "#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!",
		"#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#GETTING_DATA":
		return Reason{fmt.Sprintf("is an error of the spreadsheet, %s", s), fmt.Sprintf("是表格的出错提示%s", s)}
	}
	return nil
}

// oneLine returns a text with spaces in place of line ends, which a card's texts must not have.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\r' || r == '\n' }), " ")
}

// word returns a value in simplified characters and lower case.
func word(s string) string {
	return strings.Map(func(r rune) rune { return unicode.ToLower(simplified(r)) }, s)
}

// gender returns the gender that a field names. known is false for a word that names none: the holder has none then.
func gender(s string) (g int, known bool) {
	if nothing(s) {
		return 0, true
	}
	switch word(s) {
	case "1", "男", "男性", "男士", "先生", "male", "m", "man":
		return 1, true
	case "0", "女", "女性", "女士", "小姐", "female", "f", "woman", "保密", "未知", "不详", "其他", "未设置", "unknown", "secret":
		return 0, true
	}
	return 0, false
}

const kindColumn = "kind"

// kindNotLevel is the fault of a kind in a file without a level: other systems call the level 卡类型.
var kindNotLevel = Reason{
	"want common, micro or stored-value; if the column has the level, call it level in the header",
	"应为通卡、微卡或储值卡；如果这一列是等级，请把表头改为“等级”",
}

// kinds has the names of the kinds of cards. An empty field means the common kind.
var kinds = map[string]ledger.CardKind{
	"": ledger.Common, "common": ledger.Common, "通卡": ledger.Common, "micro": ledger.Micro, "微卡": ledger.Micro,
	"stored-value": ledger.StoredValue, "储值卡": ledger.StoredValue,
}

func kind(s string) (ledger.CardKind, error) {
	k, known := kinds[word(s)]
	if !known {
		return 0, Reason{"want common, micro or stored-value", "应为通卡、微卡或储值卡"}
	}
	return k, nil
}

// clock matches the time of day that other systems write after a date.
var clock = regexp.MustCompile(`^\d{1,2}:\d{1,2}(:\d{1,2}(\.\d+)?)?$`)

// day parses a date as people and other systems write it: 2019/1/2 0:00, 2019-01-02T00:00:00, 2019年1月2日, 2019.1.2,
// or a spreadsheet's number of a day. A date of zeros counts as empty.
func day(s string) (ledger.Date, error) {
	if nothing(s) {
		return 0, nil
	}
	text := strings.Map(narrow, s)
	if head, behind, found := strings.Cut(strings.Replace(text, "T", " ", 1), " "); found &&
		clock.MatchString(strings.TrimSuffix(strings.TrimSpace(behind), "Z")) {
		text = head
	}
	if strings.Trim(text, "0-/.年月日") == "" {
		return 0, nil
	}
	if rest, ok := strings.CutSuffix(text, "日"); ok {
		text = strings.NewReplacer("年", "-", "月", "-").Replace(rest)
	} else if strings.Count(text, ".") == 2 {
		text = strings.ReplaceAll(text, ".", "-")
	}
	if serial, ok := serialOf(text); ok {
		return serialDay(serial, s)
	}
	date, err := ledger.ParseDate(text)
	if err != nil {
		why := strings.Replace(err.Error(), strconv.Quote(text), strconv.Quote(s), 1) // as it stands in the file
		return 0, Reason{why, fmt.Sprintf("不是有效的日期“%s”，格式如2019-01-02", s)}
	}
	return date, nil
}

// serialZero is the day before a spreadsheet's day 1, as it looks from its day 61 on: it counts a 29 February in 1900,
// which there was not.
const serialZero ledger.Date = 1899_12_30

// The range of numbers that are taken for a day. A smaller one is more likely a year, or a date that lost its zeros.
const (
	firstSerial = 10_000    // 1927-05-18
	lastSerial  = 73_415    // 2100-12-31
	maxSerial   = 2_958_465 // 9999-12-31, the last that a spreadsheet has
)

// serial matches a day as a spreadsheet numbers it, which it writes if the column was not formatted as dates.
var serial = regexp.MustCompile(`^(\d{1,7})(\.0+)?$`)

func serialOf(text string) (n int, ok bool) {
	found := serial.FindStringSubmatch(text)
	if found == nil {
		return 0, false
	}
	n, err := strconv.Atoi(found[1])
	return n, err == nil && n <= maxSerial
}

// serialDay returns the day of a number, which stands in the file as s.
func serialDay(n int, s string) (ledger.Date, error) {
	if n < firstSerial || n > lastSerial {
		return 0, Reason{
			fmt.Sprintf("not a day: %s: want YYYY-MM-DD, or a spreadsheet's number of a day from %d (%v) to %d (%v)", s,
				firstSerial, serialZero.AddDays(firstSerial), lastSerial, serialZero.AddDays(lastSerial)),
			fmt.Sprintf("%s不是日期，格式如2019-01-02，或表格的日期序号%d（%v）至%d（%v）", s,
				firstSerial, serialZero.AddDays(firstSerial), lastSerial, serialZero.AddDays(lastSerial)),
		}
	}
	return serialZero.AddDays(n), nil
}

// lastDay parses a last good day; 永久 and the like mean that the card does not expire.
func lastDay(s string) (ledger.Date, error) {
	switch word(s) {
	case "永久", "永久有效", "长期", "长期有效", "无限期", "无期限", "不限", "不限期", "永不过期", "forever", "never", "permanent":
		return 0, nil
	}
	return day(s)
}

// figure returns a number in ASCII without commas between thousands, or "" if the field is empty.
func figure(s string) string {
	if nothing(s) {
		return ""
	}
	if plainFigure(s) {
		return s
	}
	return ledger.Ungrouped(strings.Map(narrow, s))
}

// plainFigure reports whether a text has only digits and points. It spares most fields the slower path.
func plainFigure(s string) bool {
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && s[i] != '.' {
			return false
		}
	}
	return true
}

// money parses an amount with or without the sign of a currency. One below 0 is refused, and -0.00 is not below 0.
func money(s string) (ledger.Fen, error) {
	amount, err := signedMoney(s)
	if err == nil && amount < 0 {
		return 0, Reason{"less than nothing", "小于0"}
	}
	return amount, err
}

// signedMoney is money that may be below 0.
func signedMoney(s string) (ledger.Fen, error) {
	s = figure(s)
	if s == "" {
		return 0, nil
	}
	if plainFigure(s) {
		amount, err := ledger.ParseYuan(s)
		return amount, amountError(err)
	}
	number := strings.TrimLeft(s, "-¥￥")
	signs := strings.Count(s[:len(s)-len(number)], "-")
	if signs > 1 {
		return 0, amountError(ledger.ErrAmount)
	}
	number = figure(strings.TrimSpace(strings.TrimSuffix(number, "元")))
	amount, err := ledger.ParseYuan(number)
	if signs > 0 {
		amount = -amount
	}
	return amount, amountError(err)
}

// points parses a whole number; decimals are accepted if all are 0.
func points(s string) (int64, error) {
	text := figure(s)
	if text == "" {
		return 0, nil
	}
	if whole, zeros, found := strings.Cut(text, "."); found && zeros != "" && strings.Trim(zeros, "0") == "" {
		text = whole
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, Reason{fmt.Sprintf("not a whole number: %q", s), fmt.Sprintf("不是整数“%s”", s)}
	}
	return n, nil
}

// status parses a card's status; over means that it has expired. A card that was closed for good in the other
// system is refused, as it has nothing left to bring along.
func status(s string) (at ledger.Status, over bool, err error) {
	switch word(s) {
	case "", "active", "正常", "启用", "已启用", "有效", "使用中", "已激活", "激活", "在用", "可用", "normal", "enabled", "valid":
		return ledger.Active, false, nil
	case "lost", "挂失", "已挂失", "挂失中", "丢失":
		return ledger.Lost, false, nil
	case "stopped", "停用", "已停用", "停卡", "禁用", "已禁用", "冻结", "已冻结", "锁定", "已锁定", "暂停", "disabled", "frozen", "locked":
		return ledger.Stopped, false, nil
	case "expired", "过期", "已过期", "到期", "已到期", "失效", "已失效":
		return ledger.Active, true, nil
	case "returned", "replaced", "退卡", "已退卡", "注销", "已注销", "销卡", "已销卡", "换卡", "已换卡", "作废", "已作废", "补卡", "已补卡":
		return 0, false, Reason{
			fmt.Sprintf("a card that is %s is closed for good and is not opened again", s), fmt.Sprintf("“%s”的卡已注销，不再开卡", s),
		}
	}
	return 0, false, Reason{
		fmt.Sprintf("want active, lost, stopped or expired, or 正常, 挂失, 停用 or 过期, got %q", s),
		fmt.Sprintf("应为正常、挂失、停用或过期，不能是“%s”", s),
	}
}

// narrow returns the ASCII character of a full-width one and a space for a wide or a no-break space. Other characters
// stay as they are.
func narrow(r rune) rune {
	if r == '\u3000' || r == '\u00a0' {
		return ' '
	}
	return ledger.Narrow(r)
}
