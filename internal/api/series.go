package api

import (
	"encoding/json"
	"errors"

	"tongka/internal/codes"
	"tongka/internal/command"
	"tongka/internal/ledger"
)

// registerSeries adds what issues many cards at once.
func (a *API) registerSeries() {
	one := func(id, path, summary, about string) operation {
		return operation{
			id: id, path: "/series" + path, tag: "jobs", needs: ledger.MayOpen, summary: summary, about: about,
		}
	}
	reads(a, one("listSeries", "", "List the series, the newest first", "Also those of the console."), listSeries)
	begins(a, one("issueSeries", "", "Have a series of cards opened",
		"Cards without a holder, for printing. Their numbers are counted up behind a prefix, or drawn. A number that a card "+
			"has already is passed over, and told in `taken`."), issueSeries)
	reads(a, one("getSeries", "/{series}", "Get how far a series is, and what became of it", ""), getSeries)
	asks(a, one("cancelSeries", "/{series}/cancel", "End what is under way",
		"Cards that were opened until then stay."), cancelSeries)
	cards := one("getSeriesCards", "/{series}/cards", "Get the numbers of the cards, and their passwords",
		"For whoever asked for the series, once it is done. The journal says that they were taken. Have them forgotten when "+
			"they are printed; they are after 14 days.")
	cards.rows = true
	reads(a, cards, getSeriesCards)
	asks(a, one("forgetSeries", "/{series}/forget", "Have the passwords of the cards forgotten",
		"From then on nobody can get the cards of the series, and the server has only what passwords are checked by."),
		forgetSeries)
}

// SeriesBody says which cards are wanted.
type SeriesBody struct {
	By
	Level     int64  `json:"level" minimum:"1" doc:"The id of the level they have." example:"1"`
	Count     int    `json:"count" minimum:"1" maximum:"50000" doc:"How many." example:"3"`
	Prefix    string `json:"prefix,omitempty" maxLength:"40" doc:"What all numbers begin with: letters, digits, - and _; only digits where a check digit follows or numbers are drawn." example:"VIP"` //nolint:lll // a tag
	Drawn     bool   `json:"drawn,omitempty" doc:"The numbers are drawn: twelve random digits and a check digit follow the prefix. First, digits and check_digit do not count then."`                  //nolint:lll // a tag
	First     int64  `json:"first,omitempty" minimum:"0" doc:"The first number, without the prefix." example:"1"`
	Digits    int    `json:"digits,omitempty" minimum:"0" maximum:"18" doc:"To how many digits numbers are filled up with zeros; needed unless they are drawn." example:"5"` //nolint:lll // a tag
	Check     bool   `json:"check_digit,omitempty" doc:"A digit by Luhn follows each number."`
	Passwords bool   `json:"passwords,omitempty" doc:"Each card gets a password of six digits."`
}

// SeriesAsked is a request for a series.
type SeriesAsked struct {
	JobNamed
	Body SeriesBody
}

// Series is a job that opens many cards.
type Series struct {
	Progress
	By        Caller   `json:"by" doc:"Who asked for it, and where the cards are opened."`
	Level     int64    `json:"level" doc:"The id of the cards' level."`
	Count     int      `json:"count" doc:"How many cards were asked for."`
	Passwords bool     `json:"passwords" doc:"Each card has a password."`
	Opened    int      `json:"opened" doc:"How many cards were opened, once it has ended."`
	Taken     []string `json:"taken" doc:"Numbers that were passed over, because cards had them."`
	Stopped   string   `json:"stopped,omitempty" doc:"The code of what no more cards could be opened for; left out if it came to its end."` //nolint:lll // a tag
	Failed    string   `json:"failed,omitempty" doc:"Why it has failed, where that is known."`
}

// issued returns what a job was asked for, and what became of it.
func issued(j *ledger.Job) (s codes.Series, done codes.Issued, err error) {
	err = json.Unmarshal([]byte(j.Ask), &s)
	if j.State == ledger.JobDone {
		err = errors.Join(err, json.Unmarshal([]byte(j.Result), &done))
	}
	return s, done, err
}

func seriesOf(j *ledger.Job) (Series, error) {
	s, done, err := issued(j)
	out := Series{
		Progress: progressOf(j), By: askedBy(j), Level: s.Level, Count: s.Count, Passwords: s.Passwords, Opened: done.Opened,
		Taken: append([]string{}, done.Taken...), Failed: failedOf(j),
	}
	if done.Stopped != 0 {
		out.Stopped = told[ledger.Reason(done.Stopped)].code
	}
	return out, err
}

// seriesFaults are what is wrong with a series, and with which field. How many cards there may be says the description.
var seriesFaults = map[codes.SeriesFault][2]string{
	codes.SeriesPrefix:  {"prefix", "want letters, digits, - and _, or only digits where the numbers take that"},
	codes.SeriesDigits:  {"digits", "want 1 to 18, and no more than a number has room for"},
	codes.SeriesStart:   {"first", "want numbers that the digits have room for"},
	codes.SeriesBarcode: {"prefix", "want one by which tills take no number for a payment or a member code"},
}

