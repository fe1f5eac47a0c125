package client

import (
	"os"
	"path/filepath"
)

// publishedSandy is the folder of the published member-cjb answers.
const publishedSandy = "../internal/sandy/testdata/published/"

// published returns an answer of the published dc78 pages.
func published(action string) string {
	b, err := os.ReadFile(filepath.Join("testdata", action+".json"))
	if err != nil {
		panic(err)
	}
	return string(b)
}
