package console

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
	"tongka/internal/phrase"
	"tongka/internal/sheet"
)

// seriesRoutes are of those who issue many cards at once.
var seriesRoutes = []route{
	{"GET /console/m/{merchant}/series", "series", inside, ledger.MayOpen, (*call).showSeries},
	{"POST /console/m/{merchant}/series", "series", inside, ledger.MayOpen, (*call).issueSeries},
	{"POST /console/m/{merchant}/series/{series}/file", "series file", inside, ledger.MayOpen, (*call).takeSeries},
}

// seriesJob is what the console knows of jobs that issue a series.
var seriesJob = &jobKind{
	title: wSeries, needs: ledger.MayOpen, result: seriesResult, files: map[string]text{codes.SeriesFile: wCardsFile},
	taken: (*call).seriesTaken,
}

// issuing is what issues a series, as a form.
var issuing = &act{
	name: "series", title: wSeries, needs: ledger.MayOpen,
	fields: []field{
		{name: "count", label: wHowMany, hint: wHowManyHelp, kind: inCount, need: true},
		{name: "level", label: wLevel, kind: inLevel, need: true},
		{name: "numbers", label: wNumbers, kind: inNumbers, need: true},
		{name: "prefix", label: wPrefix, hint: wPrefixHelp},
		{name: "start", label: wStartAt, hint: wStartHelp, kind: inCount},
		{name: "digits", label: wDigits, hint: wDigitsHelp, kind: inCount},
		{name: "check", label: wCheckDigit, hint: wLuhnHelp, kind: inYesNo},
		{name: "passwords", label: wEachPIN, kind: inPINs},
	},
}

// How choices of the form are called in it.
const (
	drawnNumbers = "drawn"
	chosenYes    = "yes"
)

// seriesView is the form of a series, or what would be issued.
type seriesView struct {
	actView
	series      codes.Series
	first, last string   // numbers; "" if they are drawn
	taken       []string // the numbers that cards have already
}

func (c *call) seriesView() (seriesView, error) {
	v := seriesView{actView: actView{cardView: cardView{view: c.view(issuing.title)}, act: issuing}}
	v.form = url.Values{"digits": {"6"}, "start": {"1"}, "count": {"100"}}
	v.places = c.placesFor(issuing.needs)
	var err error
	v.shop, err = c.usual(v.places)
	return v, err
}

func (c *call) showSeries() error {
	v, err := c.seriesView()
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, seriesPage(v))
}

// issueSeries shows what would be issued or, if that was seen and is wanted, begins to.
func (c *call) issueSeries() error {
	v, err := c.seriesView()
	if err != nil {
		return err
	}
	v.form = c.r.PostForm
	a, err := c.ask(&v.actView)
	if err != nil {
		return err
	}
	v.series = a.series()
	if v.faults = a.faults; len(v.faults) > 0 {
		return c.show(http.StatusUnprocessableEntity, seriesPage(v))
	}
	switch v.form.Get("sure") {
	case chosenYes:
		return c.beginSeries(&v)
	case "edit":
		return c.show(http.StatusOK, seriesPage(v))
	}
	if !v.series.Drawn {
		v.first, _ = v.series.Number(0, nil) // only what is drawn can fail
		v.last, _ = v.series.Number(v.series.Count-1, nil)
	}
	if v.taken, err = c.takenBy(&v.series); err != nil {
		return err
	}
	v.request = rand.Text()
	return c.show(http.StatusOK, seriesPreview(v))
}

// seriesAtATime is how many numbers of a series are looked up at once.
const seriesAtATime = 500

// takenBy returns which numbers of a series cards have, in their order. Those that are drawn are drawn until none has
// them.
func (c *call) takenBy(s *codes.Series) (taken []string, err error) {
	for at := 0; !s.Drawn && at < s.Count; at += seriesAtATime {
		var keys command.Keys
		for i := at; i < min(at+seriesAtATime, s.Count); i++ {
			number, _ := s.Number(i, nil) // only what is drawn can fail
			keys.Cards = append(keys.Cards, number)
		}
		records, err := c.cfg.Books.Load(c.r.Context(), command.Want{Merchant: c.merchant.ID, Keys: keys})
		if err != nil {
			return nil, err
		}
		has := map[string]bool{}
		for i := range records[0].Cards {
			has[records[0].Cards[i].Number] = true
		}
		for _, number := range keys.Cards {
			if has[number] {
				taken = append(taken, number)
			}
		}
	}
	return taken, nil
}

// seriesFaults are the fields that faults of a series are about, and what they say.
var seriesFaults = map[codes.SeriesFault]struct {
	field string
	said  text
}{
	codes.SeriesCount: {"count", wBadCount}, codes.SeriesPrefix: {"prefix", wBadPrefix},
	codes.SeriesDigits: {"digits", wBadDigits}, codes.SeriesStart: {"digits", wBadStart},
	codes.SeriesBarcode: {"prefix", wBadBarcode},
}

