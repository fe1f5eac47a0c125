package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"time"

	backoffice "tongka/internal/console"
	"tongka/internal/demo"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/sandbox"
	"tongka/internal/store"
)

// afresh makes a demo anew while it is served: first the new data beside the old, then the server is ended, and the
// next one finds the new data in the place of the old.
type afresh struct {
	run  *demoRun
	stop func() // ends the server that is at work
	door *door  // where that one lets callers in

	busy atomic.Bool
	made atomic.Bool // the new data is there
}

// file returns the file of the demo's database; ok is false if it is none.
func (a *afresh) file() (file string, ok bool) { return strings.CutPrefix(a.run.dsn, "sqlite:") }

// hearing is how long whoever was let in before may take to say what he wants: a server that is to end reads no request
// any more, and closes the connection.
const hearing = time.Second

// make makes the new data, and ends the server. Who comes from then on waits for the next one.
func (a *afresh) make(context.Context) error {
	if !a.busy.CompareAndSwap(false, true) {
		return sandbox.ErrBusy
	}
	// Whoever asked may leave: it is made for everybody.
	if err := a.fill(context.Background()); err != nil {
		a.busy.Store(false)
		return fmt.Errorf("make the demo anew: %w", err)
	}
	a.made.Store(true)
	a.door.rest()
	time.Sleep(hearing)
	a.stop()
	return nil
}

// beside is the end of the name of the file in which the new data is made.
const beside = ".new"

func (a *afresh) fill(ctx context.Context) (err error) {
	file, _ := a.file()
	if err := removeBooks(file + beside); err != nil {
		return err
	}
	next := *a.run
	next.dsn, next.con = "sqlite:"+file+beside, &console{out: io.Discard, err: io.Discard}
	b, err := openBooksWith(ctx, next.dsn, store.Options{}, engine.Config{})
	if err != nil {
		return err
	}
	defer b.Close(&err)
	key, err := openKey(ctx, b.Store, next.dsn, next.settings().Secrets, "")
	if err != nil {
		return err
	}
	return next.fill(ctx, b, key)
}

// take puts the new data in the place of the old, which is closed.
func (a *afresh) take() error {
	file, _ := a.file()
	if err := removeBooks(file); err != nil {
		return err
	}
	if err := os.Rename(file+beside, file); err != nil {
		return err
	}
	return removeBooks(file + beside)
}

// bookFiles are the ends of the names of an SQLite file and its companions.
var bookFiles = []string{"", "-wal", "-shm", ".lock"}

// removeBooks removes an SQLite file with its companions, but for the key.
func removeBooks(file string) error { return removeFiles(file, bookFiles) }

// removeFiles removes the files whose names end so, if they are there.
func removeFiles(file string, ends []string) error {
	for _, end := range ends {
		if err := os.Remove(file + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// sandbox returns the page of the demo.
func (d *demoRun) sandbox(b *books, access demoAccess, next *afresh) (*sandbox.Page, error) {
	cfg := sandbox.Config{
		URL: d.url, Key: access.page, Lan: d.Lan != "", Cards: b.sandboxCards, Credentials: credentials(&access),
	}
	for _, p := range d.places() {
		cfg.Places = append(cfg.Places, sandbox.Place{Name: placeNames[p[0]], Value: p[1]})
	}
	if !d.NoYear { // otherwise nobody can sign in to the console yet
		for _, m := range [][2]string{{"10000", "聚客西餐"}, {"10005", "样例餐厅"}} {
			cfg.Requests = append(cfg.Requests, sandbox.Place{
				Name: phrase.Text{Zh: m[1], En: m[1]}, Value: backoffice.Base + "m/" + m[0] + "/integration/requests",
			})
		}
	}
	if _, ok := next.file(); ok {
		cfg.Afresh = next.make
	}
	return sandbox.New(cfg)
}

// placeNames are the names of the demo's addresses on its page.
var placeNames = map[string]phrase.Text{
	"member-cjb": {Zh: "member-cjb 接口", En: "member-cjb"}, "dc78": {Zh: "dc78 接口", En: "dc78"},
	"API": {Zh: "开放 API", En: "The native API"}, "holder": {Zh: "会员手机页面", En: "The holder's page"},
	"console": {Zh: "后台", En: "The console"},
}

// credentials lists what tills and people need.
func credentials(a *demoAccess) []sandbox.Place {
	signIns := make([]string, 0, len(demo.SignIns))
	for _, s := range demo.SignIns {
		signIns = append(signIns, s.Name)
	}
	return []sandbox.Place{
		{
			Name:  phrase.Text{Zh: "AUTHORIZATION（member-cjb 和 API）", En: "AUTHORIZATION (member-cjb and the API)"},
			Value: a.token,
		},
		{Name: phrase.Text{Zh: "CUSTOMERGUID 聚客西餐", En: "CUSTOMERGUID of 聚客西餐"}, Value: demoMerchant},
		{Name: phrase.Text{Zh: "CUSTOMERGUID 聚客西餐分店", En: "CUSTOMERGUID of 聚客西餐分店"}, Value: demoShop},
		{Name: phrase.Text{Zh: "CUSTOMERGUID 样例餐厅", En: "CUSTOMERGUID of 样例餐厅"}, Value: demoCases},
		{Name: phrase.Text{Zh: "dc78 的 msid", En: "msid of dc78"}, Value: "10020 10021 10070"},
		{Name: phrase.Text{Zh: "dc78 的 ApiKey", En: "ApiKey of dc78"}, Value: a.apiKey},
		{Name: phrase.Text{Zh: "后台登录名", En: "Sign-ins to the console"}, Value: strings.Join(signIns, " ")},
		{Name: phrase.Text{Zh: "后台密码", En: "Password of each"}, Value: a.password},
		{
			Name:  phrase.Text{Zh: "卡 " + demo.PasswordCard + " 的密码", En: "Password of card " + demo.PasswordCard},
			Value: a.card,
		},
	}
}

// sandboxCards returns the cards that are there to be tried, as they are now.
func (b *books) sandboxCards(ctx context.Context) (cards []sandbox.Card, err error) {
	for _, of := range []struct {
		merchant string
		cases    []demo.Case
	}{{"10000", demo.Published}, {"10005", demo.Cases}} {
		m, err := findMerchant(ctx, b, of.merchant)
		if err != nil {
			return nil, err
		}
		for _, one := range of.cases {
			c, err := b.Card(ctx, ledger.CardNamed(m.ID, one.Number))
			if err != nil {
				return nil, err
			}
			if c != nil { // a number may have been replaced meanwhile
				cards = append(cards, sandbox.Card{
					Merchant: m.Name, Number: c.Number, Holder: c.Holder.Name, For: one.For, Amount: c.Amount(), Points: c.Points,
				})
			}
		}
	}
	return cards, nil
}
