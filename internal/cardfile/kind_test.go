package cardfile_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"tongka/internal/cardfile"
)

// What is no CSV, though it is called so, is told as what it is, also where an encoding is named.
func TestNotCSV(t *testing.T) {
	t.Parallel()
	utf16 := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	for text, want := range map[string]string{
		"<html><body><table><tr><td>卡号</td></tr></table>": "is HTML, whatever it is called: open it in a spreadsheet " +
			"program, and save it as CSV UTF-8",
		"\uFEFF\r\n <!DOCTYPE html>\n<html>":       "is HTML",
		"<TABLE border=1><tr><td>number</td>":      "is HTML",
		"MIME-Version: 1.0\r\nContent-Type: x\r\n": "is HTML",
		"<?xml version=\"1.0\"?>\n<Workbook>":      "is XML",
		in(t, utf16, "<html>\n<table>"):            "is HTML",
		"%PDF-1.7\n%\xE2\xE3\n1 0 obj":             "is a PDF, and neither XLSX nor CSV",
		"\x89PNG\r\n\x1A\n\x00\x00\x00\rIHDR":      "is no table",
		"\xFF\xD8\xFF\xE0\x00\x10JFIF":             "is no table",
		"\x9Ea\x81\n\x00\x00\xFE\n":                "is no table",
		"PK\x03\x04\x14\x00":                       "is a spreadsheet's workbook",
		"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1":         "is a spreadsheet's workbook",
		"n\x00u\x00m\x00b\x00e\x00r\x00\r\x00":     "like UTF-16 without its mark",
	} {
		for _, told := range []cardfile.Encoding{"", cardfile.UTF8, cardfile.GB18030, cardfile.UTF16} {
			if _, err := cardfile.Look(strings.NewReader(text), told); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q as %q: got %v, want %q", text, told, err, want)
			}
		}
	}
}
