package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"tongka/internal/cardfile"
	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/job"
	"tongka/internal/ledger"
	"tongka/internal/sheet"
)

// desk returns what works on the jobs of a world.
func (w *world) desk() *job.Runner {
	desk := &job.Desk{
		Books: w.store, Start: func() job.Starter { return w.engine.Bulk(nil) }, Clock: w.clock,
		Seal: vault{}.Seal, Unseal: vault{}.Unseal, HashPassword: w.console.cfg.HashPassword,
	}
	kinds, exports := desk.Kinds(), CardExports{Books: w.store, Clock: w.clock}
	kinds[cardfile.JobExport] = func(ctx context.Context, r *job.Running) (any, error) {
		return exports.Make(ctx, &r.Job, r)
	}
	return &job.Runner{
		Jobs: w.store, Kinds: kinds, Clock: w.clock, Logger: slog.New(slog.NewJSONHandler(w.log, nil)),
	}
}

// work works on the jobs that were asked for.
func (w *world) work() {
	w.t.Helper()
	w.must(w.desk().Round(w.t.Context()))
}

// uploads sends a file and fields, given as pairs of a name and a value.
func (b *tab) uploads(name, content string, pairs ...string) *httptest.ResponseRecorder {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if !slices.Contains(pairs, "at") {
		pairs = append(pairs, "at", "11")
	}
	for i := 0; i < len(pairs); i += 2 {
		b.must(form.WriteField(pairs[i], pairs[i+1]))
	}
	part, err := form.CreateFormFile("file", name)
	b.must(err)
	_, err = part.Write([]byte(content))
	b.must(err)
	b.must(form.Close())
	r := b.request(http.MethodPost, importAt, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.serve(r)
}

// then follows a redirect to a job that was begun, and works on it.
func (b *tab) then(rec *httptest.ResponseRecorder) (path, page string) {
	b.t.Helper()
	if rec.Code != http.StatusSeeOther {
		b.t.Fatalf("no job was begun: %d %s", rec.Code, fault(rec.Body.String()))
	}
	b.work()
	path = rec.Header().Get("Location")
	return path, b.get(path).Body.String()
}

// cardJobs adds jobs of the person admin that are done: one of each kind about many cards that leads on.
func (w *world) cardJobs(m ledger.MerchantID) {
	w.t.Helper()
	for id, j := range map[string]ledger.Job{
		"look":   {Kind: cardfile.JobLook, Ask: `{"name":"canary.csv","shop":11}`, Result: `{"columns":[{"header":"canary"}]}`},
		"check":  {Kind: cardfile.JobCheck, Ask: `{"name":"canary.csv","shop":11}`, Result: `{"opened":1}`},
		"import": {Kind: cardfile.JobImport, Ask: `{"name":"canary.csv","behind":"check","shop":11}`, Result: `{"opened":1}`},
		"undo":   {Kind: cardfile.JobUndoCheck, Ask: `{"name":"canary.csv","import":"import"}`, Result: `{"cards":1,"closed":1}`},
		"series": {Kind: codes.JobSeries, Ask: `{"name":"x","passwords":true}`, Result: `{"opened":1,"sealed":true}`},
	} {
		j.Merchant, j.ID, j.Person, j.At, j.EndedAt, j.State = m, id, 2, w.clock(), w.clock(), ledger.JobDone
		w.must(w.store.AddJob(w.t.Context(), j,
			ledger.JobFile{Name: cardfile.Uploaded, Content: []byte("canary")},
			ledger.JobFile{Name: cardfile.Brought, Content: []byte("[]")},
			ledger.JobFile{Name: codes.SeriesSealed, Content: vault{}.Seal(codes.SeriesContext(int64(m), "x"), []byte("canary"))}))
	}
}

const importAt = "/console/m/1/import"

// cardsCSV is a file with cards that can be imported and with some that cannot, and with what must not be carried out.
const cardsCSV = "会员卡号,姓名,手机,门派,卡余额,赠送,积分,生日,状态\n" +
	"00123,王五 <script>,+86 138-0013-8000,武当,\"¥1,200.50\",200.50,12,2019/1/2,正常\n" +
	"A2,\"'=HYPERLINK(1)\",13800138001,峨眉,10,0,,,挂失\n" +
	"A3,赵七,1.38E+10,少林,10,0,,,正常\n" +
	"*4,周八,13800138003,,abc,,,,\n" +
	"A2,孙九,,,1,0,,,\n"

// meantAs returns a form that says what the columns of a file are.
func meantAs(meanings ...string) (form []string) {
	for i, m := range meanings {
		form = append(form, fmt.Sprintf("column%d", i), m)
	}
	return form
}

var cardsMeanings = meantAs("number", "name", "phone", "", "balance", "bonus", "points", "birthday", "status")

// A form that is sent twice is one job; with another file or with other columns, as somebody who has gone back in the
// browser sends it, it is another.
func TestImportsOfOneFormDiffer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("manager")
	to := func(rec *httptest.ResponseRecorder) string { return rec.Header().Get("Location") }
	upload := func(content string) string { return to(b.uploads("a.csv", content, "request", "r1", "encoding", "")) }
	first := upload(cardsCSV)
	if first == "" || upload(cardsCSV) != first {
		t.Error("a file that is sent twice is looked at twice")
	}
	if upload(cardsCSV+"A7,李十,13800138009,,1,0,,,\n") == first {
		t.Error("another file leads to the look at the one before")
	}
	w.work()
	look := strings.Replace(first, "/jobs/", "/import/", 1)
	try := func(level string) string {
		return to(b.post(look, append(cardsMeanings, "level", level, "request", "r2")...))
	}
	trial := try("1")
	if trial == "" || try("1") != trial {
		t.Error("columns that are sent twice are tried twice")
	}
	if try("2") == trial {
		t.Error("another level leads to the trial of the one before")
	}
}

