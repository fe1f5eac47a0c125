package ledger

import "time"

// Session is a browser in which somebody is signed in. It is in no journal: it moves nothing, and what is done in it
// names the person.
type Session struct {
	Place   [32]byte // SHA-256 of the token that the browser has; the token itself is kept nowhere
	Person  PersonID
	MadeAt  time.Time
	SeenAt  time.Time // when it was last used, to within a minute or so
	Until   time.Time // its absolute end
	Address string    // where it was made from
	Browser string    // as it names itself
}

// How long sessions last.
const (
	SessionIdle = 12 * time.Hour      // without being used
	SessionMost = 14 * 24 * time.Hour // in all
)

// Good reports whether the session has neither been idle for too long nor ended.
func (s *Session) Good(now time.Time) bool {
	return now.Before(s.Until) && now.Before(s.SeenAt.Add(SessionIdle))
}
