package client

import (
	"os"
	"path/filepath"
)

// publishedSandy is where the answers of the published member-cjb page are.
const publishedSandy = "../internal/sandy/testdata/published/"

// published is an answer of the published dc78 pages.
func published(action string) string {
	b, err := os.ReadFile(filepath.Join("testdata", action+".json"))
	if err != nil {
		panic(err)
	}
	return string(b)
}
