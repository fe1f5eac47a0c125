package dc78

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"tongka/internal/command"
	"tongka/internal/httpd"
	"tongka/internal/ledger"
)

// mbNewcard issues cards, all of them or none (published page mb_newcard). Passwords are in the first answer
// only. The stored answer, which a repeated request gets, has none.
func mbNewcard(d *Dialect, ctx context.Context, c *call, f *fields) (result, error) {
	i, err := c.newIssue(f)
	if !c.agent.May(i.takes, c.merchant.ID) {
		httpd.NoteOf(ctx).Denied(c.agent, i.takes, c.merchant.ID)
		return result{}, faultDenied
	}
	i.cfg = &d.cfg
	key, fingerprint := i.requestKey(c, f)
	if err := cmp.Or(f.err(), err); err != nil {
		return result{}, err
	}
	if err := i.draw(); err != nil {
		return result{}, err
	}
	changes, err := i.carryOut(ctx, command.Once{
		Command: i.command, Key: key, Fingerprint: fingerprint, Signature: c.request.signature,
		Answer: func(ch command.Changes) []byte { return i.answer(ch, false) },
	})
	switch {
	case err != nil:
		return result{}, err
	case changes.Replay != nil:
		return result{changes.Replay.Answer, true}, nil
	}
	return result{object: i.answer(changes, true)}, nil
}

// issue is a request for cards while it is carried out.
type issue struct {
	cfg     *Config
	command command.Issue
	cards   []issued          // one for each card of the command
	content []byte            // what the fingerprint covers of the list
	numbers taken             // named by the till or drawn already
	named   bool              // the till names the number of at least one card
	takes   ledger.Permission // the permissions needed besides issuing
	redrawn int               // how many drawn numbers another card turned out to have
}

// taken is the set of numbers that may not be drawn.
type taken map[string]bool

// issued is what the wire needs of a card besides the command's.
type issued struct {
	row      int    // its place in the list, from 1; 0 = there is no list
	drawn    bool   // the till named no number
	password string // in clear; "" = to be drawn
	balance  string // as the answer writes it; "" = none was sent
}

// requestKey returns the id of the request. Without a ref, a list that names a number is identified by its
// content: it can be carried out only once, because a number is taken permanently. The signature must cover the
// list for that; any other request is identified by its nonce.
func (i *issue) requestKey(c *call, f *fields) (ledger.RequestKey, [32]byte) {
	q := c.request
	fingerprint := c.keyed(q.fingerprint(i.content))
	vouched := q.post == nil || q.vouched || q.nonce == ""
	if ref := f.ref(); i.named && vouched && ref == "" {
		return ledger.RequestKey{
			Agent: c.agent.ID, Scope: c.scope("") + "/content", ID: hex.EncodeToString(fingerprint[:]),
		}, fingerprint
	}
	return c.requestKey(f, ""), fingerprint
}

// keyed returns a MAC of the fingerprint under the shop's secret. The list may have passwords in it, and whoever
// reads the database could find those of few digits from a plain digest. No signature text begins with NUL, so
// the MAC is never a valid signature.
func (c *call) keyed(fingerprint [32]byte) [32]byte {
	if c.secret == "" {
		return fingerprint // appendContent left the passwords out
	}
	mac := hmac.New(sha256.New, []byte(c.secret))
	mac.Write([]byte("\x00fingerprint"))
	mac.Write(fingerprint[:])
	return [32]byte(mac.Sum(nil))
}

var (
	errNoIssuing = errors.New("cards cannot be issued: no source of numbers and passwords is set")
	errNoNumber  = errors.New("no free number was drawn")
)

const (
	maxDraws  = 64 // for one number, until it differs from the others of the request
	maxRedraw = 16 // draws repeated in one request because a number is taken
)

// draw gives every card a number and a password, unless the till named them.
func (i *issue) draw() error {
	if i.cfg.NewNumber == nil || i.cfg.NewPassword == nil || i.cfg.HashPassword == nil {
		return errNoIssuing
	}
	merchant := strconv.FormatInt(int64(i.command.Merchant), 10)
	for n := range i.cards {
		if i.cards[n].password == "" {
			password, err := i.cfg.NewPassword()
			if err != nil {
				return fmt.Errorf("draw password: %w", err)
			}
			i.cards[n].password = password
		}
		i.command.Cards[n].Details.Password = i.cfg.HashPassword(merchant, i.cards[n].password)
		if err := i.number(n); err != nil {
			return err
		}
	}
	return nil
}

// number draws the number of a card if the till named none.
func (i *issue) number(n int) error {
	if !i.cards[n].drawn {
		return nil
	}
	number, err := i.numbers.draw(i.cfg.NewNumber)
	i.command.Cards[n].Number = number
	return err
}

// draw returns a number that is not taken yet, and takes it.
func (t taken) draw(random func() (string, error)) (string, error) {
	for range maxDraws {
		number, err := random()
		if err != nil {
			return "", fmt.Errorf("draw number: %w", err)
		}
		if !t[number] {
			t[number] = true
			return number, nil
		}
	}
	return "", errNoNumber
}

// carryOut has the command done. If another card has a drawn number already, a new number is drawn: with a
// million cards of ten random digits that happens to one issue of 500 in twenty.
func (i *issue) carryOut(ctx context.Context, once command.Once) (command.Changes, error) {
	for {
		changes, err := i.cfg.Doer.Do(ctx, once)
		refused, inRow := errors.AsType[command.RowRefusal](err)
		if !inRow {
			return changes, err
		}
		if refused.Refusal.Reason != ledger.CardTaken || !i.cards[refused.Index].drawn {
			return command.Changes{}, i.fault(refused)
		}
		if i.redrawn++; i.redrawn > maxRedraw {
			return command.Changes{}, errNoNumber
		}
		if err := i.number(refused.Index); err != nil {
			return command.Changes{}, err
		}
	}
}

// fault returns why a card was not opened, with its place in front if there is a list.
func (i *issue) fault(r command.RowRefusal) fault {
	f := faultOfCard(r.Refusal)
	if row := i.cards[r.Index].row; row > 0 {
		return f.inRow(row)
	}
	return f
}

// answer writes the published answer. Its type is the kind of the first card.
func (i *issue) answer(ch command.Changes, passwords bool) []byte {
	w := succeeded()
	w.Text("info", "发卡成功")
	w.intText("type", int64(ch.Opened[0].Kind))
	w.Key("list")
	w.B = append(w.B, '[')
	for n := range ch.Opened {
		if n > 0 {
			w.B = append(w.B, ',')
		}
		password := ""
		if passwords {
			password = i.cards[n].password
		}
		w.issued(&ch.Opened[n], password, i.cards[n].balance)
	}
	w.B = append(w.B, ']')
	w.Close('}')
	return w.B
}

// issued writes one card. The balance is a number if one was sent, and otherwise an empty text.
func (w *writer) issued(card *ledger.Card, password, balance string) {
	w.Open('{')
	w.Int("id", int64(card.ID))
	w.Text("cardno", card.Number)
	w.Text("mbno", card.Number)
	w.Text("pwd", password)
	w.Text("extid", card.Details.ExtID)
	if balance == "" {
		w.empty("balance")
	} else {
		w.Key("balance")
		w.B = append(w.B, balance...)
	}
	w.Close('}')
}