// A file goes four steps to cards: each is a page that can be loaded again, and only the last opens any.
func TestImportPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("manager")
	if page := b.get(importAt).Body.String(); !strings.Contains(page, `type="file"`) {
		t.Error("there is no form for a file")
	}
	at, page := b.then(b.uploads("旧系统.csv", cardsCSV, "request", "r1", "encoding", ""))
	for _, want := range []string{
		"旧系统.csv", "门派", wDoubt.Zh, `<option value="number" selected`, `<option value="phone" selected`, "武当",
		"00123", "王五 &lt;script&gt;",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the columns lack %q", want)
		}
	}
	look := strings.Replace(at, "/jobs/", "/import/", 1)
	if got := b.get(look); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "门派") {
		t.Errorf("the columns' own page: %d", got.Code)
	}
	at, page = b.then(b.post(look, append(cardsMeanings, "level", "1", "request", "r2")...))
	for _, want := range []string{
		wWouldAdd.Zh, ">2<", "1,010.00", ">200.50<", ">3<", "手机号", "不能是科学计数", "不是金额", "该卡号已存在，或者在文件中重复", wDoImport.with(2).Zh,
		"+86 138-0013-8000", "¥1,200.50", "2019-01-02", "files/reasons.csv",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the trial lacks %q: %s", want, page)
		}
	}
	if w.card("00123") != nil {
		t.Fatal("a trial has opened a card")
	}
	file := b.get(at + "/files/reasons.csv").Body.String()
	if !strings.Contains(file, "拒绝原因,会员卡号,姓名") || !strings.Contains(file, "'=HYPERLINK(1)") ||
		strings.Count(file, "\n") != 6 || !strings.Contains(file, "\n手机号：") && !strings.Contains(file, "不能是科学计数") {
		t.Errorf("the file with reasons: %s", file)
	}
	sure := append(hidden(page), "x", "y")
	_, page = b.then(b.post(strings.Replace(at, "/jobs/", "/import/", 1)+"/confirm", sure...))
	for _, want := range []string{wAdded.Zh, ">2<", "files/reasons.csv"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	c := w.card("00123")
	if c == nil || c.Principal != 1000_00 || c.Bonus != 200_50 || c.Points != 12 || c.Level != 1 ||
		c.Holder != (ledger.Holder{Name: "王五 <script>", Phone: "13800138000", Birthday: 2019_01_02}) {
		t.Errorf("opened %+v", c)
	}
	if e := w.newestOf("00123"); e.By.Person != 3 || e.By.Operator != "manager" || e.By.Shop != 11 || e.By.Address != "" {
		t.Errorf("by %+v", e.By)
	}
	if c := w.card("A2"); c == nil || c.Status != ledger.Lost {
		t.Errorf("opened %+v", c)
	}
}

