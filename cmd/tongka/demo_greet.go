package main

import (
	"context"
	"fmt"

	"tongka/internal/api"
	backoffice "tongka/internal/console"
	"tongka/internal/dc78"
	"tongka/internal/page"
	"tongka/internal/qrcode"
	"tongka/internal/sandbox"
	"tongka/internal/sandy"
)

// GUIDs of the merchants and shops that examples name.
const (
	demoMerchant = "{DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}"
	demoShop     = "{DEFAULT-AUTO-E207-8CC9-44AD86AEEB6DD}"
	demoSweets   = "{DEMO-AUTO-0002-SWEETS}"
	demoCases    = "{DEMO-AUTO-0006-CASES}"
)

// greet prints where the demo listens, which cards and people it has and what to try.
func (d *demoRun) greet(ctx context.Context, s *service, sandbox *sandbox.Page) error {
	m, card, err := s.books.demoCard(ctx)
	if err != nil {
		return err
	}
	cards, err := s.books.listDemo(ctx)
	if err != nil {
		return err
	}
	people, err := s.books.demoPeople(ctx)
	if err != nil {
		return err
	}
	access := accessOf(s.key, d.Lan != "")
	d.greetPlaces(sandbox)
	fmt.Fprintf(d.con.out,
		"AUTHORIZATION: %s\nCUSTOMERGUID:  %s 聚客西餐\n               %s 聚客西餐分店\n               %s 聚客甜品\n"+
			"               %s 样例餐厅\n\n", access.token, demoMerchant, demoShop, demoSweets, demoCases)
	if print(d.con, listing{}, cards) != nil || greetPeople(d.con, people, access.password) != nil {
		return nil // standard output is closed: nobody reads the rest either
	}
	d.greetExamples(&access)
	// link binds a phone to the card demoNumber; "" if no phone may be bound to it.
	if link := s.page.Link(m, card); link != "" {
		fmt.Fprintf(d.con.out,
			"\nThe holder's page of card %s opens by this address, once; mb_check with getBindQr=1 gives others:\n%s\n",
			demoNumber, link)
	}
	fmt.Fprintln(d.con.out,
		"\nBelow is a line for each request. Ctrl-C ends the demo; what is done in it is kept, and tongka demo --fresh "+
			"begins anew.")
	return nil
}

// greetPlaces prints where the demo is reached.
func (d *demoRun) greetPlaces(sandbox *sandbox.Page) {
	reach := "on this machine only"
	if d.Lan != "" {
		reach = "for this machine's network, with credentials of its own"
	}
	fmt.Fprintf(d.con.out, "Tongka demo, %s. Data: %s\n\n", reach, d.dsn)
	for _, p := range d.places() {
		fmt.Fprintf(d.con.out, "  %-11s %s\n", p[0], p[1])
	}
	fmt.Fprintf(d.con.out, "  health      %s/healthz  %s/readyz  %s/metrics\n\n", d.url, d.url, d.url)
	fmt.Fprintf(d.con.out, "What each card is for, and a button that makes all of it anew:\n%s\n\n", sandbox.Link())
	if d.Lan == "" {
		return
	}
	d.greetLan(sandbox)
}

// greetLan prints what phones scan, and by which certificate they are answered.
func (d *demoRun) greetLan(page *sandbox.Page) {
	code, err := qrcode.Terminal(page.Link())
	if err != nil {
		d.log.Warn("the address is too long for a QR code", "error", err)
	}
	fmt.Fprintf(d.con.out, "%s\n", code)
	if d.cert.file == "" {
		fmt.Fprintf(d.con.out, "What is sent is not encrypted: --lan https does that.\n\n")
		return
	}
	fmt.Fprintf(d.con.out,
		"The certificate is %s, and nobody vouches for it: have tills trust that file. Its SHA-256 is\n%s\n\n",
		d.cert.file, d.cert.print)
}

// places are the addresses of the demo, by name.
func (d *demoRun) places() [][2]string {
	return [][2]string{
		{"member-cjb", d.url + sandy.Base}, {"dc78", d.url + dc78.Bases[0]}, {"API", d.url + api.Base},
		{"holder", d.url + page.Base}, {"console", d.url + backoffice.Base},
	}
}

// greetExamples prints what to try.
func (d *demoRun) greetExamples(access *demoAccess) {
	out := d.con.out
	curl := "curl"
	if d.cert.file != "" {
		curl += " --cacert '" + d.cert.file + "'"
	}
	fmt.Fprintln(out, "\nTry:")
	for _, c := range []struct{ method, endpoint, body string }{
		{"GET", "cardlevellist", ""},
		{"POST", "getrechargerules", `{"card_id": "000001" }`},
		{"POST", "getcards", `{"key": "138"}`},
		{"POST", "cardopen", `{"cardID": "wx002", "cardLevelID": 1, "uname": "王小二", "phone": "13800000003"}`},
		{"POST", "recharge", `{"card_id": "wx001", "money": "100", "pay_type": 1}`},
		{"POST", "consume", `{"card_id": "M000123", "money": 100}`},
		{"POST", "getcardinfo", `{"card_id": "M000123"}`},
		{"POST", "modcardinfo", `{"card_id": "000001", "birthday": "1999-9-9"}`},
		{"POST", "getcardhis", `{"card_id": "M000123"}`},
		{"POST", "consume_score", `{"card_id": "M000123", "score": 100}`},
	} {
		data := ""
		if c.body != "" {
			data = " --data '" + c.body + "'"
		}
		fmt.Fprintf(out, "%s -X %s -H 'CUSTOMERGUID: %s' -H 'AUTHORIZATION: %s' '%s%s%s'%s\n",
			curl, c.method, demoMerchant, access.token, d.url, sandy.Base, c.endpoint, data)
	}
	fmt.Fprintf(out,
		"\ndc78: msid 10020, 10021 and 10070, ApiKey %s. A signature is good for five minutes, and once:\n%s\n",
		access.apiKey, signedCurl(curl, d.url, access.apiKey))
	fmt.Fprintf(out,
		"\nThe code that the phone of card 47302320 shows, to send as mbno, and what is sent to holders is printed "+
			"here:\ntongka code --db %s --merchant 10000 47302320\n", d.dsn)
}

// signedCurl returns a shell line that asks for the published card by dc78. It signs when it is run, since a
// signature is valid only for minutes.
func signedCurl(curl, base, apiKey string) string {
	return fmt.Sprintf(`t=$(date +%%s) n=$(openssl rand -hex 8); `+
		`s=$(printf 'mb_check\n10021\n%%s\n%%s\ngetlist=1\nmbno=47302320' "$t" "$n" | `+
		`openssl dgst -sha256 -hmac %s -r | cut -d' ' -f1); `+
		`%s "%s%s/mb_check?msid=10021&timestamp=$t&nonce=$n&sign=$s&mbno=47302320&getlist=1"`,
		apiKey, curl, base, dc78.Bases[0])
}
