package hook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode"

	"tongka/internal/ledger"
)

// Limits of one request.
const (
	longest   = 10 * time.Second // from the look-up of the name to the end of the answer
	mostRead  = 64 << 10         // bytes of an answer; more closes the connection
	mostHeads = 16 << 10
	mostIdle  = 64 // connections that are kept for an endpoint
)

// Answer is what came of a request.
type Answer struct {
	Status int    // of HTTP; 0 = there was no answer
	Said   string // what went wrong, or the beginning of an answer that is not of the 200s
}

// Client sends events, and nothing but that.
type Client struct{ secure, plain *http.Client }

// NewClient returns a client that also calls the listed addresses, which may be private, and those without TLS too.
func NewClient(listed []netip.Prefix) *Client {
	return &Client{clientOf(listed, false), clientOf(listed, true)}
}

func clientOf(listed []netip.Prefix, plain bool) *http.Client {
	dialer := &net.Dialer{Timeout: longest / 2, Control: guard(listed, plain)}
	var protocols http.Protocols
	protocols.SetHTTP1(true) // with HTTP/2 the webhooks of one host would share a connection that one of them can block
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: longest / 2, Protocols: &protocols, MaxIdleConnsPerHost: mostIdle,
			IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: mostHeads, DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       longest,
	}
}

// Post sends an event.
func (c *Client) Post(ctx context.Context, to string, header http.Header, body []byte) Answer {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return Answer{Said: "the address cannot be read"}
	}
	req.Header = header
	client := c.secure
	if req.URL.Scheme != "https" {
		client = c.plain
	}
	resp, err := client.Do(req)
	if err != nil {
		return Answer{Said: failure(err)}
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		// What follows is the bare connection, which no limit of the client ends, and no answer.
		return Answer{Status: resp.StatusCode, Said: "another protocol is not spoken"}
	}
	said := &strings.Builder{}
	_, err = io.Copy(said, io.LimitReader(resp.Body, ledger.MaxSaid))
	if err == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, mostRead-ledger.MaxSaid))
	}
	switch {
	case err != nil:
		return Answer{Said: failure(err)}
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return Answer{Status: resp.StatusCode}
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return Answer{Status: resp.StatusCode, Said: "redirects are not followed"}
	}
	return Answer{Status: resp.StatusCode, Said: brief(said.String())}
}

// failure says why there was no answer, without the address, whose query may hold a secret, and without what it tells
// of the network that the server is in.
func failure(err error) string {
	for _, ours := range []error{errNotCalled, errPlain} {
		if errors.Is(err, ours) {
			return ours.Error()
		}
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return fmt.Sprintf("no answer within %v", longest)
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok { // its text has the name server's address
		return errNotCalled.Error()
	}
	if of, ok := errors.AsType[*url.Error](err); ok {
		err = of.Err
	}
	if of, ok := errors.AsType[*net.OpError](err); ok { // its text has the addresses of both ends
		err = of.Err
	}
	return brief(err.Error())
}

// brief returns a text in one line that reads as it stands, within what is kept of it.
func brief(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !ledger.PlainText(string(r), 1) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if len(text) > ledger.MaxSaid {
		text = strings.ToValidUTF8(text[:ledger.MaxSaid], "")
	}
	return strings.TrimSpace(text)
}
