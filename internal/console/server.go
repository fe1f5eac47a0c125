package console

import (
	"cmp"
	"net/http"
	"time"

	"tongka/internal/ledger"
)

// serverRoutes are the host's: how the server itself is set up.
var serverRoutes = []route{
	{"GET /console/host/server", "server", atHost, ledger.MaySettings, (*call).showServer},
}

// Server is what runs, and by which settings: cmd/tongka.
type Server struct {
	Version, Commit, Go string
	Began               time.Time
	Database            string // what keeps the books: SQLite, PostgreSQL
	Schema              int
	Key                 string    // by which the key is told from another; nothing of the key itself
	Certificate         time.Time // until when the certificate is good; zero = it is not served with TLS
	Settings            []ServerSetting
}

// ServerSetting is a setting that is in force, without secrets.
type ServerSetting struct {
	Name, Env, Group string
	Value, Default   string
	Said             string // what it means, in English
	From             string // flag, environment, file or default; "" = the program chose it
}

// serverView is how the server is set up.
type serverView struct {
	view
	Server
}

func (c *call) showServer() error {
	v := &serverView{view: c.view(wServer), Server: c.cfg.Server()}
	return c.show(http.StatusOK, serverPage(v))
}

// upFor returns how long the server has run, in words.
func (v *serverView) upFor() string {
	up := v.now.Sub(v.Began)
	switch {
	case up >= 24*time.Hour:
		return v.count(int(up/(24*time.Hour)), wOneDay, wSomeDays)
	case up >= time.Hour:
		return v.count(int(up/time.Hour), wOneHour, wSomeHours)
	}
	return v.count(int(up/time.Minute), wOneMinute, wSomeMinutes)
}

// groups are the settings in their groups, in order.
func (v *serverView) groups() (all [][]ServerSetting) {
	for i, s := range v.Settings {
		if i == 0 || s.Group != v.Settings[i-1].Group {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], s)
	}
	return all
}

// said returns what a setting means.
func (v *serverView) said(s *ServerSetting) string {
	return v.lang.of(text{cmp.Or(serverMeanings[s.Name], s.Said), s.Said})
}
