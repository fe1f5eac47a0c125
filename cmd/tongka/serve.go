package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/kong"

	"tongka/internal/api"
	"tongka/internal/auth"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/config"
	backoffice "tongka/internal/console"
	"tongka/internal/dc78"
	"tongka/internal/engine"
	"tongka/internal/exchange"
	"tongka/internal/follow"
	"tongka/internal/hook"
	"tongka/internal/httpd"
	"tongka/internal/job"
	"tongka/internal/ledger"
	"tongka/internal/metrics"
	"tongka/internal/page"
	"tongka/internal/sandy"
	"tongka/internal/seal"
	"tongka/internal/signin"
	"tongka/internal/store"
)

// refreshEvery is how often the server looks for changes of agents and merchants made by other processes.
const refreshEvery = time.Second

type serveCmd struct {
	config.Settings
}

// Run serves until ctx is done, and then finishes what was accepted.
func (c *serveCmd) Run(ctx context.Context, con *console, line *kong.Context) (err error) {
	if err := c.Check(); err != nil {
		return err
	}
	file := httpd.OpenLog(con.err)
	defer file.End()
	log, err := file.Logger(c.LogLevel)
	if err != nil {
		return fmt.Errorf("log-level: %w", err)
	}
	count := metrics.New(programVersion())
	news := newNews()
	opts := storeOptions(&c.Settings, log)
	opts.Upgrade = c.mayUpgrade
	b, err := openBooksWith(ctx, c.DB, opts, engineConfig(&c.Settings, count, news, log))
	if err != nil {
		return err
	}
	defer b.Close(&err)
	if err := b.checkProduction(ctx); err != nil {
		return err
	}
	if err := b.warnWeak(ctx, log); err != nil {
		return err
	}
	key, err := openKey(ctx, b.Store, c.DB, c.Secrets, os.Getenv(keyEnv))
	if err != nil {
		return err
	}
	s := &service{
		settings: c.Settings, books: b, key: key, log: log, count: count, news: news,
		sender: newSender(c.Messages, con.out), sources: config.SourcesOf(line),
	}
	err = s.run(ctx, func(addr string) {
		log.Info("serving", "addr", addr, "version", programVersion())
		s.begin(con)
	})
	if err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

// mayUpgrade refuses to change the schema of a database that would not be served then.
func (c *serveCmd) mayUpgrade(o store.Older) error {
	if o.Demo {
		return errDemo
	}
	_, err := keyFor(o.KeyCheck, keyFile(c.DB, c.Secrets), os.Getenv(keyEnv))
	return err
}

func storeOptions(s *config.Settings, log *slog.Logger) store.Options {
	return store.Options{
		Logger: log, Limits: store.Limits{Connect: s.ConnectLimit, Read: s.ReadLimit, Save: s.SaveLimit},
		Lost: func(err error) {
			// No cleanup, as it might write to the failed disk. The next start finds out what was committed.
			log.Error("ending at once", "error", err)
			os.Exit(exitLost)
		},
	}
}

// exitLost is the exit code if the disk fails while a commit is flushed, so that its outcome is unknown.
const exitLost = 74 // EX_IOERR of sysexits

// news is how those who follow the journal learn of what this process saves: bells wake the followers, one each, and
// last what sends to webhooks; the followers need not read what is recent.
type news struct {
	bells  [folds + 1]follow.Bell
	recent *follow.Recent
}

// folds is the number of followers.
const folds = 2

func newNews() *news {
	n := news{recent: follow.NewRecent(time.Now)}
	for i := range n.bells {
		n.bells[i] = follow.NewBell()
	}
	return &n
}

// saved takes what a save has stored.
func (n *news) saved(changes []command.Changes) {
	for i := range changes {
		if entries := changes[i].Entries; len(entries) > 0 {
			n.recent.Add(entries[0].Merchant, entries)
		}
	}
	for _, bell := range n.bells {
		bell.Ring()
	}
}

// engineConfig returns the configuration of a server's engine, which makes news.
func engineConfig(s *config.Settings, count *metrics.Metrics, n *news, log *slog.Logger) engine.Config {
	return engine.Config{
		Lanes: lanesOf(s), Batch: s.Batch, Queue: s.Queue, Cards: s.Cards, Observe: count.Engine(), Logger: log,
		Saved: n.saved,
	}
}

// lanesOf returns how many lanes there are.
func lanesOf(s *config.Settings) int {
	if strings.HasPrefix(s.DB, "sqlite:") {
		return 1 // SQLite has one writer, and more lanes would only wait for it
	}
	return s.Lanes
}

// followers returns what folds the journal: into day totals, and into totals of lots and coupons.
func (b *books) followers() [folds]follow.Follower {
	return [...]follow.Follower{follow.NewDays(b), follow.NewParts(b)}
}

// follow runs the followers until ctx is done.
func (s *service) follow(ctx context.Context) {
	var running sync.WaitGroup
	for i, f := range s.books.followers() {
		r := follow.New(f, s.news.bells[i], follow.Config{
			Journal: s.books, Logger: s.log, Observe: s.count.Follower(f.Name()), Recent: s.news.recent,
		})
		running.Go(func() { r.Run(ctx) })
	}
	running.Wait()
}

// webhooks returns what sends entries to webhooks.
func (s *service) webhooks() *hook.Runner {
	return hook.New(hook.Config{
		Store: s.books, Poster: hook.NewClient(s.settings.Listed()), Body: api.EventOf,
		Keys: func(w *ledger.Webhook) ([][]byte, error) { return auth.WebhookKeys(s.key, w) },
		Bell: s.news.bells[folds], Logger: s.log, Observe: s.count.Webhooks(),
	})
}

// testWebhook sends a webhook an event that is of no entry.
func (s *service) testWebhook(ctx context.Context, w *ledger.Webhook) ledger.WebhookTry {
	now := s.books.clock.Now().UTC()
	id := fmt.Sprintf("evt_%d_test_%d", w.Merchant, now.UnixMilli())
	body, err := api.TrialEventOf(id, w.Merchant, now)
	if err != nil {
		return ledger.WebhookTry{Merchant: w.Merchant, Webhook: w.ID, At: now, Said: err.Error()}
	}
	return s.hooks.Test(ctx, w, id, body)
}

// service is all that a server runs: the handlers, the background jobs, and what they share.
type service struct {
	settings   config.Settings
	books      *books
	key        *seal.Key
	log        *slog.Logger
	count      *metrics.Metrics
	news       *news
	sender     job.Sender                 // nil = no messages are sent
	door       net.Listener               // where tills come in; nil = the address of the settings is listened on
	more       func(*http.ServeMux) error // adds what only a demo serves; nil = nothing
	listens    string                     // the address that is listened on; "" before that
	showSigned bool                       // a refusal for a wrong signature shows the text that should have been signed
	page       *page.Page
	office     *backoffice.Console // nil = browsers cannot reach it
	ready      *readiness
	requests   *exchange.Recorder // nil = no requests of tills are kept
	hooks      *hook.Runner
	public     http.Handler // what the public address serves
	served     *certificate // nil = there is no TLS
	sources    map[string]config.Source

	directory *auth.Directory
	uses      *auth.Uses
	stopping  <-chan struct{} // closed when the server is to end
}

// run serves until ctx is done, and then finishes the requests that were accepted. ready is called once the server
// listens, with the address tills can use.
func (s *service) run(ctx context.Context, ready func(addr string)) error {
	directory, err := auth.Open(ctx, s.books, s.books.clock.Now)
	if err != nil {
		return err
	}
	secure, err := s.tls()
	if err != nil {
		return err
	}
	tills := s.door
	if tills == nil {
		if tills, err = net.Listen("tcp", s.settings.Addr); err != nil {
			return err
		}
	}
	s.listens = tills.Addr().String()
	s.stopping, s.hooks = ctx.Done(), s.webhooks()
	handler, err := s.tills(directory)
	if err != nil {
		return errors.Join(err, tills.Close())
	}
	front := s.server(handler, secure)
	s.public = front.Handler()
	serving := []func(context.Context) error{serveAt(front, tills)}
	if s.settings.AdminAddr != "" {
		admin, err := net.Listen("tcp", s.settings.AdminAddr)
		if err != nil {
			return errors.Join(err, tills.Close())
		}
		s.log.Info("admin", "addr", admin.Addr().String())
		serving = append(serving, serveAt(s.server(s.admin(), nil), admin))
	}
	ready(s.listens)

	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var workers sync.WaitGroup
	workers.Go(func() { directory.Watch(background, refreshEvery, s.log) })
	workers.Go(func() { s.books.clock.Watch(background) })
	workers.Go(func() { s.uses.Run(background) })
	workers.Go(func() { s.sweep().Run(background) })
	if s.sender != nil {
		workers.Go(func() { s.delivery().Run(background) })
	}
	workers.Go(func() { s.follow(background) })
	workers.Go(func() { s.hooks.Run(background) })
	workers.Go(func() { s.runner().Run(background) })
	if s.requests != nil {
		workers.Go(func() { s.requests.Run(background) })
	}
	workers.Go(func() { s.schedule(background) })
	err = serveAll(ctx, serving)
	stop()
	workers.Wait()
	return err
}

// serveAll runs the servers until ctx is done or one of them fails, which stops the others. It returns their errors
// joined.
func serveAll(ctx context.Context, servers []func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	errs := make([]error, len(servers))
	var running sync.WaitGroup
	for i, serve := range servers {
		running.Go(func() {
			defer stop()
			errs[i] = serve(ctx)
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

func (s *service) server(handler http.Handler, secure *tls.Config) *httpd.Server {
	return httpd.New(handler, httpd.Config{
		Grace: s.settings.Drain, TLS: secure, Proxies: s.settings.Proxies(), Logger: s.log, Observe: s.count.Request,
		MaxConns: s.settings.MaxConnections, MaxConnsOfOne: s.settings.AddressConnections, Keep: s.keep(),
	})
}

func serveAt(srv *httpd.Server, ln net.Listener) func(context.Context) error {
	return func(ctx context.Context) error { return srv.Serve(ctx, ln) }
}

// keep returns what takes the requests of tills; nil if none are kept.
func (s *service) keep() func(httpd.Exchange) {
	if s.requests == nil {
		return nil
	}
	return s.requests.Take
}

// keeper is what the console asks about requests of tills; nil if none are kept.
func (s *service) keeper() backoffice.Keeper {
	if s.requests == nil {
		return nil
	}
	return s.requests
}

// tills returns the handler of the public address.
func (s *service) tills(directory *auth.Directory) (http.Handler, error) {
	s.directory, s.uses = directory, auth.NewUses(s.books, s.log, s.books.clock.Now)
	if s.settings.KeepRequests > 0 {
		s.requests = exchange.New(s.books, s.log, time.Now)
	}
	mux := http.NewServeMux()
	byAgent := auth.NewLimiter[ledger.AgentID](auth.Limit{PerSecond: s.settings.AgentRate}, time.Now)
	byAddress := auth.NewLimiter[netip.Addr](auth.Limit{PerSecond: s.settings.AddressRate}, time.Now)
	sandy.New(sandy.Config{
		Doer: s.books.engine.Within(s.settings.Patience), Reader: s.books, Directory: directory, Clock: s.books.clock.Now,
		ByAgent: byAgent, ByAddress: byAddress,
	}).Register(mux)
	keys, words := codes.KeysOf(s.key.Subkey), passwords{s.key}
	bindLink, err := s.holders(mux, directory, byAddress)
	if err != nil {
		return nil, err
	}
	dc78.New(dc78.Config{
		Doer: s.books.engine.Within(s.settings.Patience), Reader: s.books, Directory: directory, Clock: s.books.clock.Now,
		ByAgent: byAgent, ByAddress: byAddress,
		Shops: &shops{directory: directory, key: s.key, log: s.log}, NewNumber: newNumber, NewPassword: newPassword,
		HashPassword: words.hash, CheckPassword: words.matches, Keys: &keys, Outbox: s.outbox(),
		NewCouponNumber: newCouponNumber, BindLink: bindLink, ServerName: s.settings.ServerName, ShowSigned: s.showSigned,
	}).Register(mux)
	api.New(api.Config{
		Doer: s.books.engine.Within(s.settings.Patience), Books: s.books, Directory: directory, Clock: s.books.clock.Now,
		Version: programVersion(), ByAgent: byAgent, ByAddress: byAddress, HashPassword: words.hash,
		CheckPassword: words.matches, CouponNumber: newCouponNumber, CardNumber: newNumber, Keys: &keys,
		Origins: s.settings.APIOrigins, Uses: s.uses, Stop: s.stopping, Vault: s.key, Subkey: s.key.Subkey,
		TestWebhook: s.testWebhook, Reach: hook.ReachOf(s.settings.Listed()), Proofs: proofs{s}, Jobs: s.books,
		Snapshot: func(ctx context.Context, fn func(api.Reports) error) error {
			return s.books.Snapshot(ctx, func(v *store.View) error { return fn(v) })
		},
	}).Register(mux)
	if err := s.backOffice(mux, directory, byAddress); err != nil {
		return nil, err
	}
	if s.more != nil {
		if err := s.more(mux); err != nil {
			return nil, err
		}
	}
	s.health(mux)
	if s.settings.AdminAddr == "" && config.Loopback(s.settings.Addr) && len(s.settings.TrustedProxies) == 0 {
		mux.Handle("GET /metrics", s.count.Handler())
	}
	return mux, nil
}

// holders adds the holder's page to mux and returns the function that makes links to it; nil, and no page, if the
// settings name no address at which phones reach it.
func (s *service) holders(
	mux *http.ServeMux, directory *auth.Directory, byAddress *auth.Limiter[netip.Addr],
) (func(*ledger.Merchant, *ledger.Card) string, error) {
	url := s.settings.Page()
	if url == "" {
		return nil, nil
	}
	var err error
	words := passwords{s.key}
	s.page, err = page.New(page.Config{
		URL: url, Doer: s.books.engine.Within(s.settings.Patience), Reader: s.books, Directory: directory,
		Clock: s.books.clock.Now,
		Keys:  codes.KeysOf(s.key.Subkey), Subkey: s.key.Subkey, ByAddress: byAddress,
		HashPassword: words.hash, CheckPassword: words.matches, Outbox: (*page.Outbox)(s.outbox()),
	})
	if err != nil {
		return nil, err
	}
	s.page.Register(mux)
	return s.page.Link, nil
}

// begin says how to begin, as long as nobody has: by the console, or where browsers cannot reach it by a file.
func (s *service) begin(con *console) {
	switch {
	case s.inviteOwner(con) || len(s.directory.Agents()) > 0:
	case s.office == nil:
		s.log.Warn("no merchant yet, or no agent: make them with `tongka apply`, beside this server; an example is in " +
			"docs/manual.md. With page-url set they are made in the console")
	default:
		s.log.Warn("no merchant yet, or no agent: make them in the console")
	}
}

// inviteOwner prints the address at which the first person can be made, while there is nobody who could sign in, and
// reports whether it did.
func (s *service) inviteOwner(con *console) bool {
	if s.office == nil {
		return false
	}
	link := s.office.FirstLink()
	if link != "" {
		fmt.Fprintf(con.out,
			"\nNobody can sign in to the console yet. Whoever opens this address first owns the server:\n%s\n\n", link)
	}
	return link != ""
}

// officeURL returns the address by which browsers reach the console: the one of the settings, or else the one that is
// listened on where that is this machine's own, and no proxy may lead the world to it; "" = none. No link of a phone
// begins with the latter.
func (s *service) officeURL() string {
	url := s.settings.Page()
	if url != "" || s.listens == "" || !config.Loopback(s.settings.Addr) || len(s.settings.TrustedProxies) > 0 {
		return url
	}
	if s.settings.TLSCert != "" {
		return "https://" + s.listens
	}
	return "http://" + s.listens
}

// backOffice adds the console to mux; not if the settings name no address at which browsers reach it.
func (s *service) backOffice(
	mux *http.ServeMux, directory *auth.Directory, byAddress *auth.Limiter[netip.Addr],
) (err error) {
	var backups backoffice.Backups // nil = there are none
	if c := copiesOf(s); c != nil {
		backups = c
		s.count.BackedUp(c.newest)
	}
	url := s.officeURL()
	if url == "" {
		return nil
	}
	doer, words := s.books.engine.Within(s.settings.Patience), passwords{s.key}
	s.office, err = backoffice.New(backoffice.Config{
		URL: url, Doer: doer, Books: s.books, Sessions: s.books, Proposals: s.books, Jobs: s.books, Directory: directory,
		Vault: s.key, Backups: backups,
		Clock: s.books.clock.Now, Requests: s.books, Keeper: s.keeper(), Webhooks: s.books,
		Hooks: backoffice.Hooks{Test: s.testWebhook, Reach: hook.ReachOf(s.settings.Listed())},
		Wires: s.wires(), MaskAnswer: exchange.MaskedAnswer, Server: s.facts(s.books.clock.Now()),
		// The handler is made of the console among others, so it is looked up when it is needed.
		Tills:  http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.public.ServeHTTP(w, r) }),
		Subkey: s.key.Subkey, ByAddress: byAddress,
		HashPassword: words.hash, CheckPassword: words.matches, CouponNumber: newCouponNumber, NewNumber: newNumber,
		Snapshot: func(ctx context.Context, fn func(backoffice.DayBooks) error) error {
			return s.books.Snapshot(ctx, func(v *store.View) error { return fn(v) })
		},
		SignIn: signin.New(signin.Config{
			Doer: doer, Store: s.books, People: directory, Vault: s.key, Subkey: s.key.Subkey, Clock: s.books.clock.Now,
			URL: url,
		}),
	})
	if err != nil {
		return err
	}
	s.office.Register(mux)
	return nil
}

// wires make requests as tills do, for people who try them.
func (s *service) wires() map[string]backoffice.Wire {
	return map[string]backoffice.Wire{
		"member-cjb": sandy.Tried{}, "dc78": dc78.Tried{Clock: s.books.clock.Now},
	}
}

// admin returns the handler of the operator's address.
func (s *service) admin() http.Handler {
	mux := http.NewServeMux()
	s.health(mux)
	mux.Handle("GET /metrics", s.count.Handler())
	return mux
}

// health adds /healthz, which responds while the program runs, and /readyz, which reports whether it can work.
func (s *service) health(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	if s.ready == nil { // the public and the admin address share one
		s.ready = newReadiness(time.Now, s.checks()...)
		s.count.Ready(func() bool { return s.ready.yes(context.Background()) })
	}
	mux.Handle("GET /readyz", s.ready)
}
