package client

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DC78 is a client of the dc78 open platform that signs its requests. The result of a method is valid only if its
// error is nil. If the server refuses, the error is an Error; if it is not known whether a change was carried
// out, it is an Unsure.
//
// The clock must be right within five minutes, or the server accepts no signature.
type DC78 struct {
	BaseURL string       // scheme and host: "https://cards.example.com"
	MSID    string       // the shop's number
	Key     string       // the shop's ApiKey
	HTTP    *http.Client // nil = one with a timeout of 30 s for each try
	Tries   int          // how often a request may be sent; 0 = 4, 1 = it is never repeated
}

// Answer is a successful answer. Status is "1", or another status of the action, but not "0".
type Answer struct {
	Status string
	Info   string
	Body   json.RawMessage // the whole answer
}

// Do carries out any action. get is the group that is signed: a struct or a map whose JSON members are texts and
// numbers. post is the JSON object of the other group, nil for none. The server refuses names with other
// characters than letters, digits and _, and control characters in the values of get.
//
// A request whose answer is lost is sent again, newly signed, if that is safe: for mb_check and co_delist, and
// with a ref, which is their request id, for mb_trans, mb_refund, mb_state, mb_pttrans, mb_vericode, mb_newcard,
// mb_renew, mb_invoice and co_send. Others are sent again only if they certainly were not carried out.
func (d *DC78) Do(ctx context.Context, action string, get, post any) (Answer, error) {
	return d.do(ctx, action, get, post, &struct{}{})
}

// ask carries out an action whose answer has a type. need lists the members that a valid answer must have.
func ask[A any](ctx context.Context, d *DC78, action string, get, post any, need ...string) (a A, err error) {
	_, err = d.do(ctx, action, get, post, &a, need...)
	return a, err
}

func (d *DC78) do(ctx context.Context, action string, get, post, into any, need ...string) (Answer, error) {
	u, err := endpoint(d.BaseURL, "/Api")
	if err != nil {
		return Answer{}, err
	}
	c, err := newCall(action, get, post)
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %w", action, err)
	}
	e := exchange{http: d.HTTP, tries: d.Tries, repeatable: c.repeatable(), build: func() (*http.Request, error) {
		u.RawQuery = d.signed(c).Encode()
		req, err := http.NewRequest(http.MethodPost, u.String(), bytes.NewReader(c.envelope))
		if err == nil {
			req.Header.Set("Content-Type", "application/json; charset=utf-8")
		}
		return req, err
	}}
	r, err := e.run(ctx)
	var a Answer
	if err == nil {
		a, err = r.dc78(into, need)
	}
	switch {
	case c.looks():
		return a, err
	case c.repeatable():
		return a, r.conclude(string(c.get["ref"]), err)
	}
	return a, r.conclude("", err)
}

// call is a request without its signature.
type call struct {
	action   string
	get      map[string]Text
	envelope []byte
}

// newCall makes the envelope of the three groups. The digest covers the bytes of post as they are sent, so they
// are inserted unchanged.
func newCall(action string, get, post any) (*call, error) {
	c := &call{action: action}
	members, err := json.Marshal(get)
	if err == nil {
		err = json.Unmarshal(members, &c.get)
	}
	if err != nil {
		return nil, fmt.Errorf("get: %w", err)
	}
	if c.get == nil { // get was nil
		c.get = map[string]Text{}
	}
	var tail []byte
	if post != nil {
		raw, err := json.Marshal(post)
		if err != nil {
			return nil, fmt.Errorf("post: %w", err)
		}
		digest := sha256.Sum256(raw)
		c.get["post_sha256"] = Text(hex.EncodeToString(digest[:]))
		tail = append([]byte(`,"post":`), raw...)
	}
	head, err := json.Marshal(map[string]any{"action": map[string]string{"action": action}, "get": c.get})
	if err != nil {
		return nil, err
	}
	c.envelope = slices.Concat(head[:len(head)-1], tail, []byte("}"))
	return c, nil
}

// SignedQuery returns the query of a GET request for those who send it themselves: the system parameters with a
// new nonce and a signature of now, and the parameters of get. It belongs behind /Api/ and the action, and is
// valid for five minutes, once.
func (d *DC78) SignedQuery(action string, get map[string]string) string {
	c := &call{action: action, get: map[string]Text{}}
	query := url.Values{}
	for name, value := range get {
		c.get[name] = Text(value)
		query.Set(name, value)
	}
	maps.Copy(query, d.signed(c))
	return query.Encode()
}

// signed returns the system parameters with a new nonce and a signature of now.
func (d *DC78) signed(c *call) url.Values {
	at, nonce := strconv.FormatInt(time.Now().Unix(), 10), rand.Text()
	return url.Values{
		"msid": {d.MSID}, "timestamp": {at}, "nonce": {nonce}, "sign": {sign(d.Key, c.signText(d.MSID, at, nonce))},
	}
}

// stateRequest is the action of mb_state that asks what became of a request, whose ref it has.
const stateRequest = "2"

// looks reports whether the request changes nothing.
func (c *call) looks() bool {
	return c.action == "mb_check" || c.action == "co_delist" || c.action == "mb_state" && c.get["action"] == stateRequest
}

// repeatable reports whether the server carries the request out only once, however often it is sent.
func (c *call) repeatable() bool {
	return c.looks() || (c.get["ref"] != "" && slices.Contains(oncePerRef, c.action))
}

// oncePerRef are the actions that the server carries out once for each ref.
var oncePerRef = []string{
	"mb_trans", "mb_refund", "mb_state", "mb_pttrans", "mb_vericode", "mb_newcard", "mb_renew", "mb_invoice", "co_send",
}

// signText returns the text that is signed. It has the get group in byte order of its names.
func (c *call) signText(msid, timestamp, nonce string) string {
	text := strings.Join([]string{c.action, msid, timestamp, nonce}, "\n")
	for _, name := range slices.Sorted(maps.Keys(c.get)) {
		text += "\n" + name + "=" + string(c.get[name])
	}
	return text
}

// sign returns the lower-case hex HMAC-SHA256 of a text.
func sign(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// dc78 reads an answer. If a success cannot be read or lacks a needed member, it is not known what was done.
func (r *reply) dc78(into any, need []string) (Answer, error) {
	var w struct{ Status, Info Text }
	err := decode(r.body, &w, "status")
	switch {
	case err == nil && (w.Status == "0" || !success(r.status)):
		return Answer{}, Error{string(w.Status), string(w.Info), r.status}
	case !success(r.status):
		return Answer{}, Error{"", http.StatusText(r.status), r.status}
	}
	if err == nil {
		err = decode(r.body, into, need...)
	}
	if err != nil {
		r.open = true
		return Answer{}, err
	}
	return Answer{string(w.Status), string(w.Info), r.body}, nil
}
