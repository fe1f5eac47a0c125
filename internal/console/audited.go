package console

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tongka/internal/ledger"
)

// auditedView is one change of a person or an agent: who made it, and what it changed.
type auditedView struct {
	view
	auditLine
	changes []difference
	first   bool // there was nothing before
	far     bool // what was before is too long ago to be looked for
	back    string
}

// showAudited shows what an entry of the host changed of a person or an agent.
func (c *call) showAudited() error {
	if !c.person.May(ledger.MayReports, c.at(), 0) {
		return errNotYours
	}
	id, err := strconv.ParseInt(c.r.PathValue("entry"), 10, 64)
	if err != nil || id < 1 {
		return errNowhere
	}
	e, err := entryOf(c.r.Context(), c.cfg.Books, ledger.HostID, ledger.EntryID(id))
	if err != nil {
		return err
	}
	if e == nil || e.Kind != ledger.PersonChanged && e.Kind != ledger.AgentChanged {
		return errNowhere
	}
	v := auditedView{view: c.view(wAudit)}
	before, err := c.versionBefore(&v, e)
	if err != nil {
		return err
	}
	if ok, err := v.concerns(e, before); err != nil || !ok {
		return cmp.Or(err, errNowhere)
	}
	list := auditView{view: v.view}
	if v.back = list.tab(""); c.merchant != nil {
		v.back = list.tab(aboutPeople)
	}
	if v.auditLine, _, err = list.line(e); err != nil {
		return err
	}
	v.fresh = v.first
	v.title = v.called(&v.auditLine)
	if v.changes, err = v.hostDifferences(e.Kind, before, e.Settings); err != nil {
		return err
	}
	return c.show(http.StatusOK, auditedPage(v))
}

// concerns reports whether a change is the business of whoever looks: all are the host's. Of a merchant's are those of
// its own keys, and of people those that changed anything that it sees of somebody who has, or had before, anything to
// do with it.
func (v view) concerns(e *ledger.Entry, before string) (bool, error) {
	switch {
	case v.merchant == nil:
		return true, nil
	case e.Kind == ledger.AgentChanged:
		return changedKey(e, v.merchant.ID), nil
	case !ofMerchant(e.Settings, v.merchant.ID) && !ofMerchant(before, v.merchant.ID):
		return false, nil
	}
	changes, err := v.hostDifferences(e.Kind, before, e.Settings)
	return len(changes) > 0, err
}

// ofMerchant reports whether somebody had been granted anything at a merchant, by what an entry says of him.
func ofMerchant(text string, merchant ledger.MerchantID) bool {
	p, err := ledger.ParsePerson(text)
	return err == nil && isOf(&p, merchant)
}

// versionBefore returns what the person or agent of an entry was before it; "" if there was nothing, or it is too far
// back.
func (c *call) versionBefore(v *auditedView, e *ledger.Entry) (string, error) {
	of, _, err := subjectOf(e)
	if err != nil {
		return "", err
	}
	place := e.Seq - 1
	for looked := 0; place > 0; {
		if looked >= auditBack {
			v.far = true
			return "", nil
		}
		entries, err := c.cfg.Books.OwnEntries(c.r.Context(), ledger.HostID, place, auditRead)
		if err != nil {
			return "", err
		}
		if len(entries) == 0 {
			break
		}
		for i := range entries {
			if entries[i].Kind != e.Kind {
				continue
			}
			if other, _, err := subjectOf(&entries[i]); err == nil && other == of {
				return entries[i].Settings, nil
			}
		}
		looked += len(entries)
		place = entries[len(entries)-1].Seq - 1
	}
	v.first = true
	return "", nil
}

// hostDifferences returns what was changed of a person or an agent. Of secrets it says no more than that they are
// others.
func (v view) hostDifferences(kind ledger.Kind, before, after string) ([]difference, error) {
	byPath, words := ledger.PersonByPath, personFields
	if kind == ledger.AgentChanged {
		byPath, words = ledger.AgentByPath, agentFields
	}
	is, err := byPath(after)
	if err != nil {
		return nil, err
	}
	was := map[string]string{}
	if before != "" {
		if was, err = byPath(before); err != nil {
			return nil, err
		}
	}
	all := v.partsChanged(words, was, is)
	return append(all, v.grantsChanged(kind, before, after)...), nil
}

