package dc78

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// payers is a Resolver that knows one barcode, or fails.
type payers struct{ err error }

const payerBarcode = "130000000000000001"

func (p *payers) Resolve(_ context.Context, _ ledger.MerchantID, barcode string) (string, bool, error) {
	return "o9gBSxJJlVsT6GZvwPVayMh49OfE", barcode == payerBarcode, p.err
}

// proofs returns the world with cards whose holders must agree to sales, from 200.00 up with a code. The codes
// are 100001, 100002 …; PASS01 has the password 1357.
func proofs(t testing.TB) *world { return proofsWith(t, &payers{}) }

func proofsWith(t testing.TB, resolver Resolver) *world {
	t.Helper()
	keys := testKeys()
	drawn, sealed := 0, ""
	w := demoWith(t, Config{
		Keys: &keys, Resolver: resolver,
		CheckPassword: func(merchant, password, kept string) bool { return kept == merchant+"/"+password },
		Outbox: &Outbox{
			NewCode: func() (string, error) { drawn++; return fmt.Sprint(100000 + drawn), nil },
			NewID:   func() ledger.MessageID { return 1<<62 + ledger.MessageID(drawn) },
			Seal: func(merchant ledger.MerchantID, id ledger.MessageID, text string) []byte {
				sealed = fmt.Sprint(merchant, "/", id, ": ", text)
				return []byte(sealed)
			},
		},
	})
	for _, m := range demoMerchants()[:2] {
		m.Settings.CodeFrom = 200_00
		w.books.set(m)
	}
	w.open(10000,
		command.NewCard{
			Number: "PASS01", Level: 1, Kind: ledger.Common, Principal: 500_00, Details: ledger.Details{Password: "10000/1357"},
			Holder: ledger.Holder{Name: "密码", Phone: "13700000006"},
		},
		command.NewCard{
			Number: "MICRO2", Level: 1, Principal: 500_00, Holder: ledger.Holder{Name: "手机", Phone: "13700000007"},
		},
		command.NewCard{Number: "MICRO3", Level: 1, Principal: 500_00, Holder: ledger.Holder{Name: "没有"}},
		// An imported number that looks like a member code, and one that looks like a barcode.
		command.NewCard{
			Number: "77000000000000000000", Level: 1, Kind: ledger.Common, Principal: 5_00, Holder: ledger.Holder{Name: "旧卡"},
		},
		command.NewCard{
			Number: "140000000000000000", Level: 1, Kind: ledger.Common, Principal: 5_00, Holder: ledger.Holder{Name: "旧卡"},
		},
	)
	return w
}

func testKeys() codes.Keys {
	return codes.KeysOf(func(purpose string) [32]byte { return sha256.Sum256([]byte(purpose)) })
}

