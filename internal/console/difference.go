package console

import (
	"net/url"
	"slices"

	"tongka/internal/ledger"
)

// difference is one setting that two versions of a merchant's settings have otherwise, in words.
type difference struct{ of, name, before, after string }

// differences returns what was changed from one version to another.
func (v view) differences(was, is *ledger.Merchant) (all []difference) {
	for _, g := range settingGroups {
		for _, t := range g.all(is) {
			before, there := g.same(t, was)
			if !there {
				all = append(all, difference{v.calls(g, t), v.lang.of(wThingAdded), "", v.whole(g, t)})
				continue
			}
			all = append(all, v.changed(g, before, t)...)
		}
		for _, t := range g.all(was) {
			if _, there := g.same(t, is); !there {
				all = append(all, difference{v.calls(g, t), v.lang.of(wTakenOut), v.whole(g, t), ""})
			}
		}
		if before, after := g.order(was, is), g.order(is, was); g.placed && !slices.Equal(before, after) {
			all = append(all, difference{v.lang.of(g.title), v.lang.of(wListPlace), g.names(is, before), g.names(is, after)})
		}
	}
	if was.LicenceEnd != is.LicenceEnd {
		all = append(all, difference{
			v.lang.of(merchantGroup.title), v.lang.of(wLicenceEnd), v.until(was.LicenceEnd), v.until(is.LicenceEnd),
		})
	}
	return all
}

// same returns a thing in another version.
func (g *settingGroup) same(t thing, in *ledger.Merchant) (thing, bool) {
	if g.things == nil {
		return thing{in, 0}, true
	}
	return g.find(in, g.things.id(t))
}

// order returns the things of a version that another has too, in the order of the first.
func (g *settingGroup) order(of, other *ledger.Merchant) (ids []int64) {
	if !g.placed {
		return nil
	}
	for _, t := range g.all(of) {
		if _, there := g.same(t, other); there {
			ids = append(ids, g.things.id(t))
		}
	}
	return ids
}

// names returns what things are called, on one line.
func (g *settingGroup) names(m *ledger.Merchant, ids []int64) string {
	var names []string
	for _, id := range ids {
		if t, there := g.find(m, id); there {
			names = append(names, g.things.name(t))
		}
	}
	return join(names)
}

// changed returns the fields of a thing that two versions have otherwise.
func (v view) changed(g *settingGroup, was, is thing) (all []difference) {
	for i := range g.boxes {
		b := &g.boxes[i]
		before, after := url.Values{}, url.Values{}
		b.fill(before, was)
		b.fill(after, is)
		if before.Encode() != after.Encode() {
			all = append(all, difference{v.calls(g, is), v.lang.of(b.label), b.said(v.lang, was), b.said(v.lang, is)})
		}
	}
	return all
}

// calls returns what a thing is called, with the name of its page.
func (v view) calls(g *settingGroup, t thing) string {
	if g.things == nil {
		return v.lang.of(g.title)
	}
	return v.lang.of(g.title) + " · " + g.things.name(t)
}

// whole returns all that a thing says, on one line.
func (v view) whole(g *settingGroup, t thing) string {
	var all []string
	for _, p := range v.facts(g, t) {
		all = append(all, v.lang.of(p.name)+" "+p.value)
	}
	return join(all)
}

// facts are the fields of a thing that say something.
func (v view) facts(g *settingGroup, t thing) (all []part) {
	for i := range g.boxes {
		if said := g.boxes[i].said(v.lang, t); said != "" {
			all = append(all, part{g.boxes[i].label, said})
		}
	}
	return all
}

// orDash returns a value, or a dash where there is none.
func orDash(value string) string {
	if value == "" {
		return "-"
	}
	return value
}