// The workbook comes back as one, in the language of whoever asked, and can be imported again when it is mended.
func TestImportWorkbook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	b.language = "en"
	f := excelize.NewFile()
	for at, v := range map[string]any{
		"A1": "卡号", "B1": "姓名", "C1": "手机", "A2": "00123", "B2": "王五", "C2": 13800138000,
		"A3": 6222021234567890, "B3": "=1+1", "A4": "A4",
	} {
		w.must(f.SetCellValue("Sheet1", at, v))
	}
	var book bytes.Buffer
	w.must(f.Write(&book))
	at, _ := b.then(b.uploads("cards.xlsx", book.String()))
	at, page := b.then(b.post(strings.Replace(at, "/jobs/", "/import/", 1),
		append(meantAs("number", "name", "phone"), "level", "2")...))
	if !strings.Contains(page, wDoImport.with(1).En) || !strings.Contains(page, "want 1 to 40") &&
		!strings.Contains(page, "files/reasons.xlsx") {
		t.Fatalf("the trial: %s", page)
	}
	rec := b.get(at + "/files/reasons.xlsx")
	var rows [][]string
	w.must(sheet.ReadXLSX(rec.Body.Bytes(), 1<<20, func(row []string) error {
		rows = append(rows, append([]string{}, row...))
		return nil
	}))
	if len(rows) != 4 || rows[0][0] != "reason" || rows[1][0] != "" || rows[2][0] == "" || rows[2][2] != "'=1+1" ||
		rows[3][0] != "name: cannot be empty" && !strings.Contains(rows[3][0], "name") {
		t.Errorf("the workbook with reasons: %q", rows)
	}
	_, page = b.then(b.uploads("again.xlsx", rec.Body.String()))
	if !strings.Contains(page, "column3") || strings.Contains(page, wUnreadable.En) {
		t.Errorf("it cannot be imported again: %s", page)
	}
}

// What cannot be read is told in both languages, and what is wrong with the columns beside each; nothing that was
// chosen is lost.
func TestImportFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	for name, c := range map[string]struct {
		content string
		code    int
		want    string
	}{
		"":          {"x", http.StatusUnprocessableEntity, wNoFile.Zh},
		"empty.csv": {"", http.StatusUnprocessableEntity, wFileEmpty.Zh},
		"large.csv": {strings.Repeat("x", ledger.MaxJobFile+1), http.StatusRequestEntityTooLarge, wFileLarge.Zh},
		"huge.csv":  {strings.Repeat("x", maxUpload), http.StatusRequestEntityTooLarge, wFileLarge.Zh},
	} {
		got := b.uploads(name, c.content, "encoding", "big5")
		if got.Code != c.code || !strings.Contains(got.Body.String(), c.want) ||
			!strings.Contains(got.Body.String(), `value="big5" selected`) {
			t.Errorf("%s: %d %s", name, got.Code, fault(got.Body.String()))
		}
	}
	for content, want := range map[string]string{
		"张三,138\n": "不是表头", "PK\x03\x04": "不是能读取的工作簿", "<html><table>": "HTML", "\n\n": "是空的",
		"\x89PNG\r\n\x1A\n\x00\x00\x00\rIHDR": "不是表格文件",
	} {
		_, page := b.then(b.uploads("cards.xls", content))
		if !strings.Contains(page, wUnreadable.Zh) || !strings.Contains(page, want) ||
			!strings.Contains(page, wJobFailed.Zh) ||
			strings.Contains(page, wJobDone.Zh) || strings.Contains(page, wJobBroke.Zh) {
			t.Errorf("%q: %s", content, page)
		}
	}
	at, _ := b.then(b.uploads("cards.csv", cardsCSV))
	look := strings.Replace(at, "/jobs/", "/import/", 1)
	for _, c := range []struct {
		meanings string
		level    string
		want     text
	}{
		{"name", "1", wNoNumber}, {"number", "1", wNoNameAt}, {"number,name", "0", wNoLevelAt},
		{"number,name", "77", wNoLevelAt}, {"number,name,name", "1", wTwice}, {"number,name,nonsense", "1", wChoose},
	} {
		got := b.post(look, append(meantAs(strings.Split(c.meanings+",,remarks", ",")...), "level", c.level)...)
		page := got.Body.String()
		if got.Code != http.StatusUnprocessableEntity || !strings.Contains(page, c.want.Zh) ||
			!strings.Contains(page, `<option value="remarks" selected`) {
			t.Errorf("%s: %d %s", c.meanings, got.Code, fault(page))
		}
	}
}

