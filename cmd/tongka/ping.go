package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	neturl "net/url"
	"strings"
	"syscall"
	"time"
)

// pingCmd asks the server on this machine for its health, with the same settings as the server. It exists because a
// container image may have no other HTTP client for its health check.
type pingCmd struct {
	Addr      string        `name:"addr" env:"TONGKA_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	AdminAddr string        `name:"admin-addr" env:"TONGKA_ADMIN_ADDR" placeholder:"HOST:PORT"`
	TLSCert   string        `name:"tls-cert" env:"TONGKA_TLS_CERT" placeholder:"FILE"`
	Ready     bool          `name:"ready" help:"Ask whether it can work too (/readyz), not only whether it lives."`
	Within    time.Duration `name:"within" default:"4s" help:"How long to wait for a response."`
}

// maxPing is the most bytes that are read of an answer.
const maxPing = 4 << 10

// Run prints the server's answer. It returns an error if the status is not 200 or no answer comes in time.
func (c *pingCmd) Run(ctx context.Context, con *console) error {
	url, err := c.url()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.Within)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{
		// The certificate is for the name that tills use, not for this address. It need not be verified: nothing secret
		// is sent, and the answer is only printed.
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	resp, err := client.Do(req)
	if err != nil {
		return c.unreached(url, err)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxPing))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	said := strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", "; ")
	if resp.StatusCode != http.StatusOK {
		if resp.StatusCode == http.StatusBadRequest && strings.Contains(said, "HTTPS") { // Go's server and others say so
			return fmt.Errorf("%s: HTTPS is spoken there: %s", url, c.overTLS())
		}
		if said == "" || resp.StatusCode == http.StatusNotFound {
			return fmt.Errorf("%s: %s: another program answers there: give the address of tongka serve with %s", url,
				resp.Status, c.flag())
		}
		return fmt.Errorf("%s: %s", url, said)
	}
	_, err = fmt.Fprintln(con.out, said)
	return err
}

// unreached returns what to do where no answer came.
func (c *pingCmd) unreached(url string, err error) error {
	why := err
	if wrapped, ok := errors.AsType[*neturl.Error](err); ok {
		why = wrapped.Err // without the method and, once more, the URL
	}
	addr := c.flag()
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Errorf("%s: plain HTTP is spoken there: leave --tls-cert and TONGKA_TLS_CERT out, as tongka serve has "+
			"none, or give its address with %s", url, addr)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: nothing was said within %v: see the server's log, and whether it listens there (%s)", url,
			c.Within, addr)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%s: nobody listens there: see whether tongka serve runs, and give its address with %s", url,
			addr)
	}
	return fmt.Errorf("%s: %w: see whether tongka serve listens there with these settings: %s, and TONGKA_TLS_CERT where "+
		"it speaks TLS", url, why, addr)
}

// overTLS returns what to do where the server wants TLS and was asked without. The admin address never speaks it.
func (c *pingCmd) overTLS() string {
	if c.AdminAddr != "" {
		return "it is not the admin address of tongka serve: give that with " + c.flag()
	}
	return "give --tls-cert or TONGKA_TLS_CERT, as tongka serve has it"
}

// flag returns the setting that has the address which is asked.
func (c *pingCmd) flag() string {
	if c.AdminAddr != "" {
		return "--admin-addr or TONGKA_ADMIN_ADDR"
	}
	return "--addr or TONGKA_ADDR"
}

// url returns the URL to ask: at the admin address if there is one. A server that listens on all addresses is asked
// at the loopback address.
func (c *pingCmd) url() (string, error) {
	scheme, addr := "http", c.AdminAddr
	if addr == "" {
		addr = c.Addr
		if c.TLSCert != "" {
			scheme = "https"
		}
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("addr: want HOST:PORT like 127.0.0.1:8080, got %q", addr)
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	path := "/healthz"
	if c.Ready {
		path = "/readyz"
	}
	return scheme + "://" + net.JoinHostPort(host, port) + path, nil
}
