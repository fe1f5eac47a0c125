package ledger

import "time"

// Job is long work that somebody asked for: an import, a proof of the books. Its row says what was asked and how far it
// is, so that it survives whoever asked and whoever works on it. It is in no journal: what it does to cards are
// commands with entries of their own.
type Job struct {
	Merchant MerchantID // HostID = the host's
	ID       string     // drawn; one that is asked for twice is one
	Kind     string     // what it does
	Ask      string     // with what, as JSON of the kind
	Person   PersonID   // who asked: a person or an agent; neither = the program itself
	Agent    AgentID
	Shop     ShopID // where
	At       time.Time

	State       JobState
	Done, Total int64     // progress; Total 0 = not known
	Cancelled   bool      // somebody wants it to end
	Turn        int64     // moves whenever somebody begins to work on it, and guards what that one writes
	Until       time.Time // from when on somebody may begin to work on it, whoever did before; zero when it has ended
	EndedAt     time.Time
	Result      string // of one that is done, JSON of the kind; of one that failed, why
}

// JobState is what has become of a job.
type JobState int

// States of jobs.
const (
	JobWaits JobState = iota + 1
	JobRuns
	JobDone
	JobFailed
	JobCancelled
)

// Ended reports whether nobody will work on a job any more.
func (j *Job) Ended() bool { return j.State >= JobDone }

// MaxJobFile is the most bytes of a job's file.
const MaxJobFile = 32 << 20

// JobFile is what a job was given to work on, or what it made.
type JobFile struct {
	Name    string // in the job
	Type    string // the media type
	Content []byte // at most MaxJobFile bytes; nil in a list of files
}

// JobQuery asks for a merchant's jobs, the newest first: those before a place in that order; the zero value begins at
// the newest.
type JobQuery struct {
	Merchant MerchantID
	Kind     string // "" = every kind
	At       time.Time
	ID       string
	Limit    int
}