// series reads what is to be issued.
func (a *asked) series() codes.Series {
	s := codes.Series{
		Count: int(a.count("count")), Prefix: a.value("prefix"), Drawn: a.value("numbers") == drawnNumbers,
		Passwords: a.value("passwords") == chosenYes, Level: a.id("level"),
		Shop: int64(a.by.Shop), Operator: a.by.Operator, English: a.lang == lang(ledger.English),
	}
	if !s.Drawn {
		s.Start, s.Digits, s.Check = a.count("start"), int(a.count("digits")), a.value("check") == chosenYes
	}
	if _, known := a.merchant.Level(ledger.LevelID(s.Level)); !known {
		a.bad("level", wChoose)
	}
	if fault, wrong := seriesFaults[s.Fault()]; wrong && len(a.faults) == 0 {
		a.bad(fault.field, fault.said)
	}
	return s
}

// beginSeries begins to issue what was shown. What numbers and passwords are drawn from goes along, sealed.
func (c *call) beginSeries(v *seriesView) error {
	request := v.form.Get("request")
	if ledger.CheckRequestID(request) != 0 {
		return errNowhere // no page of ours sent it
	}
	request, err := formRequest(request, v.series)
	if err != nil {
		return err
	}
	c.keep(shopCookie, strconv.FormatInt(int64(v.shop), 10), placeKept)
	sealed := v.series.Begin(int64(c.merchant.ID), c.cfg.Vault.Seal)
	return c.begin(codes.JobSeries, request, v.series, ledger.JobFile{Name: codes.SeriesSeed, Content: sealed})
}

// issuedView is what became of a series.
type issuedView struct {
	jobView
	issued codes.Issued
	there  bool // the file with passwords is
	own    bool // the person has asked for it
}

// seriesResult is what the job of a series shows when it is done.
func seriesResult(v jobView) templ.Component {
	o, err := newIssuedView(v)
	if err != nil {
		return templ.Raw("") // no program of ours wrote it
	}
	return seriesIssued(o)
}

// cutShort says of how many cards a series was to be, if somebody has cancelled it.
func (v issuedView) cutShort() string {
	if int64(v.issued.Opened+len(v.issued.Taken)) >= v.Total {
		return ""
	}
	return " / " + phrase.Count(v.Total)
}

func newIssuedView(v jobView) (issuedView, error) {
	o := issuedView{jobView: v, there: v.has(codes.SeriesSealed), own: v.person.ID == v.Person}
	return o, json.Unmarshal([]byte(v.Result), &o.issued)
}

// seriesTaken records that the numbers of a series are taken out of the books.
func (c *call) seriesTaken(j *ledger.Job, file string) error {
	var issued codes.Issued
	if err := json.Unmarshal([]byte(j.Result), &issued); err != nil {
		return err
	}
	return c.recordTaken(ledger.MayOpen, file, int64(issued.Opened))
}

// takeSeries sends the file with the passwords of a series to whoever asked for it, once: from then on the server does
// not have them, nor what they were drawn from.
func (c *call) takeSeries() error {
	j, err := c.jobDone(c.r.PathValue("series"), codes.JobSeries)
	if err != nil {
		return err
	}
	if j.Person != c.person.ID {
		return errNotYours
	}
	var s codes.Series
	if err := json.Unmarshal([]byte(j.Ask), &s); err != nil {
		return err
	}
	f, ok, err := c.cfg.Jobs.JobFile(c.r.Context(), j.Merchant, j.ID, codes.SeriesSealed)
	if err != nil {
		return err
	}
	if !ok {
		return c.takenBefore()
	}
	book, err := c.cfg.Vault.Unseal(codes.SeriesContext(int64(j.Merchant), s.Name), f.Content)
	if err != nil {
		return err
	}
	// Recorded first: who comes a moment too late is in the journal as well, but nobody has the file who is not.
	if err := c.seriesTaken(&j, codes.SeriesFile); err != nil {
		return err
	}
	took, err := c.takeFiles(&j, codes.SeriesSealed, codes.SeriesSeed)
	if err != nil {
		return err
	}
	if !took {
		return c.takenBefore()
	}
	c.sendFile(codes.SeriesFile, sheet.XLSX.ContentType(), book)
	return nil
}

// takenBefore says that a file that can be taken once has been.
func (c *call) takenBefore() error {
	c.say(http.StatusGone, wProduct, wTakenOnce)
	return nil
}

// takenShown is how many of the numbers that were taken a page names.
const takenShown = 20

// firstTaken names the first numbers of those that were taken.
func firstTaken(taken []string) string {
	named := strings.Join(taken[:min(len(taken), takenShown)], "  ")
	if len(taken) > takenShown {
		named += "  …"
	}
	return named
}

// levelNamed returns the name of a level.
func (v view) levelNamed(id int64) string {
	level, _ := v.merchant.Level(ledger.LevelID(id))
	return level.Name
}