// The form of the confirmation that is sent twice is one import; confirmed again, it opens nothing more.
func TestImportOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	at, _ := b.then(b.uploads("cards.csv", cardsCSV))
	at, page := b.then(b.post(strings.Replace(at, "/jobs/", "/import/", 1), append(cardsMeanings, "level", "1")...))
	confirm := strings.Replace(at, "/jobs/", "/import/", 1) + "/confirm"
	first, second := b.post(confirm, hidden(page)...), b.post(confirm, hidden(page)...)
	if first.Header().Get("Location") != second.Header().Get("Location") {
		t.Error("a form that is sent twice begins two imports")
	}
	b.then(first)
	_, page = b.then(b.post(confirm, "request", "another"))
	if !strings.Contains(page, wAddedOnce.Zh) {
		t.Errorf("an import that is confirmed again: %s", page)
	}
	for path, want := range map[string]int{
		confirm + "x": http.StatusNotFound, importAt + "/none": http.StatusNotFound,
		importAt + "/none/confirm": http.StatusNotFound,
	} {
		if got := b.post(path); got.Code != want {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
	if got := w.signedIn("stranger").get(strings.Replace(confirm, "/m/1/", "/m/2/", 1)); got.Code != http.StatusNotFound &&
		got.Code != http.StatusMethodNotAllowed {
		t.Errorf("a job of another merchant: %d", got.Code)
	}
}

// What cards owe and their coupons come along, with totals; a gender that is not known is told.
func TestImportOfDebtsAndCoupons(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("manager")
	at, page := b.then(b.uploads("cards.csv",
		"卡号,姓名,余额,挂账,性别,优惠券,券有效期至\nA1,甲,20,35,帅哥,满减券×2,2027-01-31\nA2,乙,-7,,男,,\nA3,丙,0,,女,无此券,\n"))
	if !strings.Contains(page, `<option value="1" selected`) {
		t.Error("no column is the level, and none is chosen")
	}
	for _, m := range []string{"owes", "coupon", "coupon_until"} {
		if !strings.Contains(page, `<option value="`+m+`" selected`) {
			t.Errorf("the column %s is not recognised", m)
		}
	}
	look := strings.Replace(at, "/jobs/", "/import/", 1)
	got := b.post(look, append(meantAs("number", "name", "balance", "owes", "gender", "", "coupon_until"), "level", "1")...)
	if got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), wNoCouponsAt.Zh) {
		t.Errorf("a last day of no coupons: %d %s", got.Code, fault(got.Body.String()))
	}
	at, page = b.then(b.post(look, append(
		meantAs("number", "name", "balance", "owes", "gender", "coupon", "coupon_until"), "level", "1")...))
	for _, want := range []string{wDebt.Zh, ">42.00<", wBroughtLeft.Zh, ">-22.00<", wCoupons.Zh, ">2<", wGenders.Zh, "帅哥", "商户没有券种“无此券”"} {
		if !strings.Contains(page, want) {
			t.Errorf("the trial lacks %q: %s", want, page)
		}
	}
	b.then(b.post(strings.Replace(at, "/jobs/", "/import/", 1)+"/confirm", hidden(page)...))
	one, two := w.card("A1"), w.card("A2")
	if one == nil || two == nil || one.Principal != -15_00 || one.Debt() != 35_00 || two.Debt() != 7_00 ||
		two.Holder.Gender != 1 {
		t.Fatalf("opened %+v and %+v", one, two)
	}
	coupons, err := w.store.Coupons(t.Context(), ledger.CouponQuery{Merchant: 1, Card: one.ID, Limit: 9})
	if err != nil || len(coupons) != 2 || coupons[0].Until != 2027_01_31 || coupons[0].State != ledger.Unused {
		t.Errorf("%+v, %v", coupons, err)
	}
}

