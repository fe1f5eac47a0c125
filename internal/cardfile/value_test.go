package cardfile_test

import (
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// readValue returns the card of a row with a text in one column, or why the row is refused.
func readValue(t *testing.T, column, text string) (command.NewCard, string) {
	t.Helper()
	got, err := rows(t, "number,name,level,"+column+"\nA0001,x,1,\""+text+"\"\n", levels)
	if err != nil || len(got) != 1 {
		t.Fatalf("%s %q: %v", column, text, err)
	}
	return got[0].Card, got[0].Fault.English
}

func wantValues[T comparable](t *testing.T, column string, of func(command.NewCard) T, values map[string]T) {
	t.Helper()
	for text, want := range values {
		if c, fault := readValue(t, column, text); fault != "" || of(c) != want {
			t.Errorf("%s %q: got %v, %q", column, text, of(c), fault)
		}
	}
}

func wantFaults(t *testing.T, column, want string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, fault := readValue(t, column, text); !strings.HasPrefix(fault, want) {
			t.Errorf("%s %q: got %q", column, text, fault)
		}
	}
}

// Values are accepted as other systems write them.
func TestValues(t *testing.T) {
	t.Parallel()
	wantValues(t, "birthday", func(c command.NewCard) ledger.Date { return c.Holder.Birthday }, map[string]ledger.Date{
		"2019/1/2 0:00": 20190102, "2019-01-02 00:00:00": 20190102, "2019-01-02T23:59:59.000": 20190102,
		"2019年1月2日": 20190102, "2019年01月02日 12:30": 20190102,
		"2019.1.2": 20190102, "20190102": 20190102, "２０１９-1-2": 20190102, "0000-00-00": 0, "0000-00-00 00:00:00": 0, "0": 0,
		"": 0, "-": 0, "无": 0, "NULL": 0, `\N`: 0,
	})
	wantFaults(t, "birthday", "birthday: not a", "2019/2/30", "2019/1", "1月2日", "2019-01-02 25", "tomorrow", "43467.5",
		"9999", "73416", "2958465", "2958466", "1990", "1", "43467.", "-43467")
	wantValues(t, "birthday", func(c command.NewCard) ledger.Date { return c.Holder.Birthday }, map[string]ledger.Date{
		"43831": 20200101, "43831.0": 20200101, "43831.00": 20200101, "４３８３１": 20200101, "10000": 19270518,
		"36584": 20000228, "36585": 20000229, "36586": 20000301, "73415": 21001231,
	})
	for text, want := range map[string]string{ // as it stands in the file
		"1月2日": `not a date: "1月2日", want YYYY-MM-DD`, "2019年2月30日": `not a day of the calendar: "2019年2月30日"`,
		"２０１９/2/30 8:00": `not a day of the calendar: "２０１９/2/30 8:00"`, "９９": "not a day: ９９: want YYYY-MM-DD",
		"099.0": "not a day: 099.0: want",
	} {
		wantFaults(t, "birthday", "birthday: "+want, text)
	}
	wantValues(t, "expires", func(c command.NewCard) ledger.Date { return c.Expires }, map[string]ledger.Date{
		"永久有效": 0, "長期": 0, "2030-12-31": 20301231, "47848": 20301231,
	})
	wantValues(t, "points", func(c command.NewCard) int64 { return c.Points }, map[string]int64{
		"5": 5, "5.0": 5, "5.00": 5, "1,234": 1234, "": 0, "-": 0, "５": 5, "-0": 0, "-0.00": 0,
	})
	wantFaults(t, "points", "points: not a whole number", "5.5", "5.", "1,23", "x", "1e3")
	wantValues(t, "principal", func(c command.NewCard) ledger.Fen { return c.Principal }, map[string]ledger.Fen{
		"5.0": 500, "1,234.50": 123450, "¥12": 1200, "12.5元": 1250, "￥1,000": 100000, "-": 0, "": 0,
		"-0": 0, "-0.00": 0, "－0.00": 0, "¥-0.00": 0, "-¥0": 0, "-0.0元": 0,
	})
	for _, column := range []string{"bonus", "owes"} {
		wantFaults(t, column, column+": less than nothing", "-5", "-0.01", "-5元", "-¥5", "¥-5.00", "- 5", "-1,234.50")
	}
	wantFaults(t, "principal", "principal: not an amount", "--5", "--0", "¥", "¥-", "-0-", "-x")
	wantFaults(t, "principal", "principal: ", "1.234", "1,23.4", "1.2.3", "12 元 5", "1E3", "-1.234", "-12345678901")
	for _, column := range []string{"principal", "balance"} { // what is below zero is owed
		wantValues(t, column, func(c command.NewCard) ledger.Fen { return c.Owes - c.Principal }, map[string]ledger.Fen{
			"-5": 500, "-5元": 500, "-¥5": 500, "¥-5.00": 500, "- 5": 500, "-1,234.50": 123450, "5": -500, "-0": 0,
		})
	}
	wantValues(t, "owes", func(c command.NewCard) ledger.Fen { return c.Owes }, map[string]ledger.Fen{
		"5": 500, "¥1,200.50": 120050, "": 0, "无": 0,
	})
	wantValues(t, "gender", func(c command.NewCard) int { return c.Holder.Gender }, map[string]int{
		"男": 1, "先生": 1, "女": 0, "保密": 0, "未知": 0, "M": 1, "": 0, "2": 0, "X": 0, "帅哥": 0,
	})
	wantValues(t, "status", func(c command.NewCard) ledger.Status { return c.Status }, map[string]ledger.Status{
		"": ledger.Active, "正常": ledger.Active, "掛失": ledger.Lost, "已冻结": ledger.Stopped,
	})
	wantValues(t, "remarks", func(c command.NewCard) string { return c.Details.Remarks }, map[string]string{
		"老客\r\n不吃辣\n": "老客 不吃辣",
	})
	wantValues(t, "phone", func(c command.NewCard) string { return c.Holder.Phone }, map[string]string{
		"无": "", "'13800005562": "13800005562", "'+8613800005562": "+8613800005562",
	})
}
