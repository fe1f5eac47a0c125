package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// mainReceiver is a program of the scripts: receiver ADDRESS SECRET. It takes events that the public verifier of
// Standard Webhooks finds to be signed with the secret, and prints their id, type and entry.
func mainReceiver() {
	check, err := standard.NewWebhook(os.Args[2])
	if err != nil {
		panic(err)
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt)
	go func() {
		panic(http.ListenAndServe(os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err == nil {
				err = check.Verify(body, r.Header)
			}
			var event struct {
				ID, Type string
				Data     struct{ ID int64 }
			}
			if err == nil {
				err = json.Unmarshal(body, &event)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			fmt.Println(event.ID, event.Type, event.Data.ID)
		})))
	}()
	<-ended
}