// Nothing more is to be taken back of an import of which no card is left.
func TestUndoOfAWholeImport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("manager")
	at, _ := b.then(b.uploads("cards.csv", cardsCSV))
	trial, page := b.then(b.post(strings.Replace(at, "/jobs/", "/import/", 1), append(cardsMeanings, "level", "1")...))
	imported, _ := b.then(b.post(strings.Replace(trial, "/jobs/", "/import/", 1)+"/confirm", hidden(page)...))
	undo := strings.Replace(imported, "/jobs/", "/import/", 1) + "/undo"
	check, page := b.then(b.post(undo, "request", "u1"))
	b.then(b.post(strings.Replace(check, "/jobs/", "/import/", 1)+"/undo/confirm", hidden(page)...))
	page = b.get(imported).Body.String()
	if !strings.Contains(page, wImportUndone.Zh) || strings.Contains(page, `action="`+undo+`"`) {
		t.Errorf("it can be taken back again: %s", page)
	}
}

// An import is taken back in two steps: what would become of its cards, and doing it. Then the trial of it is over, and
// the mended file opens cards of the same numbers.
func TestUndoOfAnImport(t *testing.T) { //nolint:funlen // one story, or one table
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("manager")
	at, _ := b.then(b.uploads("cards.csv", cardsCSV))
	trial, page := b.then(b.post(strings.Replace(at, "/jobs/", "/import/", 1), append(cardsMeanings, "level", "1")...))
	confirm := strings.Replace(trial, "/jobs/", "/import/", 1) + "/confirm"
	imported, page := b.then(b.post(confirm, hidden(page)...))
	undo := strings.Replace(imported, "/jobs/", "/import/", 1) + "/undo"
	if !strings.Contains(page, wUndoImport.Zh) || !strings.Contains(page, `action="`+undo+`"`) {
		t.Fatalf("it cannot be taken back: %s", page)
	}
	if other := w.signedIn("cashier").get(imported); strings.Contains(other.Body.String(), wUndoImport.Zh) {
		t.Error("somebody may take it back who may not import")
	}
	_, err := w.engine.Do(t.Context(), command.CancelLoss{Merchant: 1, Card: "A2"})
	w.must(err)
	check, page := b.then(b.post(undo, "request", "u1"))
	for _, want := range []string{
		fmt.Sprintf(`/console/m/1/cards/%d"`, w.card("A2").ID), wWouldClose.Zh, "cards.csv", "1,000.00", "200.50", wDoUndo.with(1).Zh, "A2", "卡在导入之后已有业务", "files/left.xlsx",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("what would happen lacks %q: %s", want, page)
		}
	}
	if w.card("00123") == nil {
		t.Fatal("it was taken back before that was confirmed")
	}
	done, page := b.then(b.post(strings.Replace(check, "/jobs/", "/import/", 1)+"/undo/confirm", hidden(page)...))
	for _, want := range []string{wClosedNow.Zh, "files/left.xlsx", wImportAgain.Zh} {
		if !strings.Contains(page, want) {
			t.Errorf("what was done lacks %q: %s", want, page)
		}
	}
	if rec := b.get(done + "/files/left.xlsx"); rec.Code != http.StatusOK {
		t.Errorf("the list of the cards that stay: %d", rec.Code)
	}
	if w.card("00123") != nil || w.card("A2") == nil {
		t.Error("other cards were taken back than was told")
	}
	for _, list := range []string{"cards", "cards?sort=used-down", "cards.csv", "cards?q=00123"} {
		if page := b.get("/console/m/1/" + list).Body.String(); strings.Contains(page, "=00123=") {
			t.Errorf("cards that were taken back are in %s", list)
		}
	}
	page = b.get("/console/m/1/cards?status=returned").Body.String()
	if !strings.Contains(page, ">00123<") || !strings.Contains(page, "导入已撤销") || strings.Contains(page, "=00123=") {
		t.Error("cards that were taken back are not among those that are closed, by the numbers that they had")
	}
	if page := b.get(imported).Body.String(); !strings.Contains(page, wImportUndone.Zh) {
		t.Error("the import does not say that it was taken back")
	} else if !strings.Contains(page, `action="`+undo+`"`) {
		t.Error("the card that was left cannot be taken back later")
	}
	if e := w.newestOf("=00123=" + fmt.Sprint(w.card("A2").ID-1)); e.Kind != ledger.OpeningReversed || e.By.Person != 3 ||
		e.By.Shop != 11 {
		t.Errorf("taken back by %+v", e)
	}
	page = b.get(trial).Body.String()
	if !strings.Contains(page, wImportOver.Zh) || b.post(confirm).Code != http.StatusNotFound {
		t.Error("the trial can be confirmed again")
	}
	at, _ = b.then(b.uploads("cards.csv", cardsCSV))
	at, page = b.then(b.post(strings.Replace(at, "/jobs/", "/import/", 1), append(cardsMeanings, "level", "1")...))
	b.then(b.post(strings.Replace(at, "/jobs/", "/import/", 1)+"/confirm", hidden(page)...))
	if c := w.card("00123"); c == nil || c.Principal != 1000_00 {
		t.Errorf("imported again: %+v", c)
	}
	for _, path := range []string{importAt + "/none/undo", importAt + "/none/undo/confirm", trial + "/undo/confirm"} {
		if got := b.post(path); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

// What a file brings above the limit of a second person takes one: whoever tried it cannot confirm it, and the entries
// name both.
func TestImportTakesTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	to := *w.settings()
	to.Settings.SecondPerson = 500_00
	_, err := w.engine.Do(t.Context(), command.ChangeSettings{Merchant: 1, To: to})
	w.must(errors.Join(err, w.dir.Refresh(t.Context())))
	manager, admin := w.signedIn("manager"), w.signedIn("admin")
	tried := func(file string) (path, confirm string) {
		at, _ := manager.then(manager.uploads("cards.csv", file))
		at, _ = manager.then(manager.post(strings.Replace(at, "/jobs/", "/import/", 1),
			append(meantAs("number", "principal", "points", "name"), "level", "1")...))
		return at, strings.Replace(at, "/jobs/", "/import/", 1) + "/confirm"
	}
	at, confirm := tried("卡号,本金,积分,姓名\nB1,300,0,甲\nB2,200.01,0,乙\n")
	page := manager.get(at).Body.String()
	if !strings.Contains(page, wOtherConfirms.Zh) || strings.Contains(page, confirm) {
		t.Error("who tried it is offered to confirm it")
	}
	if got := manager.post(confirm).Code; got != http.StatusForbidden || w.card("B1") != nil {
		t.Errorf("confirmed by who tried it: %d", got)
	}
	waits := func(b *tab) bool {
		return strings.Contains(b.get("/console/m/1/").Body.String(), wImportWaits.Zh+"cards.csv")
	}
	if !waits(admin) || waits(manager) {
		t.Error("Today does not tell the other one, or tells who tried it")
	}
	admin.then(admin.post(confirm))
	if waits(admin) {
		t.Error("it is confirmed, and waits still")
	}
	if e := w.newestOf("B1"); w.card("B2") == nil || e.By.Person != 2 || e.By.Proposer != 3 {
		t.Errorf("confirmed by another: %+v", e)
	}
	_, confirm = tried("卡号,本金,积分,姓名\nB3,500,0,甲\n") // not above it
	if manager.then(manager.post(confirm)); w.card("B3") == nil || w.newestOf("B3").By.Proposer != 0 {
		t.Error("below the limit it takes two")
	}
	_, confirm = tried("卡号,本金,积分,姓名\nB4,0,50001,甲\n") // 100 points are worth a yuan
	if got := manager.post(confirm).Code; got != http.StatusForbidden {
		t.Errorf("points above the limit: %d", got)
	}
	// A person who confirms what an agent has tried is the only one.
	w.must(w.store.AddJob(t.Context(), ledger.Job{
		Merchant: 1, ID: "agents", Kind: cardfile.JobCheck, Ask: "{}", Agent: 7, At: w.clock(), State: ledger.JobDone,
		Result: `{"opened":1,"principal_fen":50001}`,
	}, ledger.JobFile{Name: cardfile.Uploaded}))
	if got := admin.post(importAt + "/agents/confirm").Code; got != http.StatusForbidden {
		t.Errorf("an agent's trial above the limit: %d", got)
	}
}

