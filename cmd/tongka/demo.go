package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"tongka/internal/apply"
	"tongka/internal/config"
	"tongka/internal/demo"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
	"tongka/internal/metrics"
	"tongka/internal/sandbox"
	"tongka/internal/seal"
	"tongka/internal/store"
)

//go:embed demo.yaml
var demoData []byte

// demoCmd takes its settings only from flags, not from the environment or a file: a database that TONGKA_DB names
// for production must never be filled with demo data.
type demoCmd struct {
	Addr string `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"A loopback address to listen on; with --lan any, and of a loopback one only the port counts."`
	DB   string `name:"db" placeholder:"DSN" help:"The database, sqlite:FILE or postgres://…; by default a file in your cache directory."`
	Lan  string `enum:",http,https" default:"" placeholder:"http|https" help:"Serve the local network too: over plain http, or over https by a certificate that the demo makes for itself. The credentials are drawn, and a QR code opens the page that lists them."`

	Fresh  bool `help:"Begin anew: remove what an earlier demo left in that file first, its credentials too."`
	NoYear bool `help:"Leave out the year of trade and the sign-ins to the console: only the data of the published examples."`
}

// Run creates the demo data that is missing and serves it until ctx is done.
func (c *demoCmd) Run(ctx context.Context, con *console) (err error) {
	addr, host, err := c.where()
	if err != nil {
		return err
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
	d := &demoRun{demoCmd: c, con: con, log: log, dsn: dsn, keyFile: keyFile(dsn, config.Secrets{})}
	if d.doors, err = openDoors(addr); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.doors.Close()) }()
	if err := d.reached(host); err != nil {
		return err
	}
	for again := true; again && err == nil; {
		again, err = d.serve(ctx)
	}
	return err
}

// demoRun is a demo that is served, by one server after the other: each time it is made anew another takes its place.
type demoRun struct {
	*demoCmd
	con     *console
	log     *slog.Logger
	dsn     string
	keyFile string // stays when the demo is made anew, and with it the credentials
	doors   *doors
	url     string // where tills and browsers reach it
	cert    demoCertificate
	greeted bool
}

// settings are those of a server of the demo.
func (d *demoRun) settings() config.Settings {
	return config.Settings{
		Database: config.Database{DB: d.dsn},
		Secrets:  config.Secrets{KeyFile: d.keyFile},
		Backups:  config.Backups{BackupKeep: 7},
		HTTP: config.HTTP{
			Addr: d.doors.listener.Addr().String(), Drain: 5 * time.Second, PageURL: d.url, TLSCert: d.cert.file,
			TLSKey: d.cert.key,
		},
		Outbox:   config.Outbox{Messages: "log"},
		Log:      config.Log{KeepRequests: 7},
		Webhooks: config.Webhooks{WebhookAllow: d.receivers()},
	}
}

// receivers are the addresses without TLS, or of a private network, that webhooks may be sent to: of the machine's own
// programs where nobody else can reach the console, and otherwise of those on the network.
func (d *demoRun) receivers() []string {
	if d.Lan == "" {
		return []string{"127.0.0.0/8", "::1/128"}
	}
	return []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"}
}

// serve serves the demo until ctx is done, or until it is made anew, which is reported.
func (d *demoRun) serve(ctx context.Context) (again bool, err error) {
	settings, count, news := d.settings(), metrics.New(programVersion()), newNews()
	opts := storeOptions(&settings, d.log)
	opts.Upgrade = func(o store.Older) error { return mayUpgradeDemo(o, d.keyFile) }
	b, err := openBooksWith(ctx, d.dsn, opts, engineConfig(&settings, count, news, d.log))
	if err != nil {
		return false, otherBuild(err, d.dsn, d.DB == "")
	}
	closed := false
	defer func() {
		if !closed {
			b.Close(&err)
		}
	}()
	key, err := openKey(ctx, b.Store, d.dsn, settings.Secrets, "")
	if err != nil {
		return false, err
	}
	if err := d.fill(ctx, b, key); err != nil {
		return false, err
	}
	door := d.doors.door()
	s := &service{
		settings: settings, books: b, key: key, log: d.log, count: count, news: news,
		sender: newSender(settings.Messages, d.con.out), showSigned: true, door: door,
	}
	until, stop := context.WithCancel(ctx)
	defer stop()
	next := &afresh{run: d, stop: stop, door: door}
	page, err := d.sandbox(b, accessOf(key, d.Lan != ""), next)
	if err != nil {
		return false, err
	}
	s.more = func(mux *http.ServeMux) error { page.Register(mux); return nil }
	if err := s.run(until, func(string) { d.ready(ctx, s, page) }); err != nil || !next.made.Load() {
		return false, err
	}
	closed = true
	if b.Close(&err); err != nil {
		return false, err
	}
	return true, next.take()
}

