package cardfile_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"tongka/internal/cardfile"
)

// Lines of one field above the header are passed over and told, and the rows keep the numbers of their lines.
func TestTitleAboveTheHeader(t *testing.T) {
	t.Parallel()
	const title = "line 1, above the header: 会员资料表"
	for text, above := range map[string][]string{
		"会员资料表\n卡号,姓名,等级\nA0001,王五,普通\n":      {title},
		"会员资料表,,\n卡号,姓名,等级\nA0001,王五,普通\n":    {title},
		"会员资料表\n卡号;姓名;等级\nA0001;王五;普通\n":      {title},
		"会员资料表\n卡号\t姓名\t等级\nA0001\t王五\t普通\n":  {title},
		"会员资料表\n\n卡号,姓名,等级\nA0001,王五,普通\n":    {title},
		",,\n卡号,姓名,等级\nA0001,王五,普通\n":         nil,
		"\"会员\n名单\"\n卡号|姓名|等级\nA0001|王五|普通\n": {"line 1, above the header: 会员 名单"},
		"会员资料表\n导出时间：2026-01-05\n卡号,姓名,等级\nA0001,王五,普通\n": {
			title, "line 2, above the header: 导出时间：2026-01-05",
		},
		strings.Repeat("长", 90) + "\n卡号,姓名,等级\nA0001,王五,普通\n": {
			"line 1, above the header: " + strings.Repeat("长", 40) + "…",
		},
	} {
		for name, text := range map[string]string{"utf-8": text, "gbk": in(t, simplifiedchinese.GBK, text)} {
			file, err := cardfile.Look(strings.NewReader(text), "")
			if err != nil || !slices.Equal(file.Above, above) {
				t.Errorf("%s %q: got %+v, %v, want %q", name, text, file, err, above)
				continue
			}
			got, err := rows(t, text, levels)
			if want := strings.Count(text, "\n"); err != nil || len(got) != 1 || got[0].Line != want ||
				got[0].Card.Holder.Name != "王五" || got[0].Fault != (cardfile.Reason{}) {
				t.Errorf("%s %q: got %+v, %v", name, text, got, err)
			}
		}
	}
}

// A line above the header that may be a card is not passed over, and a file without a header is told as such. Neither
// tells what stands in the cards.
func TestNoHeaderInLine1(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"A0001,张三,1\n卡号,姓名,等级\nA0002,李四,1\n":      "the header is not in line 1 but in line 2: delete the lines above it",
		"会员资料表\n总店,张三\n\n卡号,姓名,等级\n":              "the header is not in line 1 but in line 4: ",
		"A0001,张三,1\nA0002,李四,1\n":                "its first line has no column that is known, so it is no header: want a line",
		"张三,,\n李四,,\n":                            "its first line has no column that is known",
		strings.Repeat("张三\n", 10) + "卡号,姓名,等级\n": "its first line has no column that is known",
	} {
		_, err := rows(t, text, levels)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "张三") {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
		if _, ok := errors.AsType[*cardfile.SettingError](err); ok {
			t.Errorf("%q: no setting helps: %v", text, err)
		}
	}
}

// Of many columns that are not known some are named, and of a long name its beginning.
func TestManyUnknownColumns(t *testing.T) {
	t.Parallel()
	header := "number,name,level," + strings.Repeat("长", 90)
	for n := range 59 {
		header += fmt.Sprintf(",u%d", n)
	}
	_, err := rows(t, header+"\n", levels)
	e, ok := errors.AsType[*cardfile.SettingError](err)
	if !ok || len(e.Values) != 19 || e.Values[18] != "u18" ||
		!strings.HasPrefix(e.Why, `column 4: there is no column "`+strings.Repeat("长", 40)+`…", column 5: `) ||
		!strings.Contains(e.Why, `column 23: there is no column "u18", and 40 columns more; the columns are`) {
		t.Errorf("got %v", err)
	}
}
