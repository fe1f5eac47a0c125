package cardfile

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"tongka/internal/sheet"
)

// Columns are the columns of an export, in its order. A file to import may have them in any order and in any letter
// case, and also the column balance, which is principal and bonus together, and those that only come in: see onlyIn. It
// must have number and name, and level unless Terms.Levels has a level for rows that name none.
var Columns = []string{
	"number", "level", "name", "phone", "gender", "birthday", "expires", "principal", "bonus", "points",
	"kind", "extid", "openid", "status", "remarks", "subject", "idnumber",
	"refId", "card_no", "card_type", "card_name", "card_points", "card_balance",
}

const balance = "balance"

// onlyIn are the columns that an import knows beside those of an export, in the order in which people are asked: what a
// card owes, which an export deducts from the principal, and its coupons, with how many there are and until when they
// are good.
var onlyIn = []string{"owes", couponColumn, "coupon_count", "coupon_until"}

// synonyms has the names that other systems give to the columns, in the form that plain returns. Whether a 余额
// beside a bonus includes it cannot be known from its name; check refuses such a file.
var synonyms = map[string]string{
	"number": "卡号 会员卡号 会员号 会员编号 会员卡编号 会员卡号码 卡编号 卡片编号 卡号码 储值卡号 vip卡号 vip号 cardno cardid card_id cardnumber card_number " +
		"mbno memberno",
	"level": "等级 等级名称 卡等级 卡等级名称 会员等级 会员等级名称 会员卡等级名称 级别名称 会员级别名称 " +
		"会员级别 会员卡等级 会员卡级别 级别 卡级别 会员类型 会员类别 会员卡类型 会员卡类别 卡类别 卡种 会员卡种 会员组 vip等级 " +
		"levelname level_name cardlevel card_level cardlevelid card_level_name cardlevelname memberlevel",
	"name": "姓名 会员姓名 会员名称 会员名 客户姓名 客户名称 客户名 顾客姓名 顾客名称 持卡人 持卡人姓名 名字 名称 真实姓名 用户姓名 用户名称 联系人 联系人姓名 称呼 昵称 会员昵称 " +
		"uname username membername customername fullname",
	"phone": "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 联系手机 移动电话 会员手机 会员手机号 会员手机号码 会员电话 客户手机 客户手机号 客户电话 顾客手机 顾客电话 " +
		"绑定手机 绑定手机号 手机/电话 电话/手机 mobile mobilephone mobile_phone cellphone tel telephone phonenumber phone_number mobileno",
	"gender":   "性别 会员性别 客户性别 sex",
	"birthday": "生日 会员生日 客户生日 出生日期 出生年月日 出生日 出生时间 生日日期 birthdate birth_date dateofbirth dob birth",
	"expires": "有效期 有效期至 有效期限 有效日期 有效截止日期 有效截止日 有效截止时间 卡有效期 会员有效期 会员卡有效期 到期日 到期日期 到期时间 过期日期 过期时间 失效日期 失效时间 截止日期 " +
		"会员到期时间 会员到期日 " +
		"expirydate expiry_date expiry expiredate expire_date expiration validuntil valid_until validto enddate",
	"principal": "本金 本金余额 储值本金 储值本金余额 卡本金 本金账户 本金账户余额 实充余额 实收余额 实际余额 现金余额 充值本金 充值本金余额 principalbalance",
	"bonus": "赠送金额 赠送余额 赠送金 赠送金余额 赠送本金 赠送账户 赠送账户余额 赠金 赠金余额 赠款 赠款余额 赠送 储值赠送 储值赠送余额 储值赠金 返现余额 奖励金余额 奖励余额 红包余额 " +
		"bns_balance bonusbalance giftbalance",
	balance: "余额 卡余额 卡内余额 会员余额 会员卡余额 账户余额 储值余额 储值总余额 储值卡余额 当前余额 可用余额 剩余金额 剩余余额 结余 总余额 余额合计 余额总计 合计余额 账户总余额 " +
		"卡内金额 卡上余额 储值金额 amount cardbalance accountbalance totalbalance",
	"owes": "欠款 欠款金额 欠款余额 欠费 欠费金额 欠账 欠账金额 挂账 挂账金额 挂账余额 赊账 赊账金额 赊欠 赊欠金额 未付欠款 未结金额 未结挂账 " +
		"透支金额 已透支 owed debt arrears amountowed",
	couponColumn:   "优惠券 卡券 代金券 电子券 优惠券名称 优惠券种类 优惠券类型 卡券名称 券名称 券名 券种 券 可用优惠券 现有优惠券 持有优惠券 coupons couponname coupon_name",
	"coupon_count": "优惠券数量 优惠券张数 优惠券数 卡券数量 卡券张数 券数量 券张数 券数 可用券数 couponcount couponqty",
	"coupon_until": "优惠券有效期 优惠券有效期至 优惠券到期日 优惠券到期日期 优惠券到期时间 卡券有效期 卡券到期日 券有效期 券有效期至 券到期日 券到期日期 券到期时间 券截止日期 " +
		"couponexpiry couponuntil",
	"points":  "积分 当前积分 可用积分 积分余额 剩余积分 会员积分 现有积分 卡积分 卡内积分 有效积分 积分值 score cur_score curscore point currentpoints",
	"kind":    "卡类型",
	"extid":   "内码 卡内码 物理卡号 芯片号 芯片卡号 卡芯片号 ic卡号 ic卡内码 卡序列号 rfid",
	"openid":  "微信openid wxopenid open_id",
	"status":  "状态 卡状态 会员状态 会员卡状态 使用状态 卡片状态 账户状态 card_status cardstatus state",
	"remarks": "备注 备注信息 会员备注 客户备注 卡备注 备注说明 说明 附注 ext_info remark memo note notes comment comments",
	"subject": "发卡事由 发卡原因 发卡用途 用途",
	"idnumber": "身份证 身份证号 身份证号码 证件号 证件号码 会员身份证 idcard id_card idcardno " +
		"identitycard",
	"refid":     "推荐人 推荐人卡号 推荐人编号 推荐会员 介绍人 介绍人卡号 邀请人 referrer referer",
	"card_no":   "实体卡号 实体卡卡号 绑定实体卡号 physicalcardno",
	"card_type": "实体卡类型", "card_name": "实体卡名称", "card_points": "实体卡积分", "card_balance": "实体卡余额",
}

