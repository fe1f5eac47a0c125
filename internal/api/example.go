package api

import (
	_ "embed"
	"encoding/json"
	"sync"
)

// example is what an operation was asked for, and what it answered, in a recording that a test replays.
type example struct {
	Body   json.RawMessage `json:"body,omitempty"`
	Answer json.RawMessage `json:"answer"`
}

//go:embed examples.json
var examplesFile []byte

// examples returns those of all operations, by their ids. They are read where the API is described, and by no command
// that has nothing to do with it.
var examples = sync.OnceValue(func() (all map[string]example) {
	if err := json.Unmarshal(examplesFile, &all); err != nil {
		panic(err) // the file is embedded, and a test writes it
	}
	return all
})
