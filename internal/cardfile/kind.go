package cardfile

import (
	"bytes"
	"fmt"
	"slices"
)

// notCSV returns an error if the first bytes of a file are those of something else than CSV, which other systems call
// .csv or .xls all the same.
func notCSV(head []byte) error {
	if isWorkbook(head) {
		return Reason{
			"is a spreadsheet's workbook, whatever it is called: save it as CSV UTF-8", "是表格工作簿：请另存为CSV UTF-8",
		}
	}
	if bytes.HasPrefix(head, []byte("%PDF-")) {
		return Reason{
			"is a PDF, and neither XLSX nor CSV: export the cards as one of these",
			"是PDF，不是XLSX或CSV：请从原系统导出XLSX或CSV",
		}
	}
	if slices.ContainsFunc(otherFiles, func(begins string) bool { return bytes.HasPrefix(head, []byte(begins)) }) {
		return noTable
	}
	text, line := head, head
	if end := bytes.IndexAny(head, "\r\n"); end >= 0 {
		line = head[:end]
	}
	switch in, _ := marked(head); {
	case in == UTF16:
		text = bytes.ReplaceAll(head[2:], []byte{0}, nil) // tags are ASCII, so this is their text
	case bytes.IndexByte(line, 0) >= 0:
		return Reason{
			"has bytes of 0, like UTF-16 without its mark: save it as CSV UTF-8", "编码无法识别：请另存为CSV UTF-8",
		}
	case bytes.IndexByte(head, 0) >= 0:
		return noTable
	}
	if kind := markup(bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))); kind != "" {
		return Reason{
			fmt.Sprintf("is %s, whatever it is called: open it in a spreadsheet program, and save it as CSV UTF-8", kind),
			fmt.Sprintf("实际上是%s：请用表格软件打开，再另存为CSV UTF-8", kind),
		}
	}
	return nil
}

// otherFiles are the first bytes of pictures and archives: PNG, JPEG, GIF, gzip, RAR and 7z.
var otherFiles = []string{"\x89PNG", "\xFF\xD8\xFF", "GIF8", "\x1F\x8B", "Rar!", "7z\xBC\xAF"}

// noTable is why a file is no table that was saved in any way.
var noTable = Reason{
	"is no table: it is neither XLSX nor CSV, whatever it is called", "不是表格文件：请上传XLSX或CSV",
}

// isWorkbook reports whether a file begins as .xlsx and .ods, or as .xls do.
func isWorkbook(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("\xD0\xCF\x11\xE0"))
}

// markup returns HTML or XML if a text begins as such, and otherwise "". No name of a column begins with a tag.
func markup(text []byte) string {
	text = bytes.ToLower(bytes.TrimLeft(text, " \t\r\n"))
	switch {
	case bytes.HasPrefix(text, []byte("<?xml")):
		return "XML"
	case bytes.HasPrefix(text, []byte("mime-version:")): // a page with its pictures, in one file
		return "HTML"
	case len(text) > 1 && text[0] == '<' && (text[1] == '!' || text[1] >= 'a' && text[1] <= 'z'):
		return "HTML"
	}
	return ""
}
