package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tongka/internal/auth"
	"tongka/internal/dc78"
	"tongka/internal/ledger"
	"tongka/internal/store/storetest"
)

// plainVault unseals what begins with its context.
type plainVault struct{}

func (plainVault) Seal(context string, plain []byte) []byte { return append([]byte(context), plain...) }

func (plainVault) Unseal(context string, sealed []byte) ([]byte, error) {
	plain, found := bytes.CutPrefix(sealed, []byte(context))
	if !found {
		return nil, errors.New("sealed for something else")
	}
	return plain, nil
}

// A shop is found by its number, with the key its tills sign with. If the key cannot be decrypted, the tills are
// refused, and the log says so without any part of the key.
func TestShops(t *testing.T) {
	t.Parallel()
	s := storetest.NewMemStore()
	m := ledger.Merchant{ID: 1, GUID: "{one}", Shops: []ledger.Shop{{ID: 11}, {ID: 12}}}
	if err := s.SaveMerchant(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	good := ledger.Agent{ID: 1, Name: "good", Shop: 11, Grants: []ledger.Grant{{Merchant: 1}}}
	auth.SealAPIKey(plainVault{}, &good, "the-api-key")
	bad := ledger.Agent{ID: 2, Name: "bad", Shop: 12, Key: []byte("the-api-key"), Grants: []ledger.Grant{{Merchant: 1}}}
	for _, a := range []ledger.Agent{good, bad} {
		if err := s.SaveAgent(context.Background(), a); err != nil {
			t.Fatal(err)
		}
	}
	d, err := auth.Open(context.Background(), s, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	found := &shops{directory: d, key: plainVault{}, log: slog.New(slog.NewTextHandler(&log, nil))}
	from := netip.MustParseAddr("127.0.0.1")
	for _, key := range []string{"the-api-key", "the-api-key", "another-key"} {
		if key == "another-key" { // as agent token does
			auth.SealAPIKey(plainVault{}, &good, key)
			if err := errors.Join(s.SaveAgent(context.Background(), good), d.Refresh(context.Background())); err != nil {
				t.Fatal(err)
			}
		}
		got, ok := found.Shop("11", from)
		if !ok || got.Merchant != 1 || got.Shop != 11 || got.Agent.ID != 1 || got.Scheme.(*dc78.HMAC).Key != key {
			t.Errorf("shop 11: %+v, %v", got, ok)
		}
	}
	for _, msid := range []string{"12", "13", "", "x", "99999999999999999999"} {
		if _, ok := found.Shop(msid, from); ok {
			t.Errorf("shop %q was found", msid)
		}
	}
	if text := log.String(); !strings.Contains(text, "shop is closed") || strings.Contains(text, "the-api-key") {
		t.Errorf("the log: %s", text)
	}
}