// ready tells of the demo, once.
func (d *demoRun) ready(ctx context.Context, s *service, page *sandbox.Page) {
	if d.greeted {
		d.log.Info("the demo was made anew")
		return
	}
	d.greeted = true
	if err := d.greet(ctx, s, page); err != nil {
		d.log.Error("greet", "error", err)
	}
	s.inviteOwner(d.con)
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
func (d *demoRun) fill(ctx context.Context, b *books, key *seal.Key) error {
	if err := b.beginDemo(ctx); err != nil {
		return err
	}
	if err := b.checkAccess(ctx, key, d.Lan != ""); err != nil {
		return err
	}
	access := accessOf(key, d.Lan != "")
	if !d.NoYear { // before the rest, so that the journal of the host begins where the year does
		if err := b.fillYear(ctx, d.con, key, access.password); err != nil {
			return err
		}
	}
	return b.applyDemo(ctx, key, &access)
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
	name := "demo.db"
	if c.Lan != "" {
		name = "demo-lan.db" // with credentials of its own
	}
	return "sqlite:" + filepath.Join(dir, name), nil
}

// fillDemo marks an empty database as a demo and applies the demo data. It returns an error for books that are not
// a demo.
func (b *books) fillDemo(ctx context.Context, key *seal.Key) error {
	if err := b.beginDemo(ctx); err != nil {
		return err
	}
	access := accessOf(key, false)
	return b.applyDemo(ctx, key, &access)
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

// applyDemo applies the demo data, and opens the cards that stand for what a till must cope with.
func (b *books) applyDemo(ctx context.Context, key *seal.Key, access *demoAccess) error {
	current, err := apply.Read(ctx, b)
	if err != nil {
		return err
	}
	plan, err := apply.NewPlan(access.data(), current, apply.Options{
		Demo: !access.drawn, Now: b.clock.Now(), NewToken: func() string { return access.token },
		NewCouponNumber: newCouponNumber, Vault: key,
	})
	if err != nil {
		return fmt.Errorf("demo.yaml: %w", err)
	}
	report, err := plan.Run(ctx, b, b.engine)
	if err == nil && report.Refused() {
		err = fmt.Errorf("demo data was refused: %v", report.Lines)
	}
	if err != nil {
		return err
	}
	return b.makeCases(ctx, key, access.card)
}

// makeCases opens the cards of the demo's cases, unless they are there.
func (b *books) makeCases(ctx context.Context, key *seal.Key, password string) error {
	merchant := demo.CasesMerchant
	c, err := b.Card(ctx, ledger.CardNamed(merchant, demo.Cases[0].Number))
	if err != nil || c != nil {
		return err
	}
	all, err := demo.MakeCases(demo.CasesConfig{
		Now: b.clock.Now(), CouponNumber: newCouponNumber,
		CardPassword: passwords{key}.hash(strconv.FormatInt(int64(merchant), 10), password),
	})
	if err != nil {
		return err
	}
	for _, cmd := range all {
		made, err := b.engine.Do(ctx, cmd)
		if err != nil {
			return err
		}
		if len(made.Refused) > 0 {
			return fmt.Errorf("cards of the demo were refused: %v", made.Refused)
		}
	}
	return nil
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