// Whoever has some shops only ends and takes back nothing of others, and has no files of theirs. The rows of a file
// that are taken again are an export.
func TestJobsOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.cardJobs(1)
	add := func(id string, person ledger.PersonID, state ledger.JobState, ask string) {
		w.must(w.store.AddJob(t.Context(), ledger.Job{
			Merchant: 1, ID: id, Kind: cardfile.JobImport, Ask: ask, Person: person, At: w.clock(), State: state,
			Result: `{"rows":7,"refused":7}`,
		}, ledger.JobFile{Name: cardfile.Told + ".csv", Content: []byte("13800138000")}, ledger.JobFile{Name: cardfile.Brought}))
	}
	add("far", 2, ledger.JobDone, `{"shop":12}`)
	add("runs", 2, ledger.JobRuns, `{"shop":12}`)
	add("mine", 3, ledger.JobDone, `{"shop":11}`)
	b := w.signedIn("manager")
	for path, want := range map[string]int{
		importAt + "/far/undo": http.StatusForbidden, "/console/m/1/jobs/runs/cancel": http.StatusForbidden,
	} {
		if got := b.post(path).Code; got != want {
			t.Errorf("%s: %d", path, got)
		}
	}
	if got := b.get("/console/m/1/jobs/far/files/" + cardfile.Told + ".csv").Code; got != http.StatusNotFound {
		t.Errorf("the file of another: %d", got)
	}
	if strings.Contains(b.get("/console/m/1/jobs/runs").Body.String(), "/cancel") {
		t.Error("the end of another's job is offered")
	}
	if got := b.get("/console/m/1/jobs/mine/files/" + cardfile.Told + ".csv"); got.Code != http.StatusOK {
		t.Errorf("one's own: %d", got.Code)
	}
	taken := w.exports()
	if len(taken) != 1 || taken[0].By.Person != 3 || !strings.HasPrefix(taken[0].Note, cardfile.Told) {
		t.Errorf("what was taken is no entry: %+v", taken)
	}
}