// memberCode returns the member code of a card at a time.
func memberCode(t testing.TB, merchant ledger.MerchantID, card ledger.CardID, at time.Time) string {
	t.Helper()
	pass, err := testKeys().Pass(codes.Member{Merchant: int64(merchant), Card: int64(card)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return pass.Make(at)
}

// pay sends a sale of the shop with the key of the test vector.
func (w *world) pay(mbno, amt, more string) string {
	w.t.Helper()
	got := w.ask("10021", pageKey, "mb_trans", "action=1&mbno="+mbno+"&amt="+amt+more)
	return infoOf(got.Body.String())
}

// infoOf returns the info of an answer.
func infoOf(body string) string {
	_, rest, _ := strings.Cut(body, `"info":"`)
	info, _, _ := strings.Cut(rest, `"`)
	return info
}

// TestMemberCodes: a code names its card in every action, and can be used for a change once. A request that was
// carried out before is answered from its stored answer, whatever its code.
func TestMemberCodes(t *testing.T) {
	t.Parallel()
	w := proofs(t)
	code := memberCode(t, 10000, 1, w.now)
	check := func(mbno string) string {
		t.Helper()
		return w.ask("10021", pageKey, "mb_check", "mbno="+mbno).Body.String()
	}
	for range 2 { // a read does not use the code up
		if got := check(code); !strings.Contains(got, `"mbno":"47302320"`) {
			t.Fatalf("looked up: %s", got)
		}
	}
	for _, s := range []struct{ what, mbno, more, want string }{
		{"a sale, without another code", code, "&ref=a", "消费成功"},
		{"the same again", code, "&ref=a", "消费成功"},
		{"another sale", code, "&ref=b", "会员码已使用,请刷新"},
		{"other content", code, "&ref=a&subject=x", "业务单号重复"},
		{"an older code", memberCode(t, 10000, 1, w.now.Add(-30*time.Second)), "", "会员码已使用,请刷新"},
		{"an expired code", memberCode(t, 10000, 1, w.now.Add(-60*time.Second)), "", "会员码无效,请刷新"},
		{"another merchant's", memberCode(t, 10001, 1, w.now), "", "会员码无效,请刷新"},
		{"no card's", memberCode(t, 10000, 999, w.now), "", "会员码无效,请刷新"},
		{"made up", "77" + strings.Repeat("1", 18), "", "会员码无效,请刷新"},
		{"a newer code", memberCode(t, 10000, 1, w.now.Add(30*time.Second)), "", "消费成功"},
	} {
		if got := w.pay(s.mbno, "200.00", s.more); got != s.want {
			t.Errorf("%s: %s, want %s", s.what, got, s.want)
		}
	}
	if got := check(memberCode(t, 10000, 999, w.now)); infoOf(got) != "会员码无效,请刷新" {
		t.Errorf("looked up by no card's code: %s", got)
	}
	w.now = w.now.Add(61 * time.Second)
	for action, get := range map[string]string{
		"mb_pttrans": "pt=1", "mb_trans": "action=0&amt=1", "co_send": "deid=28200",
	} {
		w.now = w.now.Add(30 * time.Second)
		fresh := memberCode(t, 10000, 1, w.now)
		wantPart(t, w.ask("10021", pageKey, action, get+"&mbno="+fresh), `"status":"1"`)
		wantFault(t, w.ask("10021", pageKey, action, get+"&mbno="+fresh), http.StatusOK, "会员码已使用,请刷新")
	}
	w.now = w.now.Add(30 * time.Second)
	fresh := memberCode(t, 10000, 1, w.now)
	got := w.ask("10021", pageKey, "mb_vericode", "action=1&amt=300&mbno="+fresh)
	if !strings.HasPrefix(got.Body.String(), `{"status":"2","errcode":0,"errmsg":"ok","info":"无需验证码"`) {
		t.Errorf("a code for who shows one: %s", got.Body)
	}
	if got := w.pay(fresh, "300", ""); got != "消费成功" {
		t.Errorf("after asking whether it needs a code: %s", got)
	}
	for _, chosen := range []string{"77000000000000000000", "140000000000000000"} {
		if got := w.pay(chosen, "1", ""); got != "消费成功" {
			t.Errorf("a card of the number %s: %s", chosen, got)
		}
	}
}

// TestMemberCodeGuesses: whoever sends invented codes is stopped, at this merchant only, for reads as well as for
// sales.
func TestMemberCodeGuesses(t *testing.T) {
	t.Parallel()
	w := proofs(t)
	for i := range 30 {
		action, get := "mb_check", ""
		if i%2 == 0 {
			action, get = "mb_trans", "&action=1&amt=1"
		}
		made := fmt.Sprintf("77%018d", i+1)
		wantFault(t, w.ask("10021", pageKey, action, "mbno="+made+get), http.StatusOK, "会员码无效,请刷新")
	}
	right := memberCode(t, 10000, 1, w.now)
	wantFault(t, w.ask("10021", pageKey, "mb_check", "mbno="+right), http.StatusOK, "错误次数过多,请稍后再试")
	if got := w.pay(right, "1", ""); got != "错误次数过多,请稍后再试" {
		t.Errorf("a sale: %s", got)
	}
	if got := w.pay("PASS01", "1", "&vericode=1357"); got != "错误次数过多,请稍后再试" {
		t.Errorf("a password: %s", got)
	}
	if got := w.pay("47302320", "1", ""); got != "消费成功" {
		t.Errorf("a sale that needs no proof: %s", got)
	}
	other := memberCode(t, 10001, 1, w.now)
	wantPart(t, w.ask("10031", otherKey, "mb_check", "mbno="+other), `"mbno":"PART01"`)
}

// TestPayerBarcodes: a barcode stands for a card of its payer. One that is no longer valid does not keep a till
// from its first answer, and if the resolver is down, the answer leaves open what was done.
func TestPayerBarcodes(t *testing.T) {
	t.Parallel()
	resolver := &payers{}
	w := proofsWith(t, resolver)
	wantPart(t, w.ask("10021", pageKey, "mb_check", "mbno="+payerBarcode), `"mbno":"47302320"`)
	wantPart(t, w.ask("10021", pageKey, "mb_trans", "action=1&amt=1&ref=r&mbno="+payerBarcode), `"mbno":"47302320"`)
	wantFault(t, w.ask("10021", pageKey, "mb_check", "mbno=130000000000000002"), http.StatusOK, "会员不存在")
	wantFault(t, w.ask("10021", pageKey, "mb_trans", "action=1&amt=1&mbno=130000000000000002"), http.StatusOK, "会员不存在")
	if got := w.pay(payerBarcode, "200", ""); got != "请输入验证码" {
		t.Errorf("a barcode is no proof that the holder is there: %s", got)
	}
	resolver.err = errors.New("payment app is down")
	wantFault(t, w.ask("10021", pageKey, "mb_trans", "action=1&amt=1&mbno="+payerBarcode), http.StatusInternalServerError,
		"内部错误")
	wantPart(t, w.ask("10021", pageKey, "mb_check", "mbno=PLAIN1"), `"mbno":"PLAIN1"`)
}

// TestProofIsNoContent: the fingerprint of a request is stored, and would reveal a password of few digits.
func TestProofIsNoContent(t *testing.T) {
	t.Parallel()
	w := proofs(t)
	for _, s := range []struct{ more, want string }{
		{"&ref=a", "请输入卡密码"},
		{"&ref=a&vericode=0000", "卡密码错误"},
		{"&ref=a&vericode=1357", "消费成功"},
		{"&ref=a&vericode=0000", "消费成功"},
	} {
		if got := w.pay("PASS01", "1", s.more); got != s.want {
			t.Errorf("%s: %s, want %s", s.more, got, s.want)
		}
	}
	card := w.books.cards[ledger.CardKey{Merchant: 10000, Number: "PASS01"}]
	if card.Principal != 499_00 {
		t.Errorf("%v is left, want 499.00", card.Principal)
	}
}

// TestNoOutbox: without an outbox, a till that asks for a code is told that none can be sent.
func TestNoOutbox(t *testing.T) {
	t.Parallel()
	w := demo(t)
	for _, m := range demoMerchants()[:1] {
		m.Settings.CodeFrom = 200_00
		w.books.set(m)
	}
	wantFault(t, w.ask("10021", pageKey, "mb_vericode", "action=1&amt=200&mbno=47302320"), http.StatusOK, "未配置验证码发送")
	got := w.ask("10021", pageKey, "mb_vericode", "action=1&amt=199.99&mbno=47302320").Body.String()
	if !strings.HasPrefix(got, `{"status":"2",`) {
		t.Errorf("got %s", got)
	}
}

// TestCodeOfOneAction: a code that was sent for a sale does not allow a bill on the house account, and the other
// way round.
func TestCodeOfOneAction(t *testing.T) {
	t.Parallel()
	w := proofs(t)
	m := demoMerchants()[0]
	m.Settings.CodeFrom = 10_00
	w.books.set(m)
	trans := func(action, more string) string {
		t.Helper()
		return infoOf(w.ask("10021", pageKey, "mb_trans", "action="+action+"&mbno=47302320&amt=12.50"+more).Body.String())
	}
	sent := func(action string) {
		t.Helper()
		got := w.ask("10021", pageKey, "mb_vericode", "action="+action+"&mbno=47302320&amt=12.50").Body.String()
		if !strings.Contains(got, `"status":"1"`) {
			t.Fatalf("sent: %s", got)
		}
	}
	for _, s := range []struct{ send, pay, code, want string }{
		{"", "2", "", "请输入验证码"},
		{"1", "2", "100001", "验证码错误"},
		{"2", "1", "100002", "验证码错误"},
		{"", "2", "100002", "签单成功"},
	} {
		if s.send != "" {
			sent(s.send)
		}
		if got := trans(s.pay, "&vericode="+s.code); got != s.want {
			t.Errorf("%+v: got %s", s, got)
		}
	}
}

// TestPointsNeedThePassword: taking points off a card with a password needs the password; adding points does not.
func TestPointsNeedThePassword(t *testing.T) {
	t.Parallel()
	w := proofs(t)
	for _, c := range []struct{ get, want string }{
		{"pt=5", "积分更新成功"},
		{"pt=-5", "请输入卡密码"},
		{"pt=-5&vericode=1358", "卡密码错误"},
		{"pt=-6&vericode=1357", "积分不足"},
		{"pt=-5&vericode=1357", "积分更新成功"},
	} {
		if got := infoOf(w.ask("10021", pageKey, "mb_pttrans", "mbno=PASS01&"+c.get).Body.String()); got != c.want {
			t.Errorf("%s: got %s, want %s", c.get, got, c.want)
		}
	}
	if got := infoOf(w.ask("10021", pageKey, "mb_pttrans", "mbno=MICRO2&pt=1").Body.String()); got != "积分更新成功" {
		t.Errorf("a card without a password: %s", got)
	}
}
