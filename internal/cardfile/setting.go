package cardfile

// Setting is one of the things that can be said of a file before it is read.
type Setting string

// What can be said of a file: its encoding, the level of cards of which it says none, and columns to pass over.
const (
	SettingEncoding Setting = "encoding"
	SettingLevel    Setting = "level"
	SettingSkip     Setting = "skip"
)

// SettingError is why a file is not read, where it would be if a setting were said. How that is done knows whoever
// shows it.
type SettingError struct {
	Setting Setting
	Value   string // what to say, where that is known: the header to pass over
	Why     string
}

func (e *SettingError) Error() string { return e.Why }
