package console

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

const (
	versionsAPage  = 20   // versions that a page shows
	versionsInFile = 1000 // that a file has
)

// What stands in an address in place of a version's entry.
const (
	versionNow   = "now"   // the settings in force
	versionAdded = "added" // those with which the merchant was added
)

// version is one version of a merchant's settings.
type version struct {
	entry   *ledger.Entry // nil = no entry made it
	m       *ledger.Merchant
	changes []difference // against the version before
	unknown bool         // what was before it is not known
}

// versionsView is a page of versions, newest first.
type versionsView struct {
	view
	versions []version
	added    *version // how the merchant was added, on the page with its first change; nil = on others, or not known
	older    int64    // place of the first entry of the next page; 0 = this is the last
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
	// One more is looked for: what the last of the page changed is seen beside the one before it.
	all, rest, err := c.versionsFrom(from, versionsAPage+1)
	if err != nil {
		return err
	}
	var before *version
	switch {
	case len(all) > versionsAPage:
		before, all, v.older = &all[versionsAPage], all[:versionsAPage], all[versionsAPage].entry.Seq
	case rest > 0:
		v.older = rest
	default:
		if v.added, err = c.addedVersion(); err != nil {
			return err
		}
		before = v.added
	}
	v.versions = all
	v.compare(all, before)
	return c.show(http.StatusOK, versionsPage(v))
}

// compare finds what each of some versions, newest first, changed; before is the one before the oldest of them, nil if
// that is not known.
func (v view) compare(all []version, before *version) {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].unknown = before == nil; before != nil {
			all[i].changes = v.differences(before.m, all[i].m)
		}
		before = &all[i]
	}
}

// allVersions returns all versions with what they changed, newest first; rest is above 0 if there may be more that are
// too long ago to be looked for.
func (c *call) allVersions() (all []version, rest int64, err error) {
	v := c.view(wVersions)
	if all, rest, err = c.versionsFrom(math.MaxInt64, versionsInFile+1); err != nil {
		return nil, 0, err
	}
	if len(all) > versionsInFile {
		before := all[versionsInFile]
		all = all[:versionsInFile]
		v.compare(all, &before)
		return all, before.entry.Seq, nil
	}
	if rest > 0 {
		v.compare(all, nil)
		return all, rest, nil
	}
	added, err := c.addedVersion()
	if err != nil {
		return nil, 0, err
	}
	v.compare(all, added)
	if added != nil {
		all = append(all, *added)
	}
	return all, 0, nil
}

// versionsFrom returns up to a number of versions, newest first, of the merchant's own entries from a place back; rest
// is the place from which more can be looked for, if it found too few among those that are looked through at once.
func (c *call) versionsFrom(place int64, most int) (all []version, rest int64, err error) {
	for looked := 0; place > 0 && len(all) < most; {
		if looked >= auditBack {
			return all, place, nil
		}
		entries, err := c.cfg.Books.OwnEntries(c.r.Context(), c.merchant.ID, place, auditRead)
		if err != nil || len(entries) == 0 {
			return all, 0, err
		}
		found, err := c.parsedVersions(entries)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, found...)
		looked += len(entries)
		place = entries[len(entries)-1].Seq - 1
	}
	return all[:min(len(all), most)], 0, nil
}

// addedVersion returns the settings with which the merchant was added, which the host's journal has; nil if it does
// not, or that was too long ago to be looked for.
func (c *call) addedVersion() (*version, error) {
	place := int64(math.MaxInt64)
	for looked := 0; place > 0 && looked < auditBack; {
		entries, err := c.cfg.Books.OwnEntries(c.r.Context(), ledger.HostID, place, auditRead)
		if err != nil || len(entries) == 0 {
			return nil, err
		}
		for i := range entries {
			if v, err := addedBy(&entries[i], c.merchant.ID); v != nil || err != nil {
				return v, err
			}
		}
		looked += len(entries)
		place = entries[len(entries)-1].Seq - 1
	}
	return nil, nil
}

// addedBy returns the version that an entry of the host made of a merchant; nil if it is about something else.
func addedBy(e *ledger.Entry, of ledger.MerchantID) (*version, error) {
	if e.Kind != ledger.MerchantAdded {
		return nil, nil
	}
	id, settings, err := ledger.ParseAdded(e.Settings)
	if err != nil || id != of {
		return nil, err
	}
	m, err := ledger.ParseMerchant(id, settings)
	return &version{entry: e, m: m}, err
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
	if err := c.findVersion(v, of, now); err != nil {
		return nil, nil, err
	}
	if v.inForce = now; v.entry == nil {
		v.m = m
		return v, m, nil
	}
	v.title = v.calledVersion(v.entry)
	if v.entry.Kind == ledger.SettingsChanged {
		if err := c.compareBefore(v); err != nil {
			return nil, nil, err
		}
	}
	to := broughtBack(m, v.m)
	v.back = v.differences(m, to)
	return v, to, nil
}

// calledVersion returns what a version is called: nobody knows one by the number of its entry.
func (v view) calledVersion(e *ledger.Entry) string {
	if e.Kind == ledger.MerchantAdded {
		return v.lang.of(wAsAdded)
	}
	return v.lang.of(wVersion) + " " + v.moment(e.At)
}

// findVersion finds the version that an address names, where now is the one in force. None made what is in force as
// long as nothing was changed.
func (c *call) findVersion(v *versionView, of string, now ledger.EntryID) (err error) {
	if of == versionAdded {
		added, err := c.addedVersion()
		if err == nil && added == nil {
			err = errNowhere
		}
		if err != nil {
			return err
		}
		v.version = *added
		return nil
	}
	id := now
	if of != versionNow {
		n, err := strconv.ParseInt(of, 10, 64)
		if err != nil {
			return errNowhere
		}
		id = ledger.EntryID(n)
	}
	if v.entry, v.m, err = c.versionOf(c.merchant.ID, id); err == nil && v.entry == nil && of != versionNow {
		err = errNowhere
	}
	return err
}

// compareBefore finds what a version changed.
func (c *call) compareBefore(v *versionView) error {
	before, rest, err := c.versionsFrom(v.entry.Seq-1, 1)
	if err != nil {
		return err
	}
	if len(before) == 0 && rest == 0 {
		added, err := c.addedVersion()
		if err != nil {
			return err
		}
		if added != nil {
			before = []version{*added}
		}
	}
	if v.unknown = len(before) == 0; !v.unknown {
		v.changes = v.differences(before[0].m, v.m)
	}
	return nil
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
	note := broughtBackNote + v.entry.At.UTC().Format(time.RFC3339)
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
