package console

import (
	"net/http"
	"slices"
	"strconv"

	"tongka/internal/ledger"
)

// certCheck is one thing that a till has to show, and by which requests it has.
type certCheck struct {
	dialect string
	said    text
	ways    []seenWay // one of them is enough
}

// seenWay is how a request ended. Of a stranger's nobody has proved whose it is.
type seenWay struct {
	endpoint, outcome string
	reason            ledger.Reason // 0 = none of the core's
	stranger          bool
}

// grantedByHand is what it takes to be answered by endpoints that no till is granted unless the host says so. An agent
// without it is not asked to show what they do.
var grantedByHand = map[string]ledger.Permission{"refund": ledger.MayRefund, "mb_refund/1": ledger.MayRefund}

// asked reports whether an agent's tills have to show it at a merchant: one of the ways at least is open to them.
func (k *certCheck) asked(of *ledger.Agent, at ledger.MerchantID) bool {
	return slices.ContainsFunc(k.ways, func(w seenWay) bool { return of.May(grantedByHand[w.endpoint], at) })
}

const (
	memberCJB = "member-cjb"
	dc78Wire  = "dc78"
)

// went returns the ways in which a request to one of some endpoints was carried out.
func went(endpoints ...string) (all []seenWay) { return ended("ok", 0, endpoints...) }

// ended returns the ways in which a request to one of some endpoints ended with an outcome.
func ended(outcome string, why ledger.Reason, endpoints ...string) (all []seenWay) {
	for _, e := range endpoints {
		all = append(all, seenWay{endpoint: e, outcome: outcome, reason: why})
	}
	return all
}

// strangers makes ways those of requests whose sender was not proved.
func strangers(all []seenWay) []seenWay {
	for i := range all {
		all[i].stranger = true
	}
	return all
}

// checks are all that a till has to show before it is let into a shop, by the protocol that it speaks.
var checks = []certCheck{
	{memberCJB, text{"读取卡等级", "Reads the levels"}, went("cardlevellist")},
	{memberCJB, text{"开卡", "Opens a card"}, went("cardopen")},
	{memberCJB, text{"卡号已存在时，提示并不重复开卡", "Is refused a number that is taken"}, ended("3", ledger.CardTaken, "cardopen")},
	{memberCJB, text{"查询会员", "Looks a card up"}, went("getcardinfo", "getcards")},
	{memberCJB, text{"读取充值规则", "Reads the recharge rules"}, went("getrechargerules")},
	{memberCJB, text{"充值", "Recharges a card"}, went("recharge")},
	{memberCJB, text{"消费", "Consumes from a card"}, went("consume")},
	{
		memberCJB, text{"同一请求编号重发，得到原来的结果", "Sends a request again with its id, and gets the first answer"},
		ended("replayed", 0, "consume", "recharge", "consume_score", "cardopen", "refund"),
	},
	{memberCJB, text{"余额不足时被拒绝", "Is refused to consume above the balance"}, ended("4", ledger.ShortBalance, "consume")},
	{memberCJB, text{"使用积分", "Uses points"}, went("consume_score")},
	{memberCJB, text{"退款", "Refunds what was consumed"}, went("refund")},
	{memberCJB, text{"查看消费记录", "Shows the history"}, went("getcardhis")},
	{memberCJB, text{"断线以后，查询请求是否已办理", "Asks what became of a request"}, went("request")},
	{memberCJB, text{"挂失", "Reports a card lost"}, went("report_lost")},
	{memberCJB, text{"挂失的卡不能消费", "Is refused to consume from a lost card"}, ended("400", ledger.CardIsLost, "consume")},
	{
		memberCJB, text{"密钥不对时被拒绝", "Is refused with a wrong token"},
		strangers(ended("401", 0, "cardlevellist", "getcardinfo", "getcards", "consume", "recharge")),
	},

	{dc78Wire, text{"查询会员", "Looks a card up"}, went("mb_check")},
	{dc78Wire, text{"开卡", "Opens a card"}, went("mb_newcard")},
	{dc78Wire, text{"充值", "Recharges a card"}, went("mb_trans/0")},
	{dc78Wire, text{"消费", "Consumes from a card"}, went("mb_trans/1")},
	{
		dc78Wire, text{"同一业务单号（ref）重发，得到原来的结果", "Sends a request again with its ref, and gets the first answer"},
		ended("replayed", 0, "mb_trans/1", "mb_trans/0", "mb_refund/1", "mb_newcard"),
	},
	{
		dc78Wire, text{"余额不足时被拒绝", "Is refused to consume above the balance"},
		ended("refused", ledger.ShortBalance, "mb_trans/1"),
	},
	{
		dc78Wire, text{"卡密码不对时被拒绝", "Is refused with a wrong password"},
		ended("refused", ledger.PasswordWrong, "mb_trans/1"),
	},
	{dc78Wire, text{"退款", "Refunds what was consumed"}, went("mb_refund/1")},
	{dc78Wire, text{"读取券的种类", "Reads the kinds of coupons"}, went("co_delist")},
	{dc78Wire, text{"断线以后，查询请求是否已办理", "Asks what became of a request"}, went("mb_state/2")},
	{
		dc78Wire, text{"签名不对时被拒绝", "Is refused with a wrong signature"},
		ended("credentials", 0, "mb_check", "mb_trans/1", "mb_trans/0", "mb_newcard", "co_delist"),
	},
}

