package cardfile_test

import (
	"strings"
	"testing"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// Values are understood as other systems write them.
func TestValues(t *testing.T) {
	t.Parallel()
	one := func(column, text string) (command.NewCard, string) {
		t.Helper()
		got, err := rows(t, "number,name,level,"+column+"\nA0001,x,1,\""+text+"\"\n", levels)
		if err != nil || len(got) != 1 {
			t.Fatalf("%s %q: %v", column, text, err)
		}
		return got[0].Card, got[0].Fault
	}
	for text, want := range map[string]ledger.Date{
		"2019/1/2 0:00": 20190102, "2019-01-02 00:00:00": 20190102, "2019-01-02T23:59:59.000": 20190102, "2019年1月2日": 20190102, "2019年01月02日 12:30": 20190102,
		"2019.1.2": 20190102, "20190102": 20190102, "２０１９-1-2": 20190102, "0000-00-00": 0, "0000-00-00 00:00:00": 0, "0": 0, "": 0, "-": 0, "无": 0, "NULL": 0, `\N`: 0,
	} {
		if c, fault := one("birthday", text); fault != "" || c.Holder.Birthday != want {
			t.Errorf("%q: got %v, %q", text, c.Holder.Birthday, fault)
		}
	}
	for _, text := range []string{"2019/2/30", "2019/1", "1月2日", "43467", "2019-01-02 25", "tomorrow"} {
		if _, fault := one("birthday", text); !strings.HasPrefix(fault, "birthday: not a") {
			t.Errorf("%q: got %q", text, fault)
		}
	}
	for text, want := range map[string]ledger.Date{"永久有效": 0, "長期": 0, "2030-12-31": 20301231} {
		if c, fault := one("expires", text); fault != "" || c.Expires != want {
			t.Errorf("%q: got %v, %q", text, c.Expires, fault)
		}
	}
	for text, want := range map[string]int64{"5": 5, "5.0": 5, "5.00": 5, "1,234": 1234, "": 0, "-": 0, "５": 5} {
		if c, fault := one("points", text); fault != "" || c.Points != want {
			t.Errorf("%q: got %d, %q", text, c.Points, fault)
		}
	}
	for _, text := range []string{"5.5", "5.", "1,23", "x", "1e3"} {
		if _, fault := one("points", text); !strings.HasPrefix(fault, "points: not a whole number") {
			t.Errorf("%q: got %q", text, fault)
		}
	}
	for text, want := range map[string]ledger.Fen{"5.0": 500, "1,234.50": 123450, "¥12": 1200, "12.5元": 1250, "￥1,000": 100000, "-": 0, "": 0} {
		if c, fault := one("principal", text); fault != "" || c.Principal != want {
			t.Errorf("%q: got %v, %q", text, c.Principal, fault)
		}
	}
	for _, text := range []string{"1.234", "-5", "1,23.4", "1.2.3", "12 元 5", "1E3"} {
		if _, fault := one("principal", text); !strings.HasPrefix(fault, "principal: ") {
			t.Errorf("%q: got %q", text, fault)
		}
	}
	for text, want := range map[string]int{"男": 1, "先生": 1, "女": 0, "保密": 0, "未知": 0, "M": 1, "": 0} {
		if c, fault := one("gender", text); fault != "" || c.Holder.Gender != want {
			t.Errorf("%q: got %d, %q", text, c.Holder.Gender, fault)
		}
	}
	for text, want := range map[string]ledger.Status{"": ledger.Active, "正常": ledger.Active, "掛失": ledger.Lost, "已冻结": ledger.Stopped} {
		if c, fault := one("status", text); fault != "" || c.Status != want {
			t.Errorf("%q: got %d, %q", text, c.Status, fault)
		}
	}
	if c, fault := one("remarks", "老客\r\n不吃辣\n"); fault != "" || c.Details.Remarks != "老客 不吃辣" {
		t.Errorf("remarks of two lines: got %q, %q", c.Details.Remarks, fault)
	}
	if c, fault := one("phone", "无"); fault != "" || c.Holder.Phone != "" {
		t.Errorf("no phone: got %q, %q", c.Holder.Phone, fault)
	}
}
