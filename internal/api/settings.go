package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// maxSettings is how many bytes the body that sets a merchant up may have.
const maxSettings = 1 << 20

// registerSettings adds what sets a merchant up.
func (a *API) registerSettings() {
	readsVersion(a, operation{
		id: "getSettings", path: "/settings", tag: "merchant", needs: ledger.MayRead,
		summary: "Get all settings of the merchant",
		about:   "Their names are those of configuration files. Amounts are in fen, rates texts like 0.85.",
	}, getSettings)
	changes(a, operation{
		id: "replaceSettings", method: http.MethodPut, path: "/settings", tag: "merchant", needs: ledger.MaySettings,
		whole: true, most: maxSettings, summary: "Set all settings of the merchant",
		about: "What is left out is set to nothing. Of the lists nothing is removed, as entries name it: end it instead. " +
			"An item without an id is a new one. The last day of the licence is the host's.",
	}, replaceSettings)
	changes(a, operation{
		id: "changeSettings", method: http.MethodPatch, path: "/settings", tag: "merchant", needs: ledger.MaySettings,
		whole: true, most: maxSettings, summary: "Change some settings of the merchant",
		about: "What is left out stays. Items of lists are found by their ids, and one without an id is a new one.",
	}, changeSettings)
	reads(a, operation{
		id: "listVersions", path: "/settings/versions", tag: "merchant", needs: ledger.MayRead, whole: true,
		summary: "List who has changed the settings, and what, the newest first",
	}, listVersions)
	reads(a, operation{
		id: "getVersion", path: "/settings/versions/{version}", tag: "merchant", needs: ledger.MayRead, whole: true,
		summary: "Get the settings of a version",
	}, getVersion)
}

// settingsNow returns the settings as they are stored, and the entry that made them.
func (c *call) settingsNow() (*ledger.Merchant, ledger.EntryID, error) {
	records, err := c.cfg.Books.Load(c.ctx, command.Want{Merchant: c.merchant.ID, Keys: command.Keys{Head: true}})
	if err != nil {
		return nil, 0, notDone(err)
	}
	return records[0].Merchant, records[0].Head.Settings, nil
}

func getSettings(c *call, _ *Nothing) (Settings, error) {
	m, version, err := c.settingsNow()
	if err != nil {
		return Settings{}, err
	}
	return settingsOf(m, version), nil
}

// SettingsChange is what was changed of the settings.
type SettingsChange struct {
	Version int64     `json:"version" doc:"Of the settings from now on."`
	Changes []Changed `json:"changes" doc:"Value by value."`
}

// SettingsReplaced is a request that sets all settings.
type SettingsReplaced struct {
	Named
	Matched
	Body Settings
}

func (s *SettingsReplaced) content() any { return &s.Body }

func replaceSettings(c *call, in *SettingsReplaced) (outcome[SettingsChange], error) {
	return c.set(func(Settings) (Settings, error) { return in.Body, nil })
}

// SettingsPatched is a request that changes some settings.
type SettingsPatched struct {
	Named
	Matched
	Body    Settings
	RawBody []byte
}

func (s *SettingsPatched) content() any { return json.RawMessage(s.RawBody) }

func changeSettings(c *call, in *SettingsPatched) (outcome[SettingsChange], error) {
	return c.set(func(now Settings) (to Settings, err error) {
		var was, asked any
		if err = decodeAny(mustMarshal(now), &was); err == nil {
			err = decodeAny(in.RawBody, &asked)
		}
		if err != nil {
			return to, err
		}
		if item := twice(asked, "body"); item != "" {
			return to, c.refuseField(item, "want each item once")
		}
		return to, json.Unmarshal(mustMarshal(merged(was, asked)), &to)
	})
}

