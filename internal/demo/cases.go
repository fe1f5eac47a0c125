package demo

import (
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// CasesMerchant is the id of the merchant whose cards stand for what a till must cope with.
const CasesMerchant ledger.MerchantID = 10005

// The levels and kinds of coupons of the merchant, as the demo's file has them.
const (
	casesPlain ledger.LevelID = iota + 1
	casesPaid
	casesFirm
)

var casesCoupons = []ledger.CouponKindID{1, 2, 3, 4}

// Case is a card with what it is there for.
type Case struct {
	Number string
	For    phrase.Text
	card   func(*command.NewCard, CasesConfig) // nil = it is opened elsewhere
}

// Published are the cards of the published examples.
var Published = []Case{
	{"000001", phrase.Text{Zh: "公开示例：余额为零", En: "Published example: no money"}, nil},
	{"wx001", phrase.Text{Zh: "公开示例：充值", En: "Published example: recharge"}, nil},
	{"M000123", phrase.Text{Zh: "公开示例：八折，有积分和券", En: "Published example: pays 80 %, has points and coupons"}, nil},
	{
		"47302320", phrase.Text{Zh: "公开示例：微卡，手机出示动态码", En: "Published example: micro card, whose phone shows a code"},
		nil,
	},
}

// CasesConfig says what the cards are made with.
type CasesConfig struct {
	Now          time.Time
	CardPassword string // what is kept of the password of the card that has one
	CouponNumber func() (string, error)
}

// PasswordCard is the number of the card that has a password.
const PasswordCard = "70000010"

// Cases are the cards of CasesMerchant.
var Cases = []Case{
	{"70000001", phrase.Text{Zh: "一切正常：充值、消费、退款都可以", En: "In order: recharge, consume, refund"}, worth(200 * yuan)},
	{
		"70000002", phrase.Text{Zh: "已挂失：不能消费，可以解挂", En: "Lost: refuses bills until the loss is cancelled"},
		with(ledger.Lost),
	},
	{"70000003", phrase.Text{Zh: "已停用：什么都不能做", En: "Stopped: refuses everything"}, with(ledger.Stopped)},
	{
		"70000004", phrase.Text{Zh: "已过期：上个月到期，不能消费", En: "Expired a month ago: refuses bills"},
		func(n *command.NewCard, cfg CasesConfig) { n.Principal, n.Expires = 200*yuan, cfg.today().AddDays(-30) },
	},
	{
		"70000005", phrase.Text{Zh: "欠款120元：先还欠款，再有余额", En: "Owes 120.00: what is recharged pays that first"},
		func(n *command.NewCard, _ CasesConfig) { n.Details.Credit, n.Owes = 500*yuan, 120*yuan },
	},
	{
		"70000006", phrase.Text{Zh: "可透支500元，余额为零", En: "Has a credit of 500.00 and no money"},
		func(n *command.NewCard, _ CasesConfig) { n.Details.Credit = 500 * yuan },
	},
	{
		"70000007", phrase.Text{Zh: "付费会员：十天后到期，可以续费", En: "Paid membership that ends in ten days: can be renewed"},
		func(n *command.NewCard, cfg CasesConfig) {
			n.Level, n.Principal, n.Expires = casesPaid, 300*yuan, cfg.today().AddDays(10)
		},
	},
	{
		"70000008", phrase.Text{Zh: "企业签单：账单可以挂账", En: "House account: bills can be signed for"},
		func(n *command.NewCard, _ CasesConfig) { n.Level = casesFirm },
	},
	{
		"70000009", phrase.Text{Zh: "每种券各两张：代金、实物、折扣、独用", En: "Two coupons of each kind: cash, goods, percent, alone"},
		func(n *command.NewCard, _ CasesConfig) { n.Principal = 200 * yuan },
	},
	{
		PasswordCard, phrase.Text{
			Zh: "有密码：dc78 每笔消费都要带上，member-cjb 带不了，会被拒绝",
			En: "Has a password: dc78 sends it with each bill, member-cjb cannot, and is refused",
		},
		func(n *command.NewCard, cfg CasesConfig) {
			n.Principal, n.Details.Password = 200*yuan, cfg.CardPassword
		},
	},
	{
		"70000011", phrase.Text{Zh: "只有积分：5000分，没有钱", En: "Only points: 5,000, and no money"},
		func(n *command.NewCard, _ CasesConfig) { n.Points = 5000 },
	},
	{"70000012", phrase.Text{Zh: "只剩一分钱：余额不足", En: "One fen left: too little for any bill"}, worth(1)},
	{
		"70000013", phrase.Text{Zh: "本金100元，赠送50元：看先扣哪一种", En: "100.00 of principal and 50.00 of bonus: which pays first"},
		func(n *command.NewCard, _ CasesConfig) { n.Principal, n.Bonus = 100*yuan, 50*yuan },
	},
	{
		heldCard, phrase.Text{
			Zh: "200元里预留了150元，最长31天：账单只能用50元，预留可以扣款或解除",
			En: "Of 200.00, 150.00 is held for up to 31 days: bills have 50.00, and the hold can be captured or released",
		}, worth(200 * yuan),
	},
}

// heldCard is the number of the card on which an amount is held.
const heldCard = "70000014"

// couponCard is the number of the card that has coupons.
const couponCard = "70000009"

func worth(principal ledger.Fen) func(*command.NewCard, CasesConfig) {
	return func(n *command.NewCard, _ CasesConfig) { n.Principal = principal }
}

func with(status ledger.Status) func(*command.NewCard, CasesConfig) {
	return func(n *command.NewCard, _ CasesConfig) { n.Principal, n.Status = 200*yuan, status }
}

func (cfg *CasesConfig) today() ledger.Date { return ledger.DateOf(cfg.Now) }

// MakeCases returns the commands that make all of them, in order.
func MakeCases(cfg CasesConfig) ([]command.Command, error) {
	file := command.Import{Merchant: CasesMerchant, By: byDemo}
	for _, c := range Cases {
		n := command.NewCard{
			Number: c.Number, Kind: ledger.Common, Level: casesPlain, Holder: ledger.Holder{Name: "样例"},
		}
		c.card(&n, cfg)
		if c.Number == couponCard {
			for _, kind := range casesCoupons {
				sent := command.BroughtCoupons{Kind: kind}
				for range 2 {
					number, err := cfg.CouponNumber()
					if err != nil {
						return nil, err
					}
					sent.Numbers = append(sent.Numbers, number)
				}
				n.Coupons = append(n.Coupons, sent)
			}
		}
		file.Cards = append(file.Cards, n)
	}
	hold := command.Hold{
		Merchant: CasesMerchant, By: byDemo, Card: heldCard, Amount: 150 * yuan, Until: cfg.Now.Add(ledger.HoldLongest),
		Note: "包厢定金",
	}
	return []command.Command{file, hold}, nil
}