// totals has the names of a balance that make clear that the bonus is included.
var totals = []string{balance, "总余额", "储值总余额", "余额合计", "余额总计", "合计余额", "账户总余额", "totalbalance"}

// nowhere has names of columns for which a card here has no field: totals of a journal that stays in the other
// system, and where and by whom a card was issued. They are ignored, and that is reported.
var nowhere = "序号 行号 年龄 开卡日期 开卡时间 办卡日期 办卡时间 发卡日期 发卡时间 注册日期 注册时间 创建日期 创建时间 入会日期 入会时间 加入时间 建档日期 建档时间 激活时间 激活日期 领卡时间 " +
	"更新时间 修改时间 " +
	"最后消费时间 最后消费日期 最近消费时间 最近消费日期 最近消费 上次消费时间 上次消费日期 最后到店时间 最近到店时间 最后充值时间 最近充值时间 " +
	"累计消费 累计消费金额 消费总额 消费总金额 消费金额 总消费 总消费金额 消费次数 累计消费次数 累计充值 累计充值金额 充值总额 充值总金额 总充值 充值次数 累计积分 总积分 累计获得积分 历史积分 已用积分 " +
	"已使用积分 消费积分 " +
	"操作员 操作人 开卡人 办卡人 开卡操作员 创建人 开卡门店 办卡门店 发卡门店 所属门店 归属门店 开卡店铺 所属店铺 门店 店铺 门店名称 折扣 折扣率 会员折扣 卡折扣"

// added has the additional columns of a file of refused rows. They are ignored in an import, so that such a file
// can be corrected and imported again.
var added = []string{"line", "reason", "拒绝原因"}

// names maps every plain name of a column to what it stands for: one of Columns in lower case, balance, passedOver,
// or refusedOnly.
var names = func() map[string]string {
	all := map[string]string{balance: balance}
	for _, c := range Columns {
		all[strings.ToLower(c)] = strings.ToLower(c)
	}
	for _, c := range onlyIn {
		all[c] = c
	}
	for column, list := range synonyms {
		for name := range strings.FieldsSeq(list) {
			all[name] = column
		}
	}
	for name := range strings.FieldsSeq(nowhere) {
		all[name] = passedOver
	}
	for _, name := range added {
		all[name] = refusedOnly
	}
	return all
}()

const (
	passedOver  = "passed over"
	refusedOnly = "of refused rows"
)

// units has what may follow a name without changing its meaning.
var units = []string{
	"(元)", "(人民币)", "(rmb)", "(cny)", "(¥)", "(￥)", "(必填)", "(选填)", "(可选)", "(非必填)", "(单位:元)", "(yyyy-mm-dd)",
	"(yyyy/mm/dd)", "(yyyymmdd)", "(男/女)",
}

