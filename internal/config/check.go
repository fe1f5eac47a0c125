package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Check returns an error if settings are wrong, or unsafe in combination. The error is one line that says what to
// change.
func (s *Settings) Check() error {
	if err := checkAddr("addr", s.Addr); err != nil {
		return err
	}
	if s.AdminAddr != "" {
		if err := checkAddr("admin-addr", s.AdminAddr); err != nil {
			return err
		}
	}
	if (s.TLSCert == "") != (s.TLSKey == "") {
		return errors.New("tls-cert and tls-key go together: set both or none")
	}
	if s.TLSCert == "" && !s.InsecureHTTP && !Loopback(s.Addr) {
		return fmt.Errorf("plain HTTP on %s, which is not loopback: set tls-cert and tls-key, or insecure-http behind a "+
			"proxy that ends TLS", s.Addr)
	}
	if err := s.checkPage(); err != nil {
		return err
	}
	for _, ranges := range []struct {
		name string
		all  []string
	}{{"trusted-proxies", s.TrustedProxies}, {"webhook-allow", s.WebhookAllow}} {
		for _, text := range ranges.all {
			if _, err := prefix(text); err != nil {
				return fmt.Errorf("%s: want addresses or ranges like 10.1.0.0/16, got %q", ranges.name, text)
			}
		}
	}
	for _, text := range s.APIOrigins {
		if !isOrigin(text) {
			return fmt.Errorf("api-origins: want sites like https://shop.example.com, got %q", text)
		}
	}
	if err := s.checkNumbers(); err != nil {
		return err
	}
	return s.checkTimes()
}

// isOrigin reports whether a text is a site as browsers name it: scheme, host and port.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && text == u.Scheme+"://"+u.Host
}

// checkNumbers refuses numbers that are too small.
func (s *Settings) checkNumbers() error {
	for _, n := range []struct {
		name  string
		value int
		least int
	}{
		{"lanes", s.Lanes, 1}, {"batch", s.Batch, 1}, {"queue", s.Queue, 1}, {"cards", s.Cards, 1},
		{"agent-rate", s.AgentRate, 0}, {"keep-requests", s.KeepRequests, 0}, {"address-rate", s.AddressRate, 0},
		{"max-connections", s.MaxConnections, 1}, {"address-connections", s.AddressConnections, 1},
		{"backup-keep", s.BackupKeep, 1},
	} {
		if n.value < n.least {
			return fmt.Errorf("%s: want at least %d, got %d", n.name, n.least, n.value)
		}
	}
	return nil
}

// checkTimes refuses times that are too short.
func (s *Settings) checkTimes() error {
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"connect-limit", s.ConnectLimit}, {"read-limit", s.ReadLimit}, {"save-limit", s.SaveLimit}, {"patience", s.Patience},
	} {
		if d.value < shortest {
			return fmt.Errorf("%s: want at least %v, got %v", d.name, shortest, d.value)
		}
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"backup-every", s.BackupEvery}, {"prove-every", s.ProveEvery}} {
		if d.value != 0 && d.value < time.Hour {
			return fmt.Errorf("%s: want 0, or at least 1h, got %v", d.name, d.value)
		}
	}
	return nil
}

// checkAddr refuses an address that no machine could listen on.
func checkAddr(setting, addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		return fmt.Errorf("%s: want HOST:PORT like 127.0.0.1:8080, got %q", setting, addr)
	}
	return nil
}

// shortest is the smallest limit for a wait on the database. A smaller one would cut off a database that is well.
const shortest = 100 * time.Millisecond

// checkPage refuses an address that no browser could be at, and one that phones would reach without TLS.
func (h *HTTP) checkPage() error {
	if h.PageURL == "" {
		return nil
	}
	u, err := url.Parse(h.PageURL)
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("page-url: want an address like https://card.example.com, got %q", h.PageURL)
	}
	if *u != (url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}) || u.Path != "" && u.Path != "/" {
		return fmt.Errorf("page-url: want scheme and host only, like https://card.example.com, got %q", h.PageURL)
	}
	if u.Scheme == "http" && !Loopback(net.JoinHostPort(u.Hostname(), "80")) {
		return fmt.Errorf("page-url: %s is plain HTTP, by which a card could be taken over: it must be https", h.PageURL)
	}
	return nil
}

// Page returns the address by which holders' phones reach the server, without a slash at the end; "" = there is
// no page. It requires that Check has passed.
func (h *HTTP) Page() string { return strings.TrimSuffix(strings.ToLower(h.PageURL), "/") }

// Proxies returns the trusted proxies. It requires that Check has passed.
func (h *HTTP) Proxies() []netip.Prefix { return prefixes(h.TrustedProxies) }

// Listed returns what webhooks may call besides public addresses. It requires that Check has passed.
func (w *Webhooks) Listed() []netip.Prefix { return prefixes(w.WebhookAllow) }

func prefixes(texts []string) (all []netip.Prefix) {
	for _, text := range texts {
		if p, err := prefix(text); err == nil {
			all = append(all, p)
		}
	}
	return all
}

func prefix(text string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(text); err == nil {
		return ip.Unmap().Prefix(ip.Unmap().BitLen())
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

// Loopback reports whether only this machine can reach the address. An empty host means every interface, and a
// name other than localhost may resolve to anything, so neither is loopback.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
