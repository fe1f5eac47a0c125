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
	"strings"
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
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: nothing was said within %v", url, c.Within)
	}
	if err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxPing))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return err
	}
	said := strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", "; ")
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, said)
	}
	_, err = fmt.Fprintln(con.out, said)
	return err
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