// columnOf returns the column that a header names; ok is false if it is unknown.
func columnOf(header string) (column string, ok bool) {
	name := plain(header)
	if column, ok = names[name]; ok {
		return column, true
	}
	for _, unit := range units {
		name = strings.TrimSuffix(name, unit)
	}
	if column, ok = names[name]; ok {
		return column, true
	}
	column, ok = names[strings.ReplaceAll(name, "_", "")] // last: card_no is not cardno
	return column, ok
}

// plain returns a header's name in simplified characters and lower case, without spaces, quotes, stars and a final
// colon.
func plain(header string) string {
	name := strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r = r - '！' + '!'
		}
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(simplified(r))
	}, sheet.Unguard(header))
	return strings.TrimRight(strings.Trim(name, "*\"'"), ":")
}

// traditional and simple are pairs of the characters, in headers and a few values, that differ between the two
// scripts.
const (
	traditional = "號會員機碼電話聯繫絡稱別級類餘額儲帳賬戶積備註狀態證贈內實體現總當單開間時門薦紹顧掛過凍結銷鎖換無長辦發創檔領獎勵紅貴賓編種組權動終詳"
	simple      = "号会员机码电话联系络称别级类余额储账账户积备注状态证赠内实体现总当单开间时门荐绍顾挂过冻结销锁换无长办发创档领奖励红贵宾编种组权动终详"
)

var simplifying = func() map[rune]rune {
	to := []rune(simple)
	all := make(map[rune]rune, len(to)+1)
	for i, r := range []rune(traditional) {
		all[r] = to[i]
	}
	all['帐'] = '账'
	return all
}()

func simplified(r rune) rune {
	if s, ok := simplifying[r]; ok {
		return s
	}
	return r
}

// layout says which column each field of a row belongs to.
type layout struct {
	columns []string // of each field; fields with "" or refusedOnly are ignored
	used    []string // like 会员卡号=number, for people
	skipped []string // headers that are ignored, without those of a file of refused rows
	extra   int      // number of fields that only a file of refused rows has
	total   bool     // the name of the balance makes clear that the bonus is included
}

func (l *layout) has(column string) bool { return slices.Contains(l.columns, column) }

func newLayout(header []string) *layout { return &layout{columns: make([]string, len(header))} }

// layoutBy returns the layout of a header whose columns somebody has said the meaning of: see Terms.Columns. The
// columns of a file of refused rows are ignored all the same.
func layoutBy(header, meanings []string) (*layout, error) {
	l := newLayout(header)
	l.total = true // whoever says that it is the balance knows what else there is
	for i, h := range header {
		if column, _ := columnOf(h); column == refusedOnly {
			l.columns[i] = refusedOnly
			l.extra++
			continue
		}
		if i >= len(meanings) || meanings[i] == "" {
			l.skipped = append(l.skipped, h)
			continue
		}
		column := strings.ToLower(meanings[i])
		if setters[column] == nil {
			return nil, fmt.Errorf("column %d: there is no column %q", i+1, cut(column))
		}
		if l.has(column) {
			return nil, l.twice(header, i, column)
		}
		l.columns[i] = column
		l.used = append(l.used, h+"="+column)
	}
	return l, l.check()
}

// layoutOf returns the layout of a header. skip has the headers of columns to ignore.
func layoutOf(header, skip []string) (*layout, error) {
	if !anyKnown(header) {
		return nil, errNoHeader
	}
	l := newLayout(header)
	var unknown []int
	left := map[string]bool{}
	for _, s := range skip {
		left[plain(s)] = true
	}
	for i, h := range header {
		column, known := columnOf(h)
		switch {
		case column == refusedOnly:
			l.columns[i] = refusedOnly
			l.extra++
		case plain(h) == "":
			l.skipped = append(l.skipped, fmt.Sprintf("column %d, which has no name", i+1))
		case skipped(left, h), column == passedOver:
			l.skipped = append(l.skipped, h)
		case !known:
			unknown = append(unknown, i)
		case l.has(column):
			return nil, l.twice(header, i, column)
		default:
			l.columns[i] = column
			l.used = append(l.used, h+"="+column)
			l.total = l.total || saysTotal(column, h)
		}
	}
	if len(unknown) > 0 {
		return nil, unknownColumns(header, unknown)
	}
	for s, unused := range left {
		if unused {
			return nil, fmt.Errorf("there is no column %q to pass over", s)
		}
	}
	return l, l.check()
}

