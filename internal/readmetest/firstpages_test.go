package readmetest

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

// inBoth are texts of what is supported, as the two first pages say them.
type inBoth struct{ english, chinese string }

// ofKind has for each kind of entry what the first pages call the command that makes it.
var ofKind = map[ledger.Kind]inBoth{
	ledger.Opened: {"open", "开卡"}, ledger.CardReturned: {"return", "退卡"}, ledger.CardReplaced: {"replace", "换卡"},
	ledger.ReportedLost: {"report lost", "挂失"}, ledger.LossCancelled: {"cancel loss", "解挂"},
	ledger.Recharged: {"recharge", "充值"}, ledger.Consumed: {"consume", "消费"},
	ledger.MergedOut: {"merge cards", "并卡"}, ledger.BonusGiven: {"give bonus", "手工赠送"},
	ledger.TransferredOut: {"transfer", "转账"}, ledger.Withdrawn: {"withdraw", "提现"},
	ledger.PointsUsed: {"use points", "积分使用"}, ledger.PointsAdjusted: {"adjust points", "积分使用与调整"},
	ledger.RechargeReversed: {"reverse a recharge", "冲正"}, ledger.ConsumeRefunded: {"refund a consume", "退款"},
	ledger.LevelChanged: {"change level", "改等级"}, ledger.HolderModified: {"modify holder and details", "修改资料"},
	ledger.DetailsChanged: {"modify holder and details", "修改资料"}, ledger.LotsExpired: {"expire", "到期"},
	ledger.BalanceOpened: {"opening balance", "期初余额"}, ledger.CardStopped: {"stop", "停用"},
	ledger.CardResumed: {"resume", "恢复"}, ledger.PhoneBound: {"bind a phone", "绑定手机"},
	ledger.Renewed: {"renew", "续费"}, ledger.ExpirySet: {"import", "导入"},
	ledger.Invoiced:        {"invoice and take an invoice back", "开票与冲红"},
	ledger.InvoiceReversed: {"invoice and take an invoice back", "开票与冲红"},
	ledger.RenewalReversed: {"take back a renewal", "续费撤销"},
	ledger.AmountHeld:      {"hold an amount", "预留金额"}, ledger.HoldReleased: {"capture and release it", "解除预留"},
	ledger.OpeningReversed: {"take an import back", "撤销导入"},
	ledger.AccountCharged:  {"sign for a bill and take it back", "签单与撤销"},
	ledger.ChargeRefunded:  {"sign for a bill and take it back", "签单与撤销"},
	ledger.CouponSent:      {"send", "优惠券发放、作废与到期"}, ledger.CouponVoided: {"void and expire coupons", "优惠券发放、作废与到期"},
	ledger.CouponExpired: {"void and expire coupons", "优惠券发放、作废与到期"},
}

// noCommand are kinds of entries that another command makes along with its own, or that are on no card.
var noCommand = []ledger.Kind{
	ledger.TransferredIn, ledger.MergedIn, ledger.CashedBack, ledger.BonusForfeited, ledger.ExpiryReversed,
	ledger.ClockAccepted,
	ledger.ClockTakenBack, ledger.SettingsChanged, ledger.AgentChanged, ledger.MerchantAdded,
	ledger.PersonChanged, ledger.DataShown, ledger.DataExported, ledger.HandedOver,
	ledger.WebhookChanged,
}

var (
	aside      = regexp.MustCompile(` \([^)]*\)`)
	properName = regexp.MustCompile(`\b(?:deb|rpm|systemd|nginx|[A-Z]\w*[a-zA-Z])\b`)
)

// ordinary are words that only begin with a capital letter.
var ordinary = []string{"Chinese", "English", "QR"}

// TestCommandsOfTheCore holds that both first pages list the command of every kind of entry.
func TestCommandsOfTheCore(t *testing.T) {
	t.Parallel()
	english, chinese := supported(t, "README.md", "What is supported"), supported(t, "README.zh.md", "支持什么")
	list, _, _ := strings.Cut(aside.ReplaceAllString(english[0][1], ""), ";")
	var items []string
	for item := range strings.SplitSeq(list, ",") {
		items = append(items, strings.TrimSpace(item))
	}
	for _, k := range ledger.Kinds {
		text, listed := ofKind[k]
		if listed == slices.Contains(noCommand, k) {
			t.Errorf("say of %v what the first pages call its command, or that it has none", k)
			continue
		}
		if listed && !slices.Contains(items, text.english) {
			t.Errorf("README.md does not list %q, which makes entries %v", text.english, k)
		}
		if listed && !strings.Contains(chinese[0][1], text.chinese) {
			t.Errorf("README.zh.md does not list %s, which makes entries %v", text.chinese, k)
		}
	}
}

// TestFirstPagesPromiseTheSame holds that what is supported has the same rows on both first pages, and in each row the
// same programs, packages and numbers.
func TestFirstPagesPromiseTheSame(t *testing.T) {
	t.Parallel()
	english, chinese := supported(t, "README.md", "What is supported"), supported(t, "README.zh.md", "支持什么")
	if len(english) != len(chinese) || len(english) < 8 {
		t.Fatalf("%d rows in README.md, %d in README.zh.md", len(english), len(chinese))
	}
	for i := range english {
		in, out := namesIn(english[i][1]), namesIn(chinese[i][1])
		if !slices.Equal(in, out) {
			t.Errorf("%s: README.md names\n%q\nREADME.zh.md\n%q", english[i][0], lacking(in, out), lacking(out, in))
		}
	}
	for _, text := range []inBoth{
		{"access log", "访问日志"}, {"online backup", "在线备份"}, {"container", "容器"}, {"alerts", "告警"},
		{"dashboard", "面板"},
	} {
		last := len(english) - 1
		if !strings.Contains(english[last][1], text.english) || !strings.Contains(chinese[last][1], text.chinese) {
			t.Errorf("one of the first pages lacks %s, %s", text.english, text.chinese)
		}
	}
}

// supported returns the cells of the rows of a first page's table of what is supported.
func supported(t *testing.T, page, heading string) (all [][]string) {
	t.Helper()
	_, section, found := strings.Cut(read(t, page), "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, row := range rows(section) {
		if cells := strings.Split(strings.Trim(row, "| "), " | "); len(cells) == 2 {
			all = append(all, cells)
		}
	}
	if !found || len(all) == 0 {
		t.Fatalf("%s has no table under %q", page, heading)
	}
	return all
}

// namesIn returns the proper names of a text.
func namesIn(text string) []string {
	return slices.DeleteFunc(sorted(properName.FindAllString(text, -1)), func(name string) bool {
		return slices.Contains(ordinary, name)
	})
}
