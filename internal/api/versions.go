package api

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"tongka/internal/ledger"
)

// VersionsQuery asks for versions of the settings.
type VersionsQuery struct {
	Limit int   `query:"limit" minimum:"1" maximum:"50" default:"20" doc:"How many are wanted at most."`
	After int64 `query:"after" minimum:"0" doc:"The next of the page before."`
}

// Versions is a page of versions of the settings.
type Versions struct {
	Versions []Version `json:"versions" doc:"The newest first."`
	Next     int64     `json:"next,omitempty" doc:"Asks for the next page as after; left out on the last one."`
}

// Version is one version of the settings.
type Version struct {
	Version int64     `json:"version" doc:"The entry that made it, by which it is asked for."`
	At      time.Time `json:"at" doc:"When it was made, in UTC."`
	By      Caller    `json:"by" doc:"Who made it."`
	Note    string    `json:"note,omitempty" doc:"What whoever made it wrote about it; left out if nothing."`
	Changes []Changed `json:"changes,omitempty" doc:"Against the version before; left out of the first one."`
}

// Limits of looking for versions among what belongs to no card.
const (
	ownRead = 200
	ownMost = 5000 // then the page ends, with less than was asked for
)

func listVersions(c *call, in *VersionsQuery) (out Versions, err error) {
	place := cmp.Or(in.After, math.MaxInt64)
	out.Versions = []Version{}
	var newer map[string]string // the settings of the version before this one in the list
	for looked := 0; place > 0; looked += ownRead {
		if looked >= ownMost {
			out.Next = place
			return out, nil
		}
		entries, err := c.cfg.Books.OwnEntries(c.ctx, c.merchant.ID, place, ownRead)
		if err != nil || len(entries) == 0 {
			return out, err
		}
		for i := range entries {
			e := &entries[i]
			if place = e.Seq - 1; e.Kind != ledger.SettingsChanged {
				continue
			}
			m, err := ledger.ParseMerchant(c.merchant.ID, e.Settings)
			if err != nil {
				return out, fmt.Errorf("entry %d: %w", e.ID, err)
			}
			values := valuesOf(settingsOf(m, e.ID))
			if newer != nil {
				out.Versions[len(out.Versions)-1].Changes = changesOf(values, newer)
			}
			if newer = values; len(out.Versions) == in.Limit {
				out.Next = e.Seq
				return out, nil
			}
			out.Versions = append(out.Versions, Version{
				Version: int64(e.ID), At: e.At.UTC(), By: entryOf(e).By, Note: e.Note,
			})
		}
	}
	return out, nil
}

// OfVersion names a version.
type OfVersion struct {
	Version int64 `path:"version" minimum:"1" doc:"The entry that made it." example:"41"`
}

func getVersion(c *call, in *OfVersion) (Settings, error) {
	e, err := c.versionAt(ledger.EntryID(in.Version), ledger.SettingsChanged)
	if err != nil {
		return Settings{}, err
	}
	if e == nil {
		return Settings{}, c.refuse(faultNowhere)
	}
	m, err := ledger.ParseMerchant(c.merchant.ID, e.Settings)
	if err != nil {
		return Settings{}, err
	}
	return settingsOf(m, e.ID), nil
}
