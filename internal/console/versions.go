package console

import (
	"fmt"
	"math"
	"net/http"
	"strconv"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// versionsAPage is how many of a merchant's own entries a page of versions reads, and so the most that it shows.
const versionsAPage = 20

// versionNow stands in an address for the settings in force.
const versionNow = "now"

// version is one version of a merchant's settings.
type version struct {
	entry   *ledger.Entry // nil = no entry made it
	m       *ledger.Merchant
	changes []difference // against the version before
	first   bool         // there is none before
}

// versionsView is a page of versions, newest first.
type versionsView struct {
	view
	versions []version
	older    int64 // place of the first entry of the next page; 0 = this is the last
	inForce  ledger.EntryID
}

// showVersions shows who changed the settings, and what.
func (c *call) showVersions() error {
	v := versionsView{view: c.view(wVersions)}
	from, err := strconv.ParseInt(c.r.URL.Query().Get("from"), 10, 64)
	if err != nil || from < 1 {
		from = math.MaxInt64
	}
	if _, v.inForce, err = c.settingsNow(c.merchant.ID); err != nil {
		return err
	}
	// One more is read: what the last of the page changed is seen beside the one before it.
	entries, err := c.cfg.Books.OwnEntries(c.r.Context(), c.merchant.ID, from, versionsAPage+1)
	if err != nil {
		return err
	}
	if len(entries) > versionsAPage {
		v.older = entries[versionsAPage].Seq
	}
	all, err := c.parsedVersions(entries)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].entry.Seq == v.older {
			break
		}
		if i+1 < len(all) {
			all[i].changes = v.differences(all[i+1].m, all[i].m)
		}
		all[i].first = all[i].entry.Seq == 1
		v.versions = append(v.versions, all[i])
	}
	return c.show(http.StatusOK, versionsPage(v))
}

// parsedVersions returns the versions among some of the merchant's own entries.
func (c *call) parsedVersions(entries []ledger.Entry) (all []version, err error) {
	for i := range entries {
		e := &entries[i]
		if e.Kind != ledger.SettingsChanged {
			continue
		}
		m, err := ledger.ParseMerchant(c.merchant.ID, e.Settings)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.ID, err)
		}
		all = append(all, version{entry: e, m: m})
	}
	return all, nil
}

// versionView is one version: what it changed, all of it, and what bringing it back would change.
type versionView struct {
	view
	version
	inForce ledger.EntryID
	back    []difference
	moved   *moved
}

// versionHere returns the version of the path, and the settings in force with what of that version is brought back.
func (c *call) versionHere() (*versionView, *ledger.Merchant, error) {
	v, of := &versionView{view: c.view(wVersion)}, c.r.PathValue("version")
	m, now, err := c.settingsNow(c.merchant.ID)
	if err != nil {
		return nil, nil, err
	}
	id := now
	if of != versionNow {
		n, err := strconv.ParseInt(of, 10, 64)
		if err != nil {
			return nil, nil, errNowhere
		}
		id = ledger.EntryID(n)
	}
	if v.entry, v.m, err = c.versionOf(c.merchant.ID, id); err != nil {
		return nil, nil, err
	}
	if v.inForce = now; v.entry == nil {
		if of != versionNow {
			return nil, nil, errNowhere
		}
		v.m = m
		return v, m, nil
	}
	v.title = v.lang.of(wVersion) + " " + strconv.FormatInt(int64(v.entry.ID), 10)
	entries, err := c.cfg.Books.OwnEntries(c.r.Context(), c.merchant.ID, v.entry.Seq-1, versionsAPage)
	if err != nil {
		return nil, nil, err
	}
	before, err := c.parsedVersions(entries)
	if err != nil {
		return nil, nil, err
	}
	if len(before) > 0 {
		v.changes = v.differences(before[0].m, v.m)
	}
	v.first = v.entry.Seq == 1
	to := broughtBack(m, v.m)
	v.back = v.differences(m, to)
	return v, to, nil
}

// broughtBack returns the settings in force with all that a version has. What was added since stays in the books, as
// entries name it, but rules and pay types are ended. The licence is the host's.
func broughtBack(now, then *ledger.Merchant) *ledger.Merchant {
	to := cloneSettings(then)
	to.LicenceEnd = now.LicenceEnd
	for _, g := range settingGroups {
		if g.things == nil {
			continue
		}
		for _, t := range g.all(now) {
			if _, there := g.same(t, then); there {
				continue
			}
			g.things.carry(t, to)
			g.things.end(thing{to, g.things.len(to) - 1})
		}
	}
	return to
}

func (c *call) showVersion() error {
	v, _, err := c.versionHere()
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, versionPage(v))
}

// bringBack puts a version into force again, by a change like any other.
func (c *call) bringBack() error {
	if !c.person.May(ledger.MaySettings, c.merchant.ID, 0) {
		return errNotYours
	}
	v, to, err := c.versionHere()
	if err != nil {
		return err
	}
	seen, err := strconv.ParseInt(c.r.PostFormValue("seen"), 10, 64)
	if err != nil || ledger.EntryID(seen) != v.inForce {
		return c.versionMoved(v, ledger.EntryID(seen))
	}
	if v.entry == nil || len(v.back) == 0 {
		v.fault = v.lang.of(wSameAsNow)
		return c.show(http.StatusUnprocessableEntity, versionPage(v))
	}
	note := c.lang.of(wBroughtBack.with(int(v.entry.ID)))
	refusal, err := c.changeSettings(to, v.inForce, note)
	switch {
	case err != nil:
		return err
	case refusal.Reason == ledger.SettingsMoved:
		if v, _, err = c.versionHere(); err != nil {
			return err
		}
		return c.versionMoved(v, ledger.EntryID(seen))
	case refusal.Reason != 0:
		v.fault = v.lang.of(text(phrase.Refusal(refusal)))
		return c.show(http.StatusUnprocessableEntity, versionPage(v))
	}
	return c.to(v.at("rules/history?saved"))
}

// versionMoved shows a version again, as somebody has changed the settings since it was looked at.
func (c *call) versionMoved(v *versionView, seen ledger.EntryID) error {
	c.note().Outcome = "refused"
	m, inForce, err := c.settingsNow(c.merchant.ID)
	if err != nil {
		return err
	}
	if v.moved, _, err = c.movedSince(v.view, seen, inForce, m); err != nil {
		return err
	}
	return c.show(http.StatusConflict, versionPage(v))
}
