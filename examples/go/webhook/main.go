// Command webhook pays a bill of 10.00 yuan, and waits until it is told of that by a webhook whose signature is right.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"tongka/client"
)

// event is what is read of a webhook.
type event struct {
	ID, Type string
	Data     struct{ ID int64 }
}

func main() {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	events, err := listen(os.Getenv("HOOK_URL"), os.Getenv("HOOK_SECRET"))
	if err != nil {
		return err
	}
	api := client.API{BaseURL: os.Getenv("API_URL"), Key: os.Getenv("API_KEY")}
	paid, err := pay(ctx, &api, os.Getenv("API_CARD"))
	if err != nil {
		return err
	}
	for {
		select {
		case e := <-events:
			if e.Data.ID == paid.ID {
				fmt.Printf("the card paid %d, due %d, verified %s %s\n", paid.Bill.ByCard, paid.Bill.Due, e.Type, e.ID)
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// listen serves the address of the webhook, and returns the events that were verified.
func listen(hook, secret string) (<-chan event, error) {
	at, err := url.Parse(hook)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", at.Host)
	if err != nil {
		return nil, err
	}
	events := make(chan event, 100)
	handler := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err == nil {
			err = client.VerifyWebhook(r.Header, body, secret)
		}
		var e event
		if err == nil {
			err = json.Unmarshal(body, &e)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		events <- e // a shop keeps the id, and drops what it has seen
		w.WriteHeader(http.StatusNoContent)
	}
	server := &http.Server{Handler: http.HandlerFunc(handler), ReadHeaderTimeout: 5 * time.Second}
	go func() { log.Fatal(server.Serve(listener)) }()
	return events, nil
}

// entry is what is read of an entry that paid a bill.
type entry struct {
	ID   int64
	Bill struct {
		ByCard int64 `json:"by_card"`
		Due    int64 // the guest pays it in another way
	}
}

// pay pays the bill and returns its entry.
func pay(ctx context.Context, api *client.API, card string) (entry, error) {
	var quote struct{ Token string }
	if err := api.Quote(ctx, map[string]any{"card": card, "amount": 1000}, &quote); err != nil {
		return entry{}, err
	}
	var paid struct{ Entry entry }
	_, err := api.Do(ctx, http.MethodPost, "/v1/consumes", "", map[string]any{"quote": quote.Token}, &paid)
	return paid.Entry, err
}
