package page

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/sheet"
)

// maxExport is how many entries a holder is given at once, the newest.
const maxExport = 20_000

// What is said about a holder's data.
var (
	wData     = text{"我的数据", "My data"}
	wDataHelp = text{
		"下载这张卡的资料、优惠券和全部流水。身份证号只显示后四位，门店自己的备注不在其中，可向门店查询。",
		"Take the card's data, its coupons and all its entries with you. Of an identity card's number the " +
			"last four digits are in it; what the shop noted for itself is not: ask the shop.",
	}
	wJSON     = text{"下载 JSON", "Download JSON"}
	wCSV      = text{"下载流水 CSV", "Download the entries as CSV"}
	wErase    = text{"删除个人资料", "Having your data deleted"}
	wEraseHow = text{
		"如何申请：请到门店或联系商户，出示这张卡并说明要删除什么。商户核实身份后办理；本页面不能自动删除。",
		"How to ask: go to a shop or write to the merchant, show this card and say what is to be deleted. " +
			"The merchant looks who you are and does it; this page cannot.",
	}
	wEraseCan = text{
		"卡上登记的手机号、生日、证件号可以更正或清空，姓名、性别可以更正。以前的流水里已经记下的内容，随账目一起保存。",
		"On the card, phone, birthday and the number of an identity card can be corrected or cleared, name and gender " +
			"corrected. What earlier entries of the books say of it is kept along with them.",
	}
	wEraseNot = text{
		"会计、税务等法律要求保存的交易记录，在法定期限内须由商户保留，期满前不能删除。卡内还有余额时，请先用完或办理退卡。",
		"What the law has merchants keep, such as the records of payments for the books and for taxes, " +
			"stays until that time is over. While there is money on the card, spend it or return the card " +
			"first.",
	}
	wCutData    = text{"记录较多时，只包含最近的 20000 笔", "Of very many entries the last 20000 are in it"}
	wAddress    = text{"地址", "Address"}
	wMoveInShop = text{
		"这张卡没有密码。请在门店请店员出示绑定二维码，用新手机扫描。",
		"The card has no password. Ask in a shop for a QR code and scan it with the new phone.",
	}
)

func (p *Page) showData(w http.ResponseWriter, r *http.Request) error {
	v, err := p.atHome(w, r)
	if v == nil {
		return err
	}
	return p.show(w, r, dataPage(p.viewOf(r, v.merchant)))
}

// export is all that a holder is given of a card.
type export struct {
	Merchant string         `json:"merchant"`
	Made     string         `json:"made"`
	Card     exportCard     `json:"card"`
	Holder   exportHolder   `json:"holder"`
	Coupons  []exportCoupon `json:"coupons"`
	Entries  []exportEntry  `json:"entries"`
}

type exportCard struct {
	Number    string `json:"number"`
	Kind      string `json:"kind"`
	Status    string `json:"status"`
	Level     string `json:"level"`
	Expires   string `json:"expires,omitempty"`
	Principal string `json:"principal"`
	Bonus     string `json:"bonus"`
	Points    int64  `json:"points"`
	Referrer  string `json:"referrer,omitempty"`
}

type exportHolder struct {
	Name     string `json:"name"`
	Phone    string `json:"phone,omitempty"`
	Gender   string `json:"gender,omitempty"`
	Birthday string `json:"birthday,omitempty"`
	IDNumber string `json:"id_number,omitempty"`
}

type exportCoupon struct {
	Name       string `json:"name"`
	Worth      string `json:"worth"`
	Conditions string `json:"conditions,omitempty"`
	From       string `json:"from"`
	Until      string `json:"until"`
}

type exportEntry struct {
	Number    int64             `json:"number"`
	At        string            `json:"at"`
	Kind      string            `json:"kind"`
	Shop      string            `json:"shop,omitempty"`
	Principal string            `json:"principal"`
	Bonus     string            `json:"bonus"`
	Points    int64             `json:"points"`
	Balance   string            `json:"balance"`
	Parts     map[string]string `json:"parts,omitempty"`
	said      string            // the parts as one text
}

