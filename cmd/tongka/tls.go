package main

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// tls returns the TLS configuration of the public address, or nil if it is served without TLS.
func (s *service) tls() (*tls.Config, error) {
	if s.settings.TLSCert == "" {
		return nil, nil
	}
	c := &certificate{certFile: s.settings.TLSCert, keyFile: s.settings.TLSKey}
	if _, err := c.get(nil); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"}}, nil
}

// certificate is a certificate with its key, read again when the time of the certificate's file has changed, so
// that a renewal needs no restart.
type certificate struct {
	certFile, keyFile string

	mu      sync.Mutex
	changed time.Time
	loaded  *tls.Certificate
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.certFile)
	if err != nil {
		return c.or(err)
	}
	if c.loaded != nil && info.ModTime().Equal(c.changed) {
		return c.loaded, nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return c.or(err)
	}
	c.loaded, c.changed = &pair, info.ModTime()
	return c.loaded, nil
}

// or returns the certificate that was read before, if there is one: files that cannot be read are probably just
// being replaced. Without one it returns err.
func (c *certificate) or(err error) (*tls.Certificate, error) {
	if c.loaded != nil {
		return c.loaded, nil
	}
	return nil, fmt.Errorf("tls-cert: %w", err)
}
