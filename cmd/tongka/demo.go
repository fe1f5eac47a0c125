package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tongka/internal/apply"
	"tongka/internal/auth"
	"tongka/internal/config"
	backoffice "tongka/internal/console"
	"tongka/internal/dc78"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/metrics"
	"tongka/internal/page"
	"tongka/internal/sandy"
	"tongka/internal/seal"
	"tongka/internal/store"
)

//go:embed demo.yaml
var demoData []byte

// demoCmd takes its settings only from flags, not from the environment or a file: a database that TONGKA_DB names
// for production must never be filled with demo data.
type demoCmd struct {
	Addr string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"A loopback address to listen on."`
	DB   string `name:"db" placeholder:"DSN" help:"The database, sqlite:FILE or postgres://…; by default a file in your cache directory."`

	Fresh  bool `help:"Begin anew: remove what an earlier demo left in that file first."`
	NoYear bool `help:"Leave out the year of trade and the sign-ins to the console: only the data of the published examples."`
}

// Run creates the demo data that is missing and serves it until ctx is done.
func (c *demoCmd) Run(ctx context.Context, con *console) (err error) {
	if !config.Loopback(c.Addr) {
		return fmt.Errorf("addr: %s is not loopback: the demo's token is published, so it serves this machine only", c.Addr)
	}
	dsn, err := c.dsn()
	if err != nil {
		return err
	}
	if c.Fresh {
		if err := beginAnew(ctx, dsn, c.DB == ""); err != nil {
			return err
		}
	}
	file := httpd.OpenLog(con.err)
	defer file.End()
	log, err := file.Logger("info") // with a line for each request
	if err != nil {
		return err
	}
	settings := config.Settings{
		Database: config.Database{DB: dsn},
		Backups:  config.Backups{BackupKeep: 7},
		HTTP:     config.HTTP{Addr: c.Addr, Drain: 5 * time.Second},
		Outbox:   config.Outbox{Messages: "log"},
		Log:      config.Log{KeepRequests: 7},
	}
	count := metrics.New(programVersion())
	bells := newBells()
	opts := storeOptions(&settings, log)
	opts.Upgrade = func(o store.Older) error { return mayUpgradeDemo(o, keyFile(dsn, settings.Secrets)) }
	b, err := openBooksWith(ctx, dsn, opts, engineConfig(&settings, count, bells, log))
	if err != nil {
		return otherBuild(err, dsn, c.DB == "")
	}
	defer b.Close(&err)
	key, err := openKey(ctx, b.Store, dsn, settings.Secrets, "")
	if err != nil {
		return err
	}
	if err := c.fill(ctx, con, b, key); err != nil {
		return err
	}
	s := &service{
		settings: settings, books: b, key: key, log: log, count: count, bells: bells,
		sender: newSender(settings.Messages, con.out), pageHere: true, showSigned: true,
	}
	m, card, err := b.demoCard(ctx)
	if err != nil {
		return err
	}
	cards, err := b.listDemo(ctx)
	if err != nil {
		return err
	}
	people, err := b.demoPeople(ctx)
	if err != nil {
		return err
	}
	return s.run(ctx, func(addr string) {
		greet(con, addr, dsn, s.page.Link(m, card), cards, people)
		s.inviteOwner(con)
	})
}

// mayUpgradeDemo refuses to upgrade books that are no demo's, or whose key is not in the file.
func mayUpgradeDemo(o store.Older, key string) error {
	if !o.Demo {
		return errOtherBooks
	}
	_, err := keyFor(o.KeyCheck, key, "")
	return err
}

// fill creates the demo data that is missing.
func (c *demoCmd) fill(ctx context.Context, con *console, b *books, key *seal.Key) error {
	if err := b.beginDemo(ctx); err != nil {
		return err
	}
	if !c.NoYear { // before the rest, so that the journal of the host begins where the year does
		if err := b.fillYear(ctx, con, key); err != nil {
			return err
		}
	}
	return b.applyDemo(ctx, key)
}

var errOtherBooks = fmt.Errorf("this database %w: choose another with --db", errNoDemo)

// demoCard returns the card whose holder's page the demo links to, and its merchant.
func (b *books) demoCard(ctx context.Context) (*ledger.Merchant, *ledger.Card, error) {
	m, err := findMerchant(ctx, b, "10000")
	if err != nil {
		return nil, nil, err
	}
	card, err := b.Card(ctx, ledger.CardNamed(m.ID, demoNumber))
	if err == nil && card == nil {
		err = fmt.Errorf("card %s of the demo is missing", demoNumber)
	}
	return m, card, err
}

func (c *demoCmd) dsn() (string, error) {
	if c.DB != "" {
		return c.DB, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "tongka")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return "sqlite:" + filepath.Join(dir, "demo.db"), nil
}

// fillDemo marks an empty database as a demo and applies the demo data. It returns an error for books that are not
// a demo.
func (b *books) fillDemo(ctx context.Context, key auth.Vault) error {
	if err := b.beginDemo(ctx); err != nil {
		return err
	}
	return b.applyDemo(ctx, key)
}

// beginDemo marks an empty database as a demo. It returns an error for books that are not one.
func (b *books) beginDemo(ctx context.Context) error {
	demo, err := b.Demo(ctx)
	if err != nil {
		return err
	}
	current, err := apply.Read(ctx, b)
	if err != nil {
		return err
	}
	if !demo && len(current.Merchants)+len(current.Agents) > 0 {
		return errOtherBooks
	}
	if !demo {
		if err := b.MarkDemo(ctx); err != nil {
			return err
		}
	}
	return b.demoTime(ctx)
}

// applyDemo applies the demo data.
func (b *books) applyDemo(ctx context.Context, key auth.Vault) error {
	current, err := apply.Read(ctx, b)
	if err != nil {
		return err
	}
	plan, err := apply.NewPlan(demoData, current, apply.Options{
		Demo: true, Now: b.clock.Now(), NewToken: auth.NewToken, NewCouponNumber: newCouponNumber, Vault: key,
	})
	if err != nil {
		return fmt.Errorf("demo.yaml: %w", err)
	}
	report, err := plan.Run(ctx, b, b.engine)
	if err == nil && report.Refused() {
		err = fmt.Errorf("demo data was refused: %v", report.Lines)
	}
	return err
}

// demoTime makes the demo accept the machine's clock even if there is reason to doubt it, as a demo has nothing to
// lose. If an earlier run has dated entries ahead, their time is taken back.
func (b *books) demoTime(ctx context.Context) error {
	b.clock.BeLenient()
	_, err := b.takeBackTime(ctx, b.clock.Now(), ledger.Caller{Operator: "tongka demo"}, "")
	return err
}

// demoNumber is the number of the card whose holder's page the demo links to.
const demoNumber = "M000123"

// greet prints where the demo listens, which cards and people it has and what to try. link binds a phone to the card
// demoNumber; "" if no phone may be bound to it.
func greet(con *console, addr, dsn, link string, cards []listedCard, people []signInRow) {
	const (
		merchant = "{DEFAULT-AUTO-8E5A-BDE2-34ABA1BD956C9}"
		shop     = "{DEFAULT-AUTO-E207-8CC9-44AD86AEEB6DD}"
		sweets   = "{DEMO-AUTO-0002-SWEETS}"
	)
	base := "http://" + addr
	fmt.Fprintf(con.out, "Tongka demo, on this machine only. Data: %s\n\n", dsn)
	fmt.Fprintf(con.out, "  member-cjb  %s%s\n", base, sandy.Base)
	fmt.Fprintf(con.out, "  dc78        %s%s\n", base, dc78.Bases[0])
	fmt.Fprintf(con.out, "  holder      %s%s\n", base, page.Base)
	fmt.Fprintf(con.out, "  console     %s%s\n", base, backoffice.Base)
	fmt.Fprintf(con.out, "  health      %s/healthz  %s/readyz  %s/metrics\n\n", base, base, base)
	fmt.Fprintf(con.out,
		"AUTHORIZATION: test\nCUSTOMERGUID:  %s 聚客西餐\n               %s 聚客西餐分店\n               %s 聚客甜品\n\n", merchant, shop,
		sweets)
	if print(con, listing{}, cards) != nil || greetPeople(con, people) != nil {
		return // standard output is closed: nobody reads the rest either
	}
	fmt.Fprintln(con.out, "\nTry:")
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
		fmt.Fprintf(con.out, "curl -X %s -H 'CUSTOMERGUID: %s' -H 'AUTHORIZATION: test' '%s%s%s'%s\n",
			c.method, merchant, base, sandy.Base, c.endpoint, data)
	}
	fmt.Fprintf(con.out, "\ndc78: msid 10020 and 10021, ApiKey %s. A signature is good for five minutes, and once:\n%s\n",
		apply.DemoAPIKey, signedCurl(base))
	fmt.Fprintf(con.out,
		"\nThe code that the phone of card 47302320 shows, to send as mbno, and what is sent to holders is printed "+
			"here:\ntongka code --db %s --merchant 10000 47302320\n", dsn)
	if link != "" {
		fmt.Fprintf(con.out,
			"\nThe holder's page of card %s opens by this address, once; mb_check with getBindQr=1 gives others:\n%s\n",
			demoNumber, link)
	}
	fmt.Fprintln(con.out,
		"\nBelow is a line for each request. Ctrl-C ends the demo; what is done in it is kept, and tongka demo --fresh "+
			"begins anew.")
}

// signedCurl returns a shell line that asks for the published card by dc78. It signs when it is run, since a
// signature is valid only for minutes.
func signedCurl(base string) string {
	return fmt.Sprintf(`t=$(date +%%s) n=$(openssl rand -hex 8); `+
		`s=$(printf 'mb_check\n10021\n%%s\n%%s\ngetlist=1\nmbno=47302320' "$t" "$n" | `+
		`openssl dgst -sha256 -hmac %s -r | cut -d' ' -f1); `+
		`curl "%s%s/mb_check?msid=10021&timestamp=$t&nonce=$n&sign=$s&mbno=47302320&getlist=1"`,
		apply.DemoAPIKey, base, dc78.Bases[0])
}
