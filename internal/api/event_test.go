package api

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"tongka/internal/ledger"
)

// TestEventOf: an event has its id, kind and time outside, and inside the entry as every answer has it.
func TestEventOf(t *testing.T) {
	t.Parallel()
	e := ledger.Entry{
		Merchant: 7, ID: 12, Card: 3, Seq: 2, Kind: ledger.HandedOver, At: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC),
		Note: "少五角 <b>",
	}
	text, err := EventOf("evt_7_12", &e)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"evt_7_12","type":"hand_over","timestamp":"2026-05-04T03:02:01Z","merchant":7,"data":{"id":12,`
	if !strings.HasPrefix(string(text), want) {
		t.Errorf("%s, want it to begin with %s", text, want)
	}
	var got Event
	same := entryOf(&e)
	same.of = nil
	if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(got.Data, same) {
		t.Errorf("%+v, %v", got, err)
	}
}

// An event that tries a webhook is like any other, and its type is one that is described.
func TestTrialEvent(t *testing.T) {
	t.Parallel()
	text, err := TrialEventOf("test_1", 7, time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var got Event
	if err := json.Unmarshal(text, &got); err != nil || got.Merchant != 7 || got.Data.ID != 0 ||
		!slices.Contains(kinds.list, any(string(got.Data.Kind))) ||
		!slices.Contains(EventKind("").Schema(nil).Enum, any(string(got.Type))) {
		t.Errorf("%s, %v", text, err)
	}
}
