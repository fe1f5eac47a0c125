package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

const (
	token = "bench-token"
	guid  = "{BENCH}"
	shop  = ledger.ShopID(10)
	owner = ledger.MerchantID(1)

	apiKey = "0123456789abcdef0123456789abcdef01234567"
)

var couponKind = ledger.CouponKind{
	CouponTerms: ledger.CouponTerms{Kind: 1, Name: "满减券", Type: ledger.CashCoupon, Face: 30_00, Least: 100_00, MaxUse: 3},
	Days:        31, Info: "堂食可用",
}

// number returns a card's number; 0 is the hot card.
func number(i int) string { return fmt.Sprintf("B%08d", i) }

// fill makes the merchant, an agent and cards numbered from 0 to cards, each with money on it.
func (r *run) fill(ctx context.Context, dsn string, cards int) error {
	return withStore(ctx, dsn, func(st *store.Store) error {
		if err := r.configure(ctx, st); err != nil {
			return err
		}
		e := engine.New(st, engine.Config{})
		const chunk = 5000
		for from := 0; from <= cards; from += chunk {
			open := command.Import{Merchant: owner}
			for i := from; i < min(from+chunk, cards+1); i++ {
				open.Cards = append(open.Cards, command.NewCard{
					Number: number(i), Level: 1, Principal: 100_000_000_00,
					Holder: ledger.Holder{Name: name(i), Phone: fmt.Sprintf("138%08d", (i*7919)%100_000_000)},
				})
			}
			ch, err := e.Do(ctx, open)
			if err != nil {
				return err
			}
			if len(ch.Refused) > 0 {
				return fmt.Errorf("refused: %w", ch.Refused[0].Refusal)
			}
		}
		return e.Close(ctx)
	})
}

// Cards with coupons are separate, so that the figures of the other cards stay comparable with earlier runs.
const (
	couponCards = 200
	couponsEach = 100 // as many as one answer can list
)

func couponCard(i int) string { return fmt.Sprintf("C%08d", i) }

// giveCoupons opens the cards with coupons and sends them their coupons.
func giveCoupons(ctx context.Context, dsn string) error {
	return withStore(ctx, dsn, func(st *store.Store) error {
		e := engine.New(st, engine.Config{})
		for i := range couponCards {
			card := command.NewCard{Number: couponCard(i), Level: 1, Holder: ledger.Holder{Name: name(i)}}
			send := command.SendCoupons{Merchant: owner, Card: card.Number, Kind: couponKind.Kind, Subject: "测速"}
			for n := range couponsEach {
				send.Numbers = append(send.Numbers, fmt.Sprintf("%012d", i*couponsEach+n))
			}
			for _, command := range []command.Command{command.Open{Merchant: owner, Card: card}, send} {
				if _, err := e.Do(ctx, command); err != nil {
					return err
				}
			}
		}
		return e.Close(ctx)
	})
}

// name returns one of many short Chinese names.
func name(i int) string {
	letters := []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗明小红华强伟芳娜敏静丽")
	n := len(letters)
	return string([]rune{letters[i%20], letters[i/20%n], letters[i/20/n%n]})
}

// configure makes the merchant, an agent with a token, and one that signs its requests for the shop.
func (r *run) configure(ctx context.Context, st *store.Store) error {
	err := st.SaveMerchant(ctx, ledger.Merchant{
		ID: owner, GUID: guid, Name: "测速", Zone: time.UTC,
		Shops:    []ledger.Shop{{ID: shop, GUID: "{BENCH-SHOP}", Name: "总店"}},
		Levels:   []ledger.Level{{ID: 1, Name: "会员", PayRate: 8000, Earn: ledger.Percent100}},
		Rules:    []ledger.Rule{{ID: 1, Name: "充值送10%", Kind: ledger.Percent, AddRate: 1000}},
		PayTypes: []ledger.PayType{{ID: 1, Name: "现金"}},

		CouponKinds: []ledger.CouponKind{couponKind},
	})
	if err != nil {
		return err
	}
	const may = ledger.MayRead | ledger.MayConsume | ledger.MayRecharge | ledger.MayOpen
	grants := []ledger.Grant{{Merchant: owner, Permissions: may}}
	err = st.SaveAgent(ctx, ledger.Agent{ID: 1, Name: "bench", TokenHash: sha256.Sum256([]byte(token)), Grants: grants})
	if err != nil {
		return err
	}
	tills := ledger.Agent{ID: 2, Name: "tills", Shop: shop, Grants: grants}
	auth.SealAPIKey(r.key, &tills, apiKey)
	return st.SaveAgent(ctx, tills)
}

func withStore(ctx context.Context, dsn string, fn func(*store.Store) error) error {
	st, err := store.Open(ctx, dsn, store.Options{})
	if err != nil {
		return err
	}
	err = fn(st)
	if e := st.Close(); err == nil {
		err = e
	}
	return err
}

// grow writes entries with the same commands and the same store as the server, in batches that are large enough
// to save quickly. Every hot-th entry is on the hot card, the others are spread over the cards.
func grow(ctx context.Context, dsn string, cards, entries, hot int) error {
	return withStore(ctx, dsn, func(st *store.Store) error {
		state := command.NewState(owner)
		const batch = 4000
		for done := 0; done < entries; done += batch {
			var commands []command.Command
			var keys command.Keys
			for i := done; i < done+batch; i++ {
				card := 1 + i*7919%cards
				if i%hot == 0 {
					card = 0
				}
				c := command.Consume{Merchant: owner, By: ledger.Caller{Agent: 1, Shop: shop}, Card: number(card), Amount: 1_00}
				commands = append(commands, c)
				keys.Add(c.Keys())
			}
			if err := apply(ctx, st, state, keys, commands); err != nil {
				return err
			}
		}
		return nil
	})
}

func apply(
	ctx context.Context, st *store.Store, state *command.State, keys command.Keys, commands []command.Command,
) error {
	missing := state.Missing(keys)
	records, err := st.Load(ctx, command.Want{Merchant: owner, Keys: missing})
	if err != nil {
		return err
	}
	state.Learn(missing, records[0])
	now := time.Now()
	for _, c := range commands {
		ch, err := c.Decide(state, now)
		if err != nil {
			return err
		}
		state.Apply(ch)
	}
	if err := st.Save(ctx, state.Pending()); err != nil {
		return err
	}
	state.Saved()
	return nil
}
