package api

import (
	"cmp"
	"time"

	"tongka/internal/auth"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// registerKeys adds what there is to API keys. Only the token of an agent that has been granted the permission looks
// after keys: a key never has it.
func (a *API) registerKeys() {
	key := func(id, path, summary, about string) operation {
		return operation{
			id: id, path: "/keys" + path, tag: "keys", needs: ledger.MayPeople, whole: true, summary: summary, about: about,
		}
	}
	const one = "/{key}"
	reads(a, key("listKeys", "", "List the merchant's API keys, and when each was used last", ""), listKeys)
	acts(a, key("addKey", "", "Make an API key",
		"With permissions that the caller has itself. The key is answered once: sent again, the request is answered "+
			"without it."), addKey)
	readsVersion(a, key("getKey", one, "Get an API key", "The key itself is kept nowhere."), getKey)
	update := key("changeKey", one, "Change what an API key may do", "What is left out stays.")
	update.method = "PATCH"
	changes(a, update, changeKey)
	changes(a, key("renewKey", one+"/secret", "Make another key in place of one, or beside it",
		"Beside it the one of before stays good until it is retired. The new one is answered once."), renewKey)
	changes(a, key("retireKey", one+"/secret/retire", "End the key of before", ""), retireKey)
	changes(a, key("stopKey", one+"/stop", "Stop an API key", ""), stopKey)
	changes(a, key("startKey", one+"/start", "Let a stopped API key be used again", ""), startKey)
}

// OfKey names an API key.
type OfKey struct {
	Key int64 `path:"key" minimum:"1" doc:"The key's id." example:"7"`
}

// APIKey is a key of the merchant's.
type APIKey struct {
	ID          int64        `json:"id" doc:"The key's id."`
	Version     int64        `json:"version" doc:"The entry of the host's journal that changed it last. Its ETag has it."`
	Name        string       `json:"name" doc:"What uses it."`
	Permissions []Permission `json:"permissions" doc:"What it may do at this merchant."`
	Shops       []int64      `json:"shops,omitempty" doc:"Where it may act; left out for all shops."`
	Allow       []string     `json:"allow,omitempty" doc:"Addresses and ranges it may call from; left out for any."`
	Until       Day          `json:"until,omitempty" doc:"Its last day, of UTC."`
	Stopped     bool         `json:"stopped" doc:"It is good for nothing until it is resumed."`
	Spare       bool         `json:"spare_key" doc:"The key of before is good too."`
	UsedAt      *time.Time   `json:"used_at,omitempty" doc:"When it was used last, as far as that is known."`
	UsedFrom    string       `json:"used_from,omitempty" doc:"The address from which it was used last; left out if that is not known."` //nolint:lll // a tag
	Key         string       `json:"key,omitempty" doc:"The key itself, tk_…. Answered once, and kept nowhere."`
}

func (k APIKey) version() ledger.EntryID { return ledger.EntryID(k.Version) }

// APIKeys are those of a merchant.
type APIKeys struct {
	Keys []APIKey `json:"keys" doc:"All of the merchant, in the order of their ids."`
}

func keyOf(a *ledger.Agent) APIKey {
	return APIKey{
		ID: int64(a.ID), Version: int64(a.Version), Name: a.Name, Permissions: permissionsOf(a.Granted()),
		Shops: idsOf(a.Shops), Allow: a.Allow, Until: dayOf(a.Until), Stopped: a.Stopped, Spare: a.Spare != [32]byte{},
	}
}

func listKeys(c *call, _ *Nothing) (APIKeys, error) {
	out := APIKeys{[]APIKey{}}
	host, err := c.hostNow()
	if err != nil {
		return out, err
	}
	uses, err := c.cfg.Books.KeyUses(c.ctx, c.merchant.ID)
	for i := range host.Agents {
		a := &host.Agents[i]
		if a.Owner != c.merchant.ID {
			continue
		}
		k := keyOf(a)
		for _, u := range uses {
			if u.Key == a.ID {
				k.UsedAt, k.UsedFrom = moment(u.At), u.Address
			}
		}
		out.Keys = append(out.Keys, k)
	}
	return out, err
}

func getKey(c *call, in *OfKey) (APIKey, error) {
	all, err := listKeys(c, nil)
	if err != nil {
		return APIKey{}, err
	}
	for _, k := range all.Keys {
		if k.ID == in.Key {
			return k, nil
		}
	}
	return APIKey{}, c.refuse(faultNowhere)
}

// KeyBody is an API key to be made.
type KeyBody struct {
	WhoDoes
	Name        string       `json:"name" minLength:"1" maxLength:"64" doc:"What uses it." example:"mini-program"`
	Permissions []Permission `json:"permissions" minItems:"1" maxItems:"30" doc:"What it may do: at least one permission, and none that the caller's key lacks."` //nolint:lll // a tag
	Shops       []int64      `json:"shops,omitempty" maxItems:"10000" doc:"Where it may act; left out for all shops."`
	Allow       []string     `json:"allow,omitempty" maxItems:"100" doc:"Addresses and ranges it may call from; left out for any." example:"[\"10.1.0.0/16\"]"` //nolint:lll // a tag
	Until       Day          `json:"until,omitempty" doc:"Its last day, of UTC; left out for no end."`
}

func addKey(c *call, in *Asked[KeyBody]) (o outcome[APIKey], err error) {
	host, err := c.hostNow()
	if err != nil {
		return o, err
	}
	b := &in.Body
	a := ledger.Agent{
		ID:    ledger.NextID(host.Agents, func(a *ledger.Agent) ledger.AgentID { return a.ID }),
		Owner: c.merchant.ID, Name: b.Name,
	}
	against := c.putKey(&a, KeyPatch{
		Permissions: &b.Permissions, Shops: &b.Shops, Allow: &b.Allow, Until: &b.Until,
	})
	secret := auth.NewInstead(&a)
	o = c.keyChange(host, a, b.Operator)
	o.against = cmp.Or(against, o.against)
	o.show = func(k *APIKey) { k.Key = secret }
	return o, nil
}

// KeyPatch is what is to be changed of an API key.
type KeyPatch struct {
	WhoDoes
	Name        *string       `json:"name,omitempty" minLength:"1" maxLength:"64" doc:"What uses it: another name, up to 64 characters."`                                                    //nolint:lll // a tag
	Permissions *[]Permission `json:"permissions,omitempty" minItems:"1" maxItems:"30" doc:"All that it may do from now on: at least one permission, and none that the caller's key lacks."` //nolint:lll // a tag
	Shops       *[]int64      `json:"shops,omitempty" maxItems:"10000" doc:"None for all shops."`
	Allow       *[]string     `json:"allow,omitempty" maxItems:"100" doc:"None for any address."`
	Until       *Day          `json:"until,omitempty" doc:"Nothing for no end."`
}

// putKey puts what was sent into a key, and returns what is wrong with it.
func (c *call) putKey(a *ledger.Agent, b KeyPatch) (err error) {
	if b.Name != nil {
		a.Name = *b.Name
	}
	if b.Permissions != nil {
		a.Grants = []ledger.Grant{{Merchant: a.Owner, Permissions: permitted(*b.Permissions)}}
	}
	if b.Shops != nil {
		if a.Shops, err = c.shopsNamed(*b.Shops); err != nil {
			return err
		}
	}
	if b.Allow != nil {
		a.Allow = *b.Allow
		if len(auth.Ranges(a.Allow)) != len(a.Allow) {
			return c.refuseField("body.allow", "want addresses and ranges like 10.1.0.0/16")
		}
	}
	if b.Until != nil {
		a.Until, err = c.date("body.until", *b.Until)
	}
	return err
}

// keyChange changes an API key, or says what is wrong with what it is to be.
func (c *call) keyChange(host *ledger.Host, to ledger.Agent, operator string) outcome[APIKey] {
	o := outcome[APIKey]{
		command: command.ChangeAgent{By: ledger.Caller{Agent: c.agent.ID, Operator: operator}, To: to},
		answer: func(ch *command.Changes) APIKey {
			if len(ch.Agents) == 0 { // nothing was to be changed
				return keyOf(&to)
			}
			return keyOf(&ch.Agents[0])
		},
		moves: true,
	}
	if was := host.Agent(to.ID); was == nil || !was.OnlyStops(&to) {
		o.against = c.faulty(host.Faults(&to), func(field string) string {
			if field == "grants" {
				return "permissions"
			}
			return field
		})
	}
	return o
}

// matchingKey changes the API key of a path by do, if it is of the version that the caller has seen.
func (c *call) matchingKey(of OfKey, operator string, do func(*ledger.Agent) error) (o outcome[APIKey], err error) {
	host, err := c.hostNow()
	if err != nil {
		return o, err
	}
	was := host.Agent(ledger.AgentID(of.Key))
	if was == nil || was.Owner != c.merchant.ID {
		return o, c.refuse(faultNowhere)
	}
	change := func(to ledger.Agent) outcome[APIKey] { return c.keyChange(host, to, operator) }
	return matched(c, *was, was.Version, do, change, c.keyMoved)
}

// keyMoved says what was changed of a key since the version that the caller has seen.
func (c *call) keyMoved(is *ledger.Agent) (problem, err error) {
	e, err := c.entryAt(ledger.HostID, c.match, ledger.AgentChanged)
	if err != nil || e == nil {
		return c.movedSince(is.Version, nil, nil), err
	}
	was, err := ledger.ParseAgent(e.Settings)
	if err != nil || was.ID != is.ID {
		return c.movedSince(is.Version, nil, nil), err
	}
	now := *is
	now.Spare = [32]byte{} // which of the two are good is not told by the journal
	return c.movedSince(is.Version, valuesOf(keyOf(&was)), valuesOf(keyOf(&now))), nil
}

// KeyPatched is a request that changes an API key.
type KeyPatched struct {
	Named
	Matched
	OfKey
	Body KeyPatch
}

func (k *KeyPatched) content() any { return &k.Body }

func changeKey(c *call, in *KeyPatched) (outcome[APIKey], error) {
	return c.matchingKey(in.OfKey, in.Body.Operator, func(a *ledger.Agent) error { return c.putKey(a, in.Body) })
}

// KeyRenewed is a request for another key.
type KeyRenewed struct {
	Named
	Matched
	OfKey
	Body struct {
		WhoDoes
		Beside bool `json:"beside,omitempty" doc:"The key of before stays good beside it. Without it that ends at once."`
	}
}

func (k *KeyRenewed) content() any { return &k.Body }

func renewKey(c *call, in *KeyRenewed) (outcome[APIKey], error) {
	secret := ""
	o, err := c.matchingKey(in.OfKey, in.Body.Operator, func(a *ledger.Agent) error {
		switch {
		case !in.Body.Beside:
			secret = auth.NewInstead(a)
		case a.Spare != [32]byte{}:
			return c.refuse(faultSpare)
		default:
			secret = auth.NewBeside(a)
		}
		return nil
	})
	o.show = func(k *APIKey) { k.Key = secret }
	return o, err
}

// KeyAsked is a request that does something to an API key.
type KeyAsked struct {
	Named
	Matched
	OfKey
	Body WhoDoes
}

func (k *KeyAsked) content() any { return &k.Body }

func retireKey(c *call, in *KeyAsked) (outcome[APIKey], error) {
	return c.matchingKey(in.OfKey, in.Body.Operator, func(a *ledger.Agent) error {
		a.EndSpare()
		return nil
	})
}

func stopKey(c *call, in *KeyAsked) (outcome[APIKey], error) {
	return c.matchingKey(in.OfKey, in.Body.Operator, func(a *ledger.Agent) error {
		a.Stopped = true
		return nil
	})
}

func startKey(c *call, in *KeyAsked) (outcome[APIKey], error) {
	return c.matchingKey(in.OfKey, in.Body.Operator, func(a *ledger.Agent) error {
		a.Stopped = false
		return nil
	})
}
