package cardfile

import (
	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

// JobExport is the kind of the jobs that write cards of a merchant into a file.
const JobExport = "cards-export"

// ExportFile returns the name of the file that such a job leaves.
func ExportFile(f sheet.Format) string { return "cards." + string(f) }

// Export is how cards are written into a file, as somebody asks for it. It is kept as JSON with the job.
type Export struct {
	Filter ledger.CardFilter `json:"filter"`
	Format sheet.Format      `json:"format"`
	Whole  bool              `json:"whole,omitempty"` // phones are not masked
	Lang   ledger.Language   `json:"lang"`
}

// Content returns what is asked for, without the language of the file and without whether its phones are masked.
func (e Export) Content() Export {
	e.Lang, e.Whole = "", false
	return e
}

// Exported is what such a job has done.
type Exported struct {
	Cards int64 `json:"cards"`
}
