package console

import (
	"strconv"

	"tongka/internal/ledger"
	"tongka/internal/phrase"
)

// former is what a card was before an entry changed it, as far as it is told anew as a whole.
type former struct {
	holder  ledger.Holder
	details ledger.Details
	level   ledger.LevelID
}

// formerOf returns what a card is.
func formerOf(c *ledger.Card) former { return former{c.Holder, c.Details, c.Level} }

// after returns what a card is after an entry, of which it was that before.
func (f former) after(e *ledger.Entry) former {
	if e.Holder != nil {
		f.holder = *e.Holder
	}
	if e.Details != nil {
		f.details = *e.Details
	}
	f.level = e.Level
	return f
}

// changes collects what differs.
type changes []change

// add adds something that differs. What is masked may look the same before and after.
func (all *changes) add(differs bool, name text, before, now string) {
	if differs {
		*all = append(*all, change{name, before, now, 0})
	}
}

// toldAnew returns what a card is told to be anew: of its holder, its details and its level.
func (v view) toldAnew(was, now former) (all changes) {
	all.add(was.level != now.level, wLevel, v.levelName(was.level), v.levelName(now.level))
	v.ofHolder(&all, was.holder, now.holder)
	v.ofDetails(&all, was.details, now.details)
	return all
}

// levelName returns the name of a level; "" if there is none of that id.
func (v view) levelName(id ledger.LevelID) string {
	level, _ := v.merchant.Level(id)
	return level.Name
}

func (v view) ofHolder(all *changes, was, now ledger.Holder) {
	all.add(was.Name != now.Name, wName, was.Name, now.Name)
	all.add(was.Phone != now.Phone, wPhone, phrase.Masked(was.Phone), phrase.Masked(now.Phone))
	all.add(was.Gender != now.Gender, wGender, v.gender(was.Gender), v.gender(now.Gender))
	all.add(was.Birthday != now.Birthday, wBirthday, was.Birthday.String(), now.Birthday.String())
}

func (v view) ofDetails(all *changes, was, now ledger.Details) {
	all.add(was.ExtID != now.ExtID, wInnerCode, was.ExtID, now.ExtID)
	all.add(was.Credit != now.Credit, wCredit, phrase.Yuan(was.Credit), phrase.Yuan(now.Credit))
	all.add(was.Remarks != now.Remarks, wRemarks, was.Remarks, now.Remarks)
	all.add(was.Referrer != now.Referrer, wReferrer, was.Referrer, now.Referrer)
	all.add(was.Physical.No != now.Physical.No, wPhysical, was.Physical.No, now.Physical.No)
	all.add(was.IDNumber != now.IDNumber, wIdentity, phrase.Masked(was.IDNumber), phrase.Masked(now.IDNumber))
	password := wNewOne
	if now.Password == "" {
		password = wRemoved
	}
	all.add(was.Password != now.Password, wCardPassword, "", v.lang.of(password))
}

// genders are what the genders of holders are called, by their numbers.
var genders = []text{{"女或未知", "Female or unknown"}, {"男", "Male"}}

func (v view) gender(n int) string {
	if n < 0 || n >= len(genders) {
		return strconv.Itoa(n)
	}
	return v.lang.of(genders[n])
}

// alters reports whether an entry tells anew what a card is.
func alters(k ledger.Kind) bool { return tellers[k] != nil }

// tellers are the kinds of entries that tell anew what entries of a kind tell.
var tellers = map[ledger.Kind][]ledger.Kind{
	ledger.HolderModified: {ledger.Opened, ledger.CardReplaced, ledger.HolderModified},
	ledger.DetailsChanged: {ledger.Opened, ledger.CardReplaced, ledger.PhoneBound, ledger.DetailsChanged},
	ledger.LevelChanged:   {ledger.Opened, ledger.CardReplaced, ledger.LevelChanged},
}

// tells reports whether an entry, of the tellers of a kind, tells anew what those of the kind do. One that replaces a
// card tells only what it changes.
func tells(kind ledger.Kind, e *ledger.Entry) bool {
	switch {
	case e.Kind != ledger.CardReplaced:
		return true
	case kind == ledger.HolderModified:
		return e.Holder != nil
	}
	return kind == ledger.LevelChanged || e.Details != nil
}

// altered returns what an entry changed of what a card is, from what to what. Where it is not known what the card was
// before, it is what the card is told to be.
func (v view) altered(e *ledger.Entry) (all []part) {
	if !alters(e.Kind) {
		return nil
	}
	was, known := v.beside.was[e.ID]
	if !known && e.Details != nil {
		was.details.Password = e.Details.Password // nobody knows whether it was set then
	}
	if e.Kind != ledger.LevelChanged {
		was.level = e.Level
	}
	for _, one := range v.toldAnew(was, was.after(e)) {
		all = append(all, part{one.name, one.inWords(known)})
	}
	return all
}

// inWords returns a change on one line; the value of before only where it is known.
func (c change) inWords(known bool) string {
	if !known || c.before == "" && c.after != "" && c.name == wCardPassword {
		return c.after
	}
	return orNone(c.before) + " → " + orNone(c.after)
}

// orNone returns what stands for something that may be empty.
func orNone(said string) string {
	if said == "" {
		return "–"
	}
	return said
}