// secretParts are fingerprints in a text.
var secretParts = []string{
	"password", "totp", "recovery", "passkeys", "token", "token_of_before", "api_key", "developer_secret",
}

// partsChanged returns the differences of all but the grants, each part once.
func (v view) partsChanged(words map[string]text, was, is map[string]string) (all []difference) {
	told := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(merged(was, is))) {
		part, _, _ := strings.Cut(path, "[")
		name, known := words[part]
		if was[path] == is[path] || told[part] || !known || part == "grants" || part == "owner" && v.merchant != nil {
			continue
		}
		d := difference{of: v.lang.of(name), before: v.partSaid(part, was[path]), after: v.partSaid(part, is[path])}
		if slices.Contains(secretParts, part) {
			told[part] = true
			d.before, d.after = v.secretSaid(was, part), v.secretSaid(is, part)
			if d.before == d.after {
				d.after = v.lang.of(wSecretChanged)
			}
		}
		all = append(all, d)
	}
	return all
}

// partSaid returns a value of a part as people read it.
func (v view) partSaid(part, value string) string {
	switch {
	case value == "true":
		return v.lang.of(wYes)
	case part == "shops" && v.merchant != nil && value != "":
		id, _ := strconv.ParseInt(value, 10, 64) // the text of an agent has ids alone
		return v.merchant.ShopName(ledger.ShopID(id))
	}
	return value
}

// secretSaid says whether there is a secret.
func (v view) secretSaid(in map[string]string, part string) string {
	for path := range in {
		if path == part || strings.HasPrefix(path, part+"[") {
			return v.lang.of(wSecretSet)
		}
	}
	return ""
}

// merged returns a map with the keys of both.
func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// grantsChanged returns where somebody may do more, less or something else. A merchant sees its own grants only.
func (v view) grantsChanged(kind ledger.Kind, before, after string) (all []difference) {
	was, is := v.grantsIn(kind, before), v.grantsIn(kind, after)
	for _, id := range slices.Sorted(maps.Keys(is)) {
		if was[id] != is[id] {
			all = append(all, difference{v.lang.of(wRole), v.placeCalled(id), was[id], is[id]})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(was)) {
		if _, there := is[id]; !there {
			all = append(all, difference{v.lang.of(wRole), v.placeCalled(id), was[id], ""})
		}
	}
	return all
}

// grantsIn returns what is granted where, in words.
func (v view) grantsIn(kind ledger.Kind, text string) map[ledger.MerchantID]string {
	said := map[ledger.MerchantID]string{}
	if kind == ledger.AgentChanged {
		a, _ := ledger.ParseAgent(text) // nothing is granted in a text that there is not
		for _, g := range a.Grants {
			said[g.Merchant] = v.permissionsSaid(g.Permissions)
		}
		return said
	}
	p, _ := ledger.ParsePerson(text)
	for _, g := range p.Grants {
		if v.merchant == nil || g.Merchant == v.merchant.ID {
			said[g.Merchant] = v.grantSaid(g)
		}
	}
	return said
}

// grantSaid returns a person's grant in words: the role, or the permissions if they are of none, and the shops.
func (v view) grantSaid(g ledger.PersonGrant) string {
	said := []string{v.permissionsSaid(g.Permissions)}
	if _, ok := ledger.RoleOf(g); ok {
		said[0] = roleName(v.lang, g)
	}
	for _, shop := range g.Shops {
		name := shopText(shop)
		if v.merchant != nil {
			name = v.merchant.ShopName(shop)
		}
		said = append(said, name)
	}
	return join(said)
}

// permissionsSaid returns permissions in words.
func (v view) permissionsSaid(all ledger.Permission) string {
	var said []string
	for _, w := range slices.Concat(keyPermissionWords, peoplePermissionWords) {
		if all&w.of != 0 {
			said = append(said, v.lang.of(w.said))
		}
	}
	return strings.Join(said, v.lang.of(text{"、", ", "}))
}

// placeCalled returns what a merchant is called, or the host.
func (v view) placeCalled(id ledger.MerchantID) string {
	switch {
	case id == ledger.HostID:
		return v.lang.of(wHost)
	case v.merchant != nil:
		return v.merchant.Name
	}
	return v.lang.of(wIDNumber) + " " + strconv.FormatInt(int64(id), 10)
}
