// Command go quotes a bill of 10.00 yuan, pays it, and pays it again under the same name.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"tongka/client"
)

func main() {
	api := client.API{BaseURL: os.Getenv("API_URL"), Key: os.Getenv("API_KEY")}
	if err := pay(context.Background(), &api, os.Getenv("API_CARD")); err != nil {
		log.Fatal(err)
	}
}

func pay(ctx context.Context, api *client.API, card string) error {
	var quote struct{ Token string }
	if err := api.Quote(ctx, map[string]any{"card": card, "amount": 1000}, &quote); err != nil {
		return err
	}
	type receipt struct {
		Entry struct {
			Bill struct {
				ByCard int64 `json:"by_card"`
				Due    int64 // the guest pays it in another way
			}
		}
		Balance struct{ Total int64 }
	}
	var paid, again receipt
	agreed := map[string]any{"quote": quote.Token}
	// A name is drawn here. A shop uses the order's number, so that it can ask again after a crash of its own.
	done, err := api.Do(ctx, http.MethodPost, "/v1/consumes", "", agreed, &paid)
	if err != nil {
		return err
	}
	if done, err = api.Do(ctx, http.MethodPost, "/v1/consumes", done.RequestID, agreed, &again); err != nil {
		return err
	}
	if again != paid || !done.Replayed {
		return fmt.Errorf("%+v, and then %+v", paid, again)
	}
	bill := paid.Entry.Bill
	fmt.Printf("the card paid %d, due %d, left %d, again the same\n", bill.ByCard, bill.Due, paid.Balance.Total)
	return nil
}