// export reads all that a holder is given; nil if the phone has no card, or another site's page asks for it, which is
// answered then.
func (p *Page) export(w http.ResponseWriter, r *http.Request) (*export, error) {
	if httpd.Foreign(r, p.cfg.URL) {
		httpd.NoteOf(r.Context()).Outcome = httpd.OutOrigin
		p.tell(w, r, http.StatusForbidden, foreign)
		return nil, nil
	}
	v, err := p.atHome(w, r)
	if v == nil {
		return nil, err
	}
	card, coupons, err := p.cfg.Reader.Wallet(r.Context(), v.key())
	if err != nil {
		return nil, err
	}
	if card == nil || card.ID != v.card.ID || card.Details.Pass != v.claim.pass { // changed since session
		return nil, p.notBound(w, r)
	}
	entries, _, err := p.journal(r.Context(), ledger.HistoryQuery{Card: v.key()}, maxExport)
	if err != nil {
		return nil, err
	}
	v.card = card.Settled(v.now, v.today)
	l := p.lang(r)
	e := &export{Merchant: v.merchant.Name, Made: v.now.In(v.merchant.Zone).Format(time.RFC3339)}
	e.Card, e.Holder = v.exported(l)
	for i := range coupons {
		if !coupons[i].Over(v.today) {
			e.Coupons = append(e.Coupons, v.exportedCoupon(l, &coupons[i]))
		}
	}
	for i := range entries {
		e.Entries = append(e.Entries, v.exportedEntry(l, &entries[i]))
	}
	return e, nil
}

// exported returns the card and its holder as they are given to him.
func (v *visit) exported(l lang) (exportCard, exportHolder) {
	c := &v.card
	card := exportCard{
		Number: c.Number, Kind: l.said(phrase.CardKinds[c.Kind]), Status: l.said(phrase.StatusOf(c)),
		Level: v.merchant.LevelOf(c).Name, Principal: c.Principal.String(), Bonus: c.Bonus.String(), Points: c.Points,
		Referrer: c.Details.Referrer, Expires: day(c.Expires),
	}
	holder := exportHolder{
		Name: c.Holder.Name, Phone: c.Holder.Phone, Birthday: day(c.Holder.Birthday),
		Gender: l.of(text{"女或未知", "female or unknown"}),
	}
	if c.Holder.Gender == 1 {
		holder.Gender = l.of(text{"男", "male"})
	}
	if number := []rune(c.Details.IDNumber); len(number) > 4 {
		holder.IDNumber = "****" + string(number[len(number)-4:])
	}
	return card, holder
}

// day returns a day; "" for none.
func day(d ledger.Date) string {
	if d == 0 || d == ledger.Forever {
		return ""
	}
	return d.String()
}

func (v *visit) exportedCoupon(l lang, c *ledger.Coupon) exportCoupon {
	return exportCoupon{
		Name: c.Name, Worth: l.said(phrase.CouponWorth(&c.CouponTerms)), From: day(c.From), Until: day(c.Until),
		Conditions: l.said(phrase.CouponConditions(&c.CouponTerms, v.merchant.ShopNames(c.Shops))),
	}
}

func (v *visit) exportedEntry(l lang, e *ledger.Entry) exportEntry {
	line := v.line(e)
	one := exportEntry{
		Number: int64(e.ID), At: e.At.In(v.merchant.Zone).Format(time.RFC3339), Kind: l.of(line.kind), Shop: line.where,
		Principal: e.Principal.String(), Bonus: e.Bonus.String(), Points: e.Points, Balance: e.AmountAfter().String(),
	}
	var said []string
	for _, part := range line.parts {
		if one.Parts == nil {
			one.Parts = map[string]string{}
		}
		one.Parts[l.said(part.Name)] = l.said(part.Value)
		said = append(said, l.said(part.Name)+" "+l.said(part.Value))
	}
	one.said = strings.Join(said, "; ")
	return one
}

// sendJSON gives the holder his data for programs.
func (p *Page) sendJSON(w http.ResponseWriter, r *http.Request) error {
	e, err := p.export(w, r)
	if e == nil {
		return err
	}
	body, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	return attach(w, "card.json", "application/json", body)
}

// attach sends a file to be kept.
func attach(w http.ResponseWriter, name, kind string, body []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(body) // the browser is gone, and nobody reads the error
	return nil
}

// sendCSV gives the holder the card's entries for spreadsheets.
func (p *Page) sendCSV(w http.ResponseWriter, r *http.Request) error {
	e, err := p.export(w, r)
	if e == nil {
		return err
	}
	l, file := p.lang(r), bytes.Buffer{}
	rows, err := sheet.New(&file, sheet.CSV, l.of(wData), []string{
		"#", l.of(wWhen), l.of(wWhat), l.of(text{"门店", "Shop"}), l.of(wPrincipal), l.of(wBonus), l.of(wPoints),
		l.of(wBalance), l.of(text{"明细", "Details"}),
	})
	for i := 0; i < len(e.Entries) && err == nil; i++ {
		one := &e.Entries[i]
		err = rows.Row(sheet.Count(one.Number), sheet.Text(one.At), sheet.Text(one.Kind), sheet.Text(one.Shop),
			sheet.Text(one.Principal), sheet.Text(one.Bonus), sheet.Count(one.Points), sheet.Text(one.Balance),
			sheet.Text(one.said))
	}
	if err == nil {
		err = rows.Close()
	}
	if err != nil {
		return err
	}
	return attach(w, "card.csv", sheet.CSV.ContentType(), file.Bytes())
}