// The template has columns that an import knows, in both languages.
func TestImportTemplate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, language := range []string{"zh", "en"} {
		b := w.signedIn("admin")
		b.language = language
		got := b.get(importAt + "/template.xlsx")
		text, _, err := cardfile.Text(got.Body.Bytes())
		w.must(err)
		f, err := cardfile.Look(bytes.NewReader(text), "")
		w.must(err)
		columns, err := f.Columns()
		w.must(err)
		for _, c := range columns {
			if c.Doubt || c.Meaning == "" {
				t.Errorf("%s: nobody knows %q", language, c.Header)
			}
		}
		if len(columns) != 15 {
			t.Errorf("%s: %d columns", language, len(columns))
		}
	}
}

// Every column has a word in both languages, and what is in a job's row can be read.
func TestMeaningWords(t *testing.T) {
	t.Parallel()
	for _, m := range cardfile.Meanings {
		if said := meaningWords[m]; said.Zh == "" || said.En == "" {
			t.Errorf("%s has no word", m)
		}
	}
	b, err := json.Marshal(cardfile.Outcome{Report: cardfile.Report{Rows: 3, Principal: 5}})
	if err != nil || string(b) != `{"rows":3,"opened":0,"opened_before":0,"refused":0,"taken":0,"alike":0,"principal_fen":5,"bonus_fen":0,"points":0}` {
		t.Errorf("got %s, %v", b, err)
	}
}