func issueSeries(c *call, in *SeriesAsked) (out Series, err error) {
	b := &in.Body
	by, err := c.by(b.By)
	if err != nil {
		return out, err
	}
	s := codes.Series{
		Count: b.Count, Prefix: b.Prefix, Drawn: b.Drawn, Passwords: b.Passwords, Level: b.Level,
		Shop: int64(by.Shop), Operator: by.Operator, English: true,
	}
	if !b.Drawn {
		s.Start, s.Digits, s.Check = b.First, b.Digits, b.Check
	}
	if _, known := c.merchant.Level(ledger.LevelID(b.Level)); !known {
		return out, c.refuseField("body.level", "want the id of a level")
	}
	if wrong, is := seriesFaults[s.Fault()]; is {
		return out, c.refuseField("body."+wrong[0], wrong[1])
	}
	seed := s.Begin(int64(c.merchant.ID), c.cfg.Vault.Seal)
	j, err := begin(c, codes.JobSeries, s, by.Shop, func() ([]ledger.JobFile, error) {
		return []ledger.JobFile{{Name: codes.SeriesSeed, Content: seed}}, nil
	})
	if err != nil {
		return out, err
	}
	return seriesOf(j)
}

// OfSeries names a series.
type OfSeries struct {
	Series string `path:"series" minLength:"1" maxLength:"64" doc:"The id of the job." example:"mV3x0gq4Jt8nK2aZc9Lw"`
}

// SeriesNoted is a request about a series that takes nothing else.
type SeriesNoted struct {
	OfSeries
	Body struct{}
}

// ManySeries is a page of series.
type ManySeries struct {
	Series []Series `json:"series" doc:"A page of series, the newest first."`
	Next   string   `json:"next,omitempty" doc:"Asks for the next page as after; left out on the last one."`
}

func listSeries(c *call, in *Page) (out ManySeries, err error) {
	found, next, err := c.jobs(*in, codes.JobSeries)
	out = ManySeries{[]Series{}, next}
	for i := range found {
		one, err := seriesOf(&found[i])
		if err != nil {
			return out, err
		}
		out.Series = append(out.Series, one)
	}
	return out, err
}

func getSeries(c *call, in *OfSeries) (out Series, err error) {
	j, err := c.job(in.Series, codes.JobSeries)
	if err != nil {
		return out, err
	}
	return seriesOf(j)
}

func cancelSeries(c *call, in *SeriesNoted) (out Series, err error) {
	j, err := c.job(in.Series, codes.JobSeries)
	if err != nil {
		return out, err
	}
	if j, err = c.cancel(j); err != nil {
		return out, err
	}
	return seriesOf(j)
}

// SeriesCards are the cards that a series opened.
type SeriesCards struct {
	Cards []SeriesCard `json:"cards" doc:"All of them, in the order of their numbers, or as they were drawn."`
}

// SeriesCard is a card of a series.
type SeriesCard struct {
	Number   string `json:"number" doc:"The card's number." example:"VIP00001"`
	Password string `json:"password,omitempty" doc:"What its holder pays with; left out if it has none." example:"583920"`
}

// ownSeries returns a series that the key has asked for.
func (c *call) ownSeries(id string) (*ledger.Job, error) {
	j, err := c.job(id, codes.JobSeries)
	if err == nil && !c.own(j) {
		err = c.refuse(faultNowhere)
	}
	return j, err
}

func getSeriesCards(c *call, in *OfSeries) (out SeriesCards, err error) {
	j, err := c.ownSeries(in.Series)
	if err != nil {
		return out, err
	}
	seed, err := c.firstFile(j, codes.SeriesSeed) // none if it is not done, or forgotten
	if seed, err = c.take(j, seed.Name, err); err != nil {
		return out, err
	}
	s, done, err := issued(j)
	if err != nil {
		return out, err
	}
	plain, err := c.cfg.Vault.Unseal(codes.SeriesContext(int64(j.Merchant), s.Name), seed.Content)
	if err != nil {
		return out, err
	}
	made, err := s.Made(plain, &done)
	if err != nil {
		return out, err
	}
	out.Cards = make([]SeriesCard, 0, len(made))
	for _, one := range made {
		out.Cards = append(out.Cards, SeriesCard(one))
	}
	return out, c.record(codes.SeriesFile, int64(len(made)))
}

// forgetSeries removes what the cards' passwords can be found by. That somebody else has done so meanwhile is as well.
func forgetSeries(c *call, in *SeriesNoted) (out Series, err error) {
	j, err := c.ownSeries(in.Series)
	switch {
	case err != nil:
		return out, err
	case !j.Ended():
		return out, c.refuse(faultJob)
	}
	err = c.cfg.Jobs.DropJobFiles(c.ctx, *j, codes.SeriesSeed, codes.SeriesSealed, codes.SeriesFile)
	if err != nil && !errors.Is(err, command.ErrStale) {
		return out, err
	}
	return seriesOf(j)
}