// decodeAny reads JSON of which numbers keep their digits.
func decodeAny(text []byte, into *any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

// merged returns what was with what was asked for put over it: objects name by name, and items of lists by their ids,
// where they have them.
func merged(was, asked any) any {
	switch asked := asked.(type) {
	case map[string]any:
		over, _ := was.(map[string]any)
		if over == nil {
			return asked
		}
		for name, value := range asked {
			over[name] = merged(over[name], value)
		}
		return over
	case []any:
		over, _ := was.([]any)
		if !haveIDs(over) {
			return asked
		}
		for _, item := range asked {
			at := slices.IndexFunc(over, func(o any) bool { return idOf(item) != "" && idOf(o) == idOf(item) })
			if at < 0 {
				over = append(over, item)
				continue
			}
			over[at] = merged(over[at], item)
		}
		return over
	}
	return asked
}

// twice returns the item of a list that was asked for twice, of which the last would count; "" if none was.
func twice(asked any, path string) string {
	switch asked := asked.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(asked)) {
			if item := twice(asked[name], path+"."+name); item != "" {
				return item
			}
		}
	case []any:
		for i, item := range asked {
			id := idOf(item)
			if id != "" && slices.ContainsFunc(asked[:i], func(o any) bool { return idOf(o) == id }) {
				return fmt.Sprintf("%s[%s]", path, id)
			}
		}
	}
	return ""
}

func haveIDs(list []any) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(item any) bool { return idOf(item) == "" })
}

// idOf returns the id of an item; "" if it has none.
func idOf(item any) string {
	o, _ := item.(map[string]any)
	if id, has := o["id"]; has {
		return fmt.Sprint(id)
	}
	return ""
}

// set sets the settings to what do makes of those of now.
func (c *call) set(do func(Settings) (Settings, error)) (o outcome[SettingsChange], err error) {
	m, version, err := c.settingsNow()
	if err != nil {
		return o, err
	}
	now := settingsOf(m, version)
	asked, err := do(now)
	if err != nil {
		return o, err
	}
	r := settingsReader{call: c, now: m}
	to := r.read(&asked)
	r.faults = append(r.faults, to.AllFaults()...)
	r.faults = append(r.faults, to.NamesTwice(c.today)...)
	o = outcome[SettingsChange]{
		command: command.ChangeSettings{
			Merchant: m.ID, By: ledger.Caller{Agent: c.agent.ID}, To: *to, From: c.match,
		},
		answer: func(ch *command.Changes) SettingsChange {
			made := ch.Newest().ID
			return SettingsChange{int64(made), changesOf(valuesOf(now), valuesOf(settingsOf(to, made)))}
		},
		against: c.faulty(r.faults, settingField), moves: true,
	}
	if version != c.match {
		o.against, err = c.settingsMoved(version, now)
	}
	return o, err
}

// settingsMoved says what was changed of the settings since the version that the caller has seen.
func (c *call) settingsMoved(version ledger.EntryID, now Settings) (problem, err error) {
	e, err := c.versionAt(c.match, ledger.SettingsChanged)
	if err != nil || e == nil {
		return c.movedSince(version, nil, nil), err
	}
	m, err := ledger.ParseMerchant(c.merchant.ID, e.Settings)
	if err != nil {
		return nil, err
	}
	return c.movedSince(version, valuesOf(settingsOf(m, e.ID)), valuesOf(now)), nil
}

// valuesOf returns the values of what answers have by path; what stands in a list is called by its id. The version is
// none of them.
func valuesOf(s any) map[string]string {
	var v any
	_ = decodeAny(mustMarshal(s), &v) // it was written by us
	all := map[string]string{}
	flatten(all, "", v)
	return all
}

func flatten(into map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if name != "version" {
				flatten(into, strings.Trim(path+"."+name, "."), value)
			}
		}
	case []any:
		for i, item := range v {
			flatten(into, fmt.Sprintf("%s[%s]", path, cmp.Or(idOf(item), fmt.Sprint(i+1))), item)
		}
	default:
		into[path] = fmt.Sprint(v)
	}
}
