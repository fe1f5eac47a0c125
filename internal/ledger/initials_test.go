package ledger_test

import (
	"slices"
	"strings"
	"testing"

	"tongka/internal/ledger"
)

func TestInitials(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"赵睿": "zr", "李 明": "lm", "Anna 李": "annal", "李2": "l2", "欧阳玥": "oyy",
		"Anna": "", "": "", "先生": "xs", "1234": "", "·": "", "𠮷": "",
	} {
		if got := strings.Join(ledger.Initials(name), " "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for name, among := range map[string]string{
		"曾国藩": "zgf", "王雯": "ww", "单田芳": "stf", "仇英": "qy", "解晓东": "xxd", "张三": "zs", "朴树": "ps", "重庆": "cq", "长孙": "zs",
		"行行行行行行": "xxxxxx",
	} {
		if got := ledger.Initials(name); !slices.Contains(got, among) || len(got) > 6 {
			t.Errorf("%s: %q, want %s among them", name, got, among)
		}
	}
}