// A file whose name cannot be kept is refused for its name, however that was sent, and not for what is in it.
func TestUploadWithABadName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.signedIn("admin")
	for _, disposition := range []string{
		"filename=\"a\x00b.csv\"", "filename=\"a\x01b.csv\"", "filename=\"a\u202eb.csv\"", "filename*=UTF-8''a%00b.csv",
		"filename*=UTF-8''a%0Db.csv", `filename="` + strings.Repeat("a", 300) + `.csv"`,
	} {
		body := "--x\r\nContent-Disposition: form-data; name=\"file\"; " + disposition + "\r\n\r\nnumber\r\n1\r\n--x--\r\n"
		r := b.request(http.MethodPost, importAt, strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		if got := b.serve(r); got.Code != http.StatusUnprocessableEntity ||
			!strings.Contains(got.Body.String(), wFileName.Zh) {
			t.Errorf("%q: %d %s", disposition, got.Code, fault(got.Body.String()))
		}
	}
	if got := b.uploads("", ""); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), wNoFile.Zh) {
		t.Errorf("no file: %d %s", got.Code, fault(got.Body.String()))
	}
}

// The cards of a file are opened at the shop that was chosen with it and is shown, wherever whoever confirms was last,
// and nobody confirms what is opened at a shop of others.
func TestImportAtTheChosenShop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signedIn("admin")
	if page := admin.get(importAt).Body.String(); !strings.Contains(page, `<option value="12"`) {
		t.Errorf("no shop is offered: %s", words(page))
	}
	for _, at := range []string{"", "21", "x"} {
		if got := admin.uploads("a.csv", "卡号,姓名\nB1,甲\n", "at", at); got.Code != http.StatusForbidden {
			t.Errorf("at %q: %d", at, got.Code)
		}
	}
	at, page := admin.then(admin.uploads("a.csv", "卡号,姓名\nB1,甲\n", "at", "12"))
	if !strings.Contains(words(page), wOpenedAt.Zh+" 湖滨店") {
		t.Errorf("the shop is not shown: %s", words(page))
	}
	at, page = admin.then(admin.post(strings.Replace(at, "/jobs/", "/import/", 1),
		append(meantAs("number", "name"), "level", "1")...))
	if !strings.Contains(words(page), wOpenedAt.Zh+" 湖滨店") {
		t.Errorf("the trial does not show the shop: %s", words(page))
	}
	confirm := strings.Replace(at, "/jobs/", "/import/", 1) + "/confirm"
	if got := w.signedIn("manager").post(confirm); got.Code != http.StatusForbidden {
		t.Errorf("confirmed by the manager of another shop: %d", got.Code)
	}
	elsewhere := w.signedIn("admin")
	cookie := httpd.Cookie(w.console.cfg.URL, shopCookie)
	cookie.Value = "11"
	elsewhere.cookies[cookie.Name] = &cookie
	elsewhere.then(elsewhere.post(confirm))
	if card := w.card("B1"); card == nil || card.OpenedShop != 12 {
		t.Errorf("opened %+v", card)
	}
}