// checkView is what an agent's tills have shown.
type checkView struct {
	view
	agents []*ledger.Agent
	chosen *ledger.Agent // nil = there is none
	lines  []checkLine
	done   int
	wanted int // of how many, without what the agent may not do
	kept   bool
}

// checkLine is a check with the newest request that has shown it; nil = none has.
type checkLine struct {
	said   text
	by     *ledger.Exchange
	leads  bool // the person may look at that request
	spared bool // the agent has not been granted what it takes
	anyone bool // the tills of another agent may have sent it as well, so that it shows nothing of this one's
}

// wireOf returns the protocol that an agent's tills speak.
func wireOf(a *ledger.Agent) string {
	if a.Shop != 0 {
		return dc78Wire
	}
	return memberCJB
}

// of returns the address of the page for an agent.
func (v *checkView) of(a *ledger.Agent) string {
	return v.at("integration/check?agent=" + strconv.FormatInt(int64(a.ID), 10))
}

func (c *call) showCheck() error {
	v := &checkView{view: c.view(wCheck), agents: c.agentsHere(), kept: c.cfg.Keeper != nil}
	for _, a := range v.agents {
		if v.chosen == nil || strconv.FormatInt(int64(a.ID), 10) == c.r.URL.Query().Get("agent") {
			v.chosen = a
		}
	}
	if v.chosen == nil {
		return c.show(http.StatusOK, checkPage(v))
	}
	alone := c.aloneOn(wireOf(v.chosen))
	for _, check := range checks {
		if check.dialect != wireOf(v.chosen) {
			continue
		}
		line := checkLine{said: check.said, spared: !check.asked(v.chosen, c.merchant.ID)}
		for _, w := range check.ways {
			x, ok, err := c.seen(v.chosen, w)
			if err != nil {
				return err
			}
			if ok && (line.by == nil || x.At.After(line.by.At)) {
				line.by, line.leads, line.anyone = &x, c.only == 0 || x.Agent == c.only, w.stranger && !alone
			}
		}
		v.add(line)
	}
	return c.show(http.StatusOK, checkPage(v))
}

// add adds a line and counts it, unless it is one that is not asked for and was not shown.
func (v *checkView) add(line checkLine) {
	if line.ticked() {
		v.done++
	}
	if line.ticked() || !line.spared {
		v.wanted++
	}
	v.lines = append(v.lines, line)
}

// ticked reports whether the agent's tills have shown it.
func (l *checkLine) ticked() bool { return l.by != nil && !l.anyone }

// aloneOn reports whether one agent only is granted anything here whose tills speak a protocol.
func (c *call) aloneOn(wire string) bool {
	n := 0
	for _, a := range c.cfg.Directory.AgentsAt(c.merchant.ID) {
		if a.Owner == 0 && wireOf(a) == wire {
			n++
		}
	}
	return n == 1
}

// mostTried is how many requests that were tried are passed over in search of one of a till.
const mostTried = 200

// seen returns the newest request of an agent's tills that ended in a way. What somebody tried here shows nothing of
// them.
func (c *call) seen(a *ledger.Agent, w seenWay) (ledger.Exchange, bool, error) {
	q := ledger.SeenExchange{Merchant: c.merchant.ID, Agent: a.ID, Endpoint: w.endpoint, Outcome: w.outcome}
	if w.reason != 0 {
		q.Reason = w.reason.String()
	}
	if w.stranger {
		q.Agent = 0
	}
	for range mostTried {
		x, ok, err := c.cfg.Requests.SeenExchange(c.r.Context(), q)
		if err != nil || !ok {
			return x, false, err
		}
		told, err := ledger.ParseTold(x.Told)
		if err != nil || !told.Tried {
			return x, err == nil, err
		}
		q.Before, q.ID = x.At, x.ID
	}
	return ledger.Exchange{}, false, nil
}
