package console

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/auth"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// keyRoutes are of a merchant's API keys, for those who look after people at all of its shops.
var keyRoutes = []route{
	{"GET /console/m/{merchant}/keys", "keys", inside, ledger.MayPeople, ofKeys((*call).showKeys)},
	{"GET /console/m/{merchant}/keys/new", "new key", inside, ledger.MayPeople, ofKeys((*call).showNewKey)},
	{"POST /console/m/{merchant}/keys/new", "new key", inside, ledger.MayPeople, ofKeys((*call).addKey)},
	{"GET /console/m/{merchant}/keys/{key}", "key", inside, ledger.MayPeople, ofKeys((*call).showKey)},
	{"POST /console/m/{merchant}/keys/{key}", "key", inside, ledger.MayPeople, ofKeys((*call).saveKey)},
	{"POST /console/m/{merchant}/keys/{key}/secret", "key secret", inside, ledger.MayPeople, ofKeys((*call).renewKey)},
	{"POST /console/m/{merchant}/keys/{key}/stop", "key stop", inside, ledger.MayPeople, ofKeys((*call).stopKey)},
}

// ofKeys keeps out who looks after people at some shops only: a key is the whole merchant's.
func ofKeys(answer func(*call) error) func(*call) error {
	return func(c *call) error {
		if !c.mayKeys() {
			return errNotYours
		}
		return answer(c)
	}
}

// mayKeys reports whether the person looks after the API keys of the merchant.
func (c *call) mayKeys() bool { return c.person.May(ledger.MayPeople, c.merchant.ID, 0) }

// keyView is an API key's page.
type keyView struct {
	view
	key    ledger.Agent // its zero value = a new one
	form   typedKey
	use    ledger.KeyUse // its zero value = it was not used
	moved  *moved        // somebody else was first
	secret string        // made just now, shown now and never again
	past   []pastVersion
}

// typedKey is what is typed of an API key.
type typedKey struct {
	Version     ledger.EntryID
	Name, Until string
	Allow       string
	May         ledger.Permission
	AllShops    bool
	Shops       []ledger.ShopID
}

// over returns a form with what was typed into it, as far as that differs from what it was found with, over what the
// key is now.
func (f typedKey) over(found, now typedKey) typedKey {
	now.Name = typedOver(f.Name, found.Name, now.Name)
	now.Until = typedOver(f.Until, found.Until, now.Until)
	now.May = typedOver(f.May, found.May, now.May)
	if !slices.Equal(strings.Fields(f.Allow), strings.Fields(found.Allow)) {
		now.Allow = f.Allow
	}
	if f.AllShops != found.AllShops || !slices.Equal(f.Shops, found.Shops) {
		now.AllShops, now.Shops = f.AllShops, f.Shops
	}
	return now
}

// formOfKey returns an API key as a form shows it.
func formOfKey(a *ledger.Agent) typedKey {
	f := typedKey{
		Version: a.Version, Name: a.Name, Allow: strings.Join(a.Allow, "\n"), May: a.Granted(), AllShops: a.Shops == nil,
		Shops: a.Shops,
	}
	if a.Until != 0 {
		f.Until = a.Until.String()
	}
	return f
}

// keyPath returns the address of an API key's page.
func keyPath(a *ledger.Agent) string {
	return merchantPage(a.Owner, "keys/"+strconv.FormatInt(int64(a.ID), 10))
}

// keyPathFor returns the address of an API key's page if the person may see it.
func (c *call) keyPathFor(a *ledger.Agent) string {
	if !c.mayKeys() {
		return ""
	}
	return keyPath(a)
}

// keyWord returns what an API key is called where integrators are told too; "" for these.
func (v view) keyWord(a *ledger.Agent) string {
	if a.Owner == 0 {
		return ""
	}
	return v.lang.of(wKey)
}

// usedLast returns when an API key was used last, and from where.
func (v view) usedLast(u ledger.KeyUse) string {
	if u.At.IsZero() {
		return v.lang.of(wNeverUsed)
	}
	return join(notEmpty(v.moment(u.At), u.Address))
}

// keyShops returns at which shops an API key may act.
func (v view) keyShops(a *ledger.Agent) string {
	if a.Shops == nil {
		return v.lang.of(wAllShops)
	}
	return join(v.merchant.ShopNames(a.Shops))
}

// mayGive are the permissions that a form offers: those that the person has, and those that the key has already.
func (v *keyView) mayGive() (all []permissionWord) {
	for _, one := range keyPermissionWords {
		if v.person.May(one.of, v.merchant.ID, 0) || (v.form.May|v.key.Granted())&one.of != 0 {
			all = append(all, one)
		}
	}
	return all
}

// uses returns when the API keys of the merchant were used last.
func (c *call) uses() (map[ledger.AgentID]ledger.KeyUse, error) {
	found, err := c.cfg.Books.KeyUses(c.r.Context(), c.merchant.ID)
	all := map[ledger.AgentID]ledger.KeyUse{}
	for _, u := range found {
		all[u.Key] = u
	}
	return all, err
}

func (c *call) showKeys() error {
	uses, err := c.uses()
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, keysPage(c.view(wKeys), c.cfg.Directory.Keys(c.merchant.ID), uses))
}

// keyHere returns the page of the API key in the path.
func (c *call) keyHere() (*keyView, error) {
	a, err := c.agentOf(c.merchant.ID, c.r.PathValue("key"))
	if err != nil {
		return nil, err
	}
	uses, err := c.uses()
	if err != nil {
		return nil, err
	}
	v := &keyView{view: c.view(wKeys), key: a, form: formOfKey(&a), use: uses[a.ID]}
	v.title = a.Name
	return v, nil
}

