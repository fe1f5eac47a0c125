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
	api := client.API{BaseURL: os.Getenv("TONGKA_URL"), Key: os.Getenv("TONGKA_KEY")}
	if err := pay(context.Background(), &api, os.Getenv("TONGKA_CARD")); err != nil {
		log.Fatal(err)
	}
}

func pay(ctx context.Context, api *client.API, card string) error {
	var quote struct{ Token string }
	if err := api.Quote(ctx, map[string]any{"card": card, "amount": 1000}, &quote); err != nil {
		return err
	}
	type receipt struct {
		Balance struct{ Total int64 }
	}
	var paid, again receipt
	bill := map[string]any{"quote": quote.Token}
	// A name is drawn here. A shop uses the order's number, so that it can ask again after a crash of its own.
	done, err := api.Do(ctx, http.MethodPost, "/v1/consumes", "", bill, &paid)
	if err != nil {
		return err
	}
	if done, err = api.Do(ctx, http.MethodPost, "/v1/consumes", done.RequestID, bill, &again); err != nil {
		return err
	}
	if again != paid || !done.Replayed {
		return fmt.Errorf("%+v, and then %+v", paid, again)
	}
	fmt.Printf("paid 1000, left %d, again the same\n", paid.Balance.Total)
	return nil
}
