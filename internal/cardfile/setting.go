package cardfile

// Setting is one of the settings by which a file is read.
type Setting string

// The settings: the file's encoding, the level of rows that name none, and columns to ignore.
const (
	SettingEncoding Setting = "encoding"
	SettingLevel    Setting = "level"
	SettingSkip     Setting = "skip"
)

// SettingError says that a file cannot be read unless a setting is given. The caller adds how to give it, such as
// by a flag.
type SettingError struct {
	Setting Setting
	Values  []string // the values to give, if they are known: the headers of the columns to ignore
	Why     string
}

func (e *SettingError) Error() string { return e.Why }
