package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/store"
)

// manyCards is more cards than any database searches without its index.
const manyCards = 24_000

// Among very many cards a key is looked up in the index: one that many cards have, one that few have, one that none
// has although other cards have all of its parts, and one with characters that mean something in SQL or in the
// index. The result must be the same as when every card is looked at.
func TestSearchByIndex(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		openShop(t, s)
		all := openMany(t, s)
		wantFound(t, s, all) // on PostgreSQL they are on their way into the index
		renameSome(t, s, all[:40])
		wantFound(t, s, all)
		wantFilled(t, dsn)
		wantFound(t, s, all)
		renameSome(t, s, all[20:80])
		wantFound(t, s, all)
	})
}

// wantFound fails unless searches find what a look at all cards finds.
func wantFound(t *testing.T, s *store.Store, all []command.NewCard) {
	t.Helper()
	for _, key := range []string{
		"123", "M00012345", "M0001234", "m000", "00123000", "345M", "M00012345M", "张伟", "张伟芳", "伟芳丽", "138000123",
		`a"b`, `"""`, "a%b", "a_b", "AND", "零零零", "M000", "999", "改名的人", "改名的人1",
	} {
		for _, limit := range []int{5, 200} {
			got, err := s.Search(context.Background(), ledger.SearchQuery{Merchant: 1, Key: key, Limit: limit})
			must(t, err)
			if numbers, want := numbersOf(got), lookAtAll(all, key, limit); !slices.Equal(numbers, want) {
				t.Errorf("%q, at most %d: got %d cards %.80v, want %d %.80v", key, limit, len(numbers), numbers, len(want), want)
			}
		}
	}
}

// renameSome gives every third card another name each time.
func renameSome(t *testing.T, s *store.Store, cards []command.NewCard) {
	t.Helper()
	for i := 0; i < len(cards); i += 3 {
		name := fmt.Sprint("改名的人", i)
		save(t, s, command.ModifyHolder{Merchant: 1, Card: cards[i].Number, Name: &name})
		cards[i].Holder.Name = name
	}
}

// wantFilled waits until all cards are in the index, on a database where they get there behind their commits.
func wantFilled(t *testing.T, dsn string) {
	t.Helper()
	if strings.HasPrefix(dsn, "sqlite:") {
		return
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	must(t, err)
	defer func() { must(t, conn.Close(context.Background())) }()
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		var behind int
		must(t, conn.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM card) - (SELECT count(*) FROM card_search)").Scan(&behind))
		if behind == 0 {
			return
		}
		if time.Since(begun) > 30*time.Second {
			t.Fatalf("%d cards are not in the index", behind)
		}
	}
}

func openMany(t *testing.T, s interface {
	Save(context.Context, ...command.Changes) error
	Load(context.Context, ...command.Want) ([]command.Records, error)
}) []command.NewCard {
	t.Helper()
	names := []string{"张伟", "张伟芳", "李丽", "王芳丽", `a"b`, "a%b", "a_b", "Rand AND Co", "赵敏"}
	batch := command.Import{Merchant: 1}
	for i := range manyCards {
		batch.Cards = append(batch.Cards, command.NewCard{
			Number: fmt.Sprintf("M%08d", i), Level: 1,
			Holder: ledger.Holder{Name: names[i%len(names)], Phone: fmt.Sprintf("138%08d", i*7919%100_000_000)},
		})
	}
	state := command.NewState(1)
	keys := state.Missing(batch.Keys())
	records, err := s.Load(context.Background(), command.Want{Merchant: 1, Keys: keys})
	must(t, err)
	state.Learn(keys, records[0])
	ch, err := batch.Decide(state, noon)
	must(t, err)
	if len(ch.Refused) > 0 {
		t.Fatalf("refused: %v", ch.Refused[0])
	}
	must(t, s.Save(context.Background(), ch))
	return batch.Cards
}

func numbersOf(cards []ledger.Card) (numbers []string) {
	for _, c := range cards {
		numbers = append(numbers, c.Number)
	}
	return numbers
}

// lookAtAll searches as the contract says: first the card with exactly that number, then by number.
func lookAtAll(cards []command.NewCard, key string, limit int) (found []string) {
	folded := strings.ToLower(key)
	for _, c := range cards {
		text := strings.ToLower(c.Number + "\n" + c.Holder.Name + "\n" + c.Holder.Phone)
		if strings.Contains(text, folded) && c.Number != key {
			found = append(found, c.Number)
		}
	}
	slices.Sort(found)
	if slices.ContainsFunc(cards, func(c command.NewCard) bool { return c.Number == key }) {
		found = slices.Insert(found, 0, key)
	}
	return found[:min(len(found), limit)]
}
