package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
)

// tls returns the TLS configuration of the public address, or nil if it is served without TLS.
func (s *service) tls() (*tls.Config, error) {
	if s.settings.TLSCert == "" {
		return nil, nil
	}
	c := &certificate{certFile: s.settings.TLSCert, keyFile: s.settings.TLSKey, log: s.log}
	if _, err := c.get(nil); err != nil {
		return nil, err
	}
	s.count.CertificateExpires(c.expires)
	s.served = c
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"}}, nil
}

// certificate is a certificate with its key, read again when the time of the certificate's file has changed, so
// that a renewal needs no restart.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	changed time.Time
	loaded  *tls.Certificate
	told    string // which fault of which files was logged last; "" = none since loaded was read
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.certFile)
	if err != nil {
		return c.or(err)
	}
	if c.loaded != nil && info.ModTime().Equal(c.changed) {
		c.told = ""
		return c.loaded, nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return c.or(err)
	}
	if c.loaded != nil {
		c.log.Info("certificate renewed", "file", c.certFile, "expires", pair.Leaf.NotAfter)
	}
	c.loaded, c.changed, c.told = &pair, info.ModTime(), ""
	return c.loaded, nil
}

// or returns the certificate that was read before, if there is one: files that cannot be read are probably just
// being replaced. They may also stay so until that certificate expires and no till gets in, so what is wrong is logged,
// once for each change of the files and not at each handshake. Without a certificate it returns err.
func (c *certificate) or(err error) (*tls.Certificate, error) {
	if c.loaded == nil {
		return nil, c.fault(err)
	}
	if fault := err.Error() + "\n" + stamp(c.certFile) + "\n" + stamp(c.keyFile); fault != c.told {
		c.told = fault
		c.log.Error("renewed certificate cannot be read, serving the one before", "file", c.certFile, "key", c.keyFile,
			"expires", c.loaded.Leaf.NotAfter, "error", c.fault(err))
	}
	return c.loaded, nil
}

// stamp is another text when a file was written again, removed or came back.
func stamp(file string) string {
	info, err := os.Stat(file)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size())
}

// expires returns until when the certificate is good that a till would be served now. It looks at the files as a
// handshake does, so that a fault is logged also while no till connects.
func (c *certificate) expires() time.Time {
	served, err := c.get(nil)
	if err != nil {
		return time.Time{} // never once a certificate was read
	}
	return served.Leaf.NotAfter
}

// fault returns what is wrong with the files of a certificate and its key, and what to do.
func (c *certificate) fault(err error) error {
	if _, unread := errors.AsType[*fs.PathError](err); unread {
		return fmt.Errorf("tls-cert: %w", err)
	}
	key, _ := os.ReadFile(c.keyFile) // it was read just now, and is only looked at for a better text
	switch {
	case bytes.Contains(key, []byte("ENCRYPTED")): // as both kinds of PEM say, in words
		return fmt.Errorf("tls-key: %s is encrypted, and at a start nobody types its password: give it without one, as "+
			"openssl pkey -in %s -out FILE writes it", c.keyFile, c.keyFile)
	case strings.Contains(err.Error(), "does not match"):
		return fmt.Errorf("tls-key: %s is not the key of the certificate in %s: give the key it was made with, and in a "+
			"chain put the server's own certificate first", c.keyFile, c.certFile)
	}
	return fmt.Errorf("tls-cert: %s with the key %s: %w: both must be in PEM form", c.certFile, c.keyFile, err)
}