// anyKnown reports whether a header has a column that is known.
func anyKnown(header []string) bool {
	return slices.ContainsFunc(header, func(h string) bool { _, known := columnOf(h); return known })
}

// saysTotal reports whether a header of a column makes clear that it is a balance with the bonus in it.
func saysTotal(column, header string) bool {
	return column == balance && slices.Contains(totals, plain(header))
}

// unclear reports whether a file with these columns leaves open if the bonus is in the balance. total says that the
// name of the balance does not.
func unclear(has func(column string) bool, total bool) bool {
	return has(balance) && has("bonus") && !has("principal") && !total
}

// errNoHeader is told of a first line with no name of a column. It is a card or a title rather than a header, so
// nothing of it is told.
var errNoHeader = Reason{
	"its first line has no column that is known, so it is no header: want a line above the " +
		"cards that names their columns, as number,name,phone or 卡号,姓名,手机; the columns are " + strings.Join(Columns, ", "),
	"第一行没有认识的列名，不是表头：请在卡的上面加一行列名，例如“卡号,姓名,手机”",
}

// The most columns that are told to be unknown at once, and the most characters that are told of the name of one: a
// longer name is rather what stands in a card.
const (
	maxUnknown = 20
	maxShown   = 40
)

// cut returns the beginning of a text of the file, for people.
func cut(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if all := []rune(text); len(all) > maxShown {
		return string(all[:maxShown]) + "…"
	}
	return text
}

// unknownColumns returns the error for the columns at some places, which are not known.
func unknownColumns(header []string, at []int) error {
	var headers, all []string
	for _, i := range at[:min(len(at), maxUnknown)] {
		if !slices.Contains(headers, header[i]) && cut(header[i]) == header[i] {
			headers = append(headers, header[i])
		}
		all = append(all, fmt.Sprintf("column %d: there is no column %q", i+1, cut(header[i])))
	}
	if more := len(at) - len(all); more > 0 {
		all = append(all, fmt.Sprintf("and %d columns more", more))
	}
	them := "it"
	if len(all) > 1 {
		them = "them"
	}
	return &SettingError{SettingSkip, headers, fmt.Sprintf("%s; the columns are %s; to pass %s over, name %s",
		strings.Join(all, ", "), strings.Join(Columns, ", "), them, them)}
}

// kindHint returns, for a file without a level, that the column that was taken for the kind may be the level.
func (l *layout) kindHint() string {
	for _, used := range l.used {
		if header, is := strings.CutSuffix(used, "="+kindColumn); is && plain(header) != kindColumn {
			return fmt.Sprintf(" (if %s is it, call it level or 等级 in the header)", header)
		}
	}
	return ""
}

// twice returns the error for a header that stands for the same column as an earlier one.
func (l *layout) twice(header []string, at int, column string) error {
	first := slices.Index(l.columns, column)
	if plain(header[first]) == plain(header[at]) {
		return &SettingError{SettingSkip, header[at : at+1], fmt.Sprintf("columns %d and %d are both called %q: give one of "+
			"them another name in the file, or pass over all that are called so", first+1, at+1, header[at])}
	}
	return &SettingError{SettingSkip, header[at : at+1], fmt.Sprintf("columns %d and %d, %q and %q, both mean %s: pass "+
		"one of them over, by its name", first+1, at+1, header[first], header[at], column)}
}

// skipped reports whether a header is among those to be ignored, and marks it as found.
func skipped(left map[string]bool, header string) bool {
	_, named := left[plain(header)]
	if named {
		left[plain(header)] = false
	}
	return named
}

func (l *layout) check() error {
	for _, need := range []struct{ column, header string }{{"number", "卡号"}, {"name", "姓名"}} {
		if !l.has(need.column) {
			return Reason{
				fmt.Sprintf("the column %s is missing: the header line must name it", need.column),
				fmt.Sprintf("缺少“%s”这一列", need.header),
			}
		}
	}
	if unclear(l.has, l.total) {
		return Reason{
			"it has a balance and a bonus: call the balance principal where the bonus comes on top of it, " +
				"and balance where it is in it",
			"既有余额又有赠送金额：请说明余额是本金，还是已经包含赠送",
		}
	}
	if !l.has(couponColumn) && (l.has("coupon_count") || l.has("coupon_until")) {
		return Reason{
			"it has a number or a last day of coupons, and no column that says which: name it coupon, or pass these over",
			"有优惠券的张数或有效期，没有写券种的列：请加上“优惠券”一列，或不导入这几列",
		}
	}
	return nil
}