func (c *call) showKey() error {
	v, err := c.keyHere()
	if err != nil {
		return err
	}
	return c.showKeyPage(http.StatusOK, v)
}

// showKeyPage shows an API key's page, with what was changed of it last.
func (c *call) showKeyPage(status int, v *keyView) (err error) {
	if v.past, err = c.pastOf(v.view, c.agentChanges(v.key.ID)); err != nil {
		return err
	}
	return c.show(status, keyPage(v))
}

func (c *call) showNewKey() error {
	return c.show(http.StatusOK, newKeyPage(&keyView{view: c.view(wAddKey)}))
}

// readKeyForm reads what was typed, and puts it into an API key. fault says what is wrong with it.
func (c *call) readKeyForm(was *ledger.Agent) (f typedKey, to ledger.Agent, fault string) {
	f = typedKey{
		Version: versionSeen(c.r.PostFormValue("version")), Name: strings.TrimSpace(c.r.PostFormValue("name")),
		Until: strings.TrimSpace(c.r.PostFormValue("until")), Allow: strings.TrimSpace(c.r.PostFormValue("allow")),
		AllShops: c.r.PostFormValue("all") == "yes",
	}
	for _, name := range c.r.PostForm["may"] {
		p, _ := ledger.ParsePermission(name) // what nobody knows is not given
		f.May |= p
	}
	var known bool
	if f.Shops, known = c.typedShops(); !known {
		fault = c.lang.of(wNoShop)
	}
	if f.May == 0 {
		fault = cmp.Or(fault, c.lang.of(wNothingMay))
	}
	to = *was
	to.Version, to.Name, to.Shops = f.Version, f.Name, f.Shops
	to.Grants = []ledger.Grant{{Merchant: to.Owner, Permissions: f.May}}
	fault = cmp.Or(fault, c.shopsFault(f.AllShops, f.Shops), c.bounded(&to, f.Until, f.Allow))
	return f, to, fault
}

// addKey makes an API key, and shows it, once.
func (c *call) addKey() error {
	agents, err := c.agentsNow()
	if err != nil {
		return err
	}
	v, fresh := &keyView{view: c.view(wAddKey)}, freshOf(agents, c.merchant.ID)
	var to ledger.Agent
	v.form, to, v.fault = c.readKeyForm(&fresh)
	if nameTaken(&to, agents) {
		v.fault = cmp.Or(v.fault, c.lang.of(wTakenKey))
	}
	if v.fault == "" {
		to.Version = 0
		secret := auth.NewInstead(&to)
		refusal, err := c.changeAgent(&to)
		switch {
		case err != nil:
			return err
		case refusal.Reason == 0:
			return c.showKeySecret(to.ID, secret)
		}
		v.fault = v.lang.of(text(phrase.Refusal(refusal)))
	}
	c.note().Outcome = "refused"
	return c.show(http.StatusUnprocessableEntity, newKeyPage(v))
}

// showKeySecret shows the page of an API key with what was made just now.
func (c *call) showKeySecret(id ledger.AgentID, secret string) error {
	c.r.SetPathValue("key", strconv.FormatInt(int64(id), 10))
	v, err := c.keyHere()
	if err != nil {
		return err
	}
	v.secret = secret
	return c.showKeyPage(http.StatusOK, v)
}

func (c *call) saveKey() error {
	v, err := c.keyHere()
	if err != nil {
		return err
	}
	form, to, fault := c.readKeyForm(&v.key)
	v.form = form
	if form.Version != v.key.Version {
		return c.keyMoved(v, form.Version)
	}
	if v.fault = fault; fault != "" {
		c.note().Outcome = "refused"
		return c.showKeyPage(http.StatusUnprocessableEntity, v)
	}
	return c.keyChanged(v, &to, "")
}

// keyChanged changes an API key as its page asked for, and shows it with the secret that was made, if one was, or why
// it is not changed.
func (c *call) keyChanged(v *keyView, to *ledger.Agent, secret string) error {
	refusal, err := c.changeAgent(to)
	switch {
	case err != nil:
		return err
	case refusal.Reason == ledger.SettingsMoved:
		return c.keyMoved(v, to.Version)
	case refusal.Reason != 0:
		v.fault = v.lang.of(text(phrase.Refusal(refusal)))
		return c.showKeyPage(http.StatusUnprocessableEntity, v)
	case secret == "":
		return c.to(keyPath(to) + "?saved")
	}
	return c.showKeySecret(to.ID, secret)
}

// keyMoved shows an API key as somebody else has just left it, what that was, and what was typed, to be looked at and
// saved again.
func (c *call) keyMoved(v *keyView, seen ledger.EntryID) error {
	c.note().Outcome = "refused"
	now, err := c.keyHere()
	if err != nil {
		return err
	}
	var found *ledger.Agent
	if now.moved, found, err = c.agentMovedSince(v.view, &now.key, seen); err != nil {
		return err
	}
	if found != nil {
		now.form = v.form.over(formOfKey(found), now.form)
	}
	return c.showKeyPage(http.StatusConflict, now)
}

// renewKey makes another key, beside the one of before or in its place, or ends the one of before.
func (c *call) renewKey() error {
	v, err := c.keyHere()
	if err != nil {
		return err
	}
	to := v.key
	secret, ok := c.renewed(&to)
	switch {
	case to.Version != v.key.Version:
		return c.keyMoved(v, to.Version)
	case !ok:
		return c.to(keyPath(&to))
	}
	return c.keyChanged(v, &to, secret)
}

func (c *call) stopKey() error {
	v, err := c.keyHere()
	if err != nil {
		return err
	}
	to := v.key
	to.Version, to.Stopped = versionSeen(c.r.PostFormValue("version")), c.r.PostFormValue("stopped") == "yes"
	return c.keyChanged(v, &to, "")
}
