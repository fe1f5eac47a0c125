package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"tongka/internal/config"
	"tongka/internal/ledger"
)

// merchantHistory lists the changes of a merchant's settings.
type merchantHistory struct {
	config.Database
	listing
	Merchant string `required:"" placeholder:"ID|GUID" help:"The merchant."`
}

// settingsRow is one thing that was changed, with its values as configuration files have them.
type settingsRow struct {
	Entry    ledger.EntryID `json:"entry"`
	At       string         `json:"at"`
	Operator string         `json:"operator"`
	What     string         `json:"what"`
	From     string         `json:"from"`
	To       string         `json:"to"`
}

// Run lists the changes, oldest first.
func (c *merchantHistory) Run(ctx context.Context, con *console) (err error) {
	s, err := openReader(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	m, err := findMerchant(ctx, s, c.Merchant)
	if err != nil {
		return err
	}
	var rows []settingsRow
	before := map[string]string{}
	err = s.EachOwnEntry(ctx, m.ID, func(e *ledger.Entry) error {
		if e.Kind != ledger.SettingsChanged {
			return nil
		}
		after, err := ledger.SettingsByPath(e.Settings)
		if err != nil {
			return fmt.Errorf("entry %d: %w", e.ID, err)
		}
		rows = append(rows, changes(e, e.At.In(m.Zone).Format(time.DateTime), before, after)...)
		before = after
		return nil
	})
	if err != nil {
		return err
	}
	return print(con, c.listing, rows)
}

// changes returns a row for each setting that an entry changed.
func changes(e *ledger.Entry, at string, before, after map[string]string) (rows []settingsRow) {
	for _, what := range changedKeys(before, after) {
		rows = append(rows, settingsRow{e.ID, at, e.By.Operator, what, before[what], after[what]})
	}
	return rows
}

// changedKeys returns the keys whose values differ: first those in after, then those only in before, each in order.
// A missing key counts as "".
func changedKeys(before, after map[string]string) (keys []string) {
	for _, key := range slices.Sorted(maps.Keys(after)) {
		if before[key] != after[key] {
			keys = append(keys, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if _, there := after[key]; !there {
			keys = append(keys, key)
		}
	}
	return keys
}
