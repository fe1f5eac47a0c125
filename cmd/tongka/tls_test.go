package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writePair writes a certificate that is good for as many hours as its serial number says, and its key.
func writePair(t *testing.T, c *certificate, serial int64, at time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Duration(serial) * time.Hour),
		DNSNames: []string{"localhost"},
	}
	cert, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{
		c.certFile: {Type: "CERTIFICATE", Bytes: cert}, c.keyFile: {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(c.certFile, at, at); err != nil {
		t.Fatal(err)
	}
}

// A renewed certificate must be used without a restart, and one that is half written must not stop the server from
// answering.
func TestCertificateIsReadAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := &certificate{
		certFile: filepath.Join(dir, "cert.pem"), keyFile: filepath.Join(dir, "key.pem"), log: slog.New(slog.DiscardHandler),
	}
	serial := func() int64 {
		t.Helper()
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return leaf.SerialNumber.Int64()
	}
	start := time.Now()
	if _, err := c.get(nil); err == nil {
		t.Error("no certificate: want an error")
	}
	writePair(t, c, 1, start)
	if got := serial(); got != 1 {
		t.Errorf("got %d, want 1", got)
	}
	if err := os.WriteFile(c.certFile, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 1 {
		t.Errorf("half written: got %d, want 1", got)
	}
	writePair(t, c, 2, start.Add(time.Minute))
	if got := serial(); got != 2 {
		t.Errorf("renewed: got %d, want 2", got)
	}
	if err := os.Remove(c.certFile); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 2 {
		t.Errorf("removed: got %d, want 2", got)
	}
}

// A renewed certificate that cannot be read is told once for each change of its files, and not at each handshake, and
// the metric shows until when the certificate is good that is served meanwhile. Nobody would know before it expires.
func TestUnreadableCertificateIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var log bytes.Buffer
	c := &certificate{
		certFile: filepath.Join(dir, "cert.pem"), keyFile: filepath.Join(dir, "key.pem"),
		log: slog.New(slog.NewTextHandler(&log, nil)),
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	for _, step := range []struct {
		name           string
		change         func()
		hours          int // for which the served certificate is good
		faults, renews int // lines in the log so far
	}{
		{"the first", func() { writePair(t, c, 1, start) }, 1, 0, 0},
		{"garbage", func() { write(c.certFile, "half") }, 1, 1, 0},
		{"other garbage", func() { write(c.certFile, "another half") }, 1, 2, 0},
		{"garbage for a key", func() { writePair(t, c, 2, start.Add(time.Minute)); write(c.keyFile, "half") }, 1, 3, 0},
		{"renewed", func() { writePair(t, c, 3, start.Add(2*time.Minute)) }, 3, 3, 1},
		{"removed", func() { _ = os.Remove(c.certFile) }, 3, 4, 1},
		{"renewed again", func() { writePair(t, c, 4, start.Add(3*time.Minute)) }, 4, 4, 2},
	} {
		step.change()
		for range 3 {
			if _, err := c.get(nil); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
		}
		if got := c.expires().Sub(start).Round(time.Hour); got != time.Duration(step.hours)*time.Hour {
			t.Errorf("%s: it expires in %v, want %d hours", step.name, got, step.hours)
		}
		faults, renews := strings.Count(log.String(), "level=ERROR"), strings.Count(log.String(), "level=INFO")
		if faults != step.faults || renews != step.renews {
			t.Errorf("%s: %d faults and %d renewals are told, want %d and %d:\n%s",
				step.name, faults, renews, step.faults, step.renews, log.String())
		}
	}
	if !strings.Contains(log.String(), c.certFile) || !strings.Contains(log.String(), "PEM") {
		t.Errorf("neither the file nor the fault is told:\n%s", log.String())
	}
}

// What is wrong with a key is said in one line, with what to do.
func TestKeysThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := &certificate{certFile: filepath.Join(dir, "cert.pem"), keyFile: filepath.Join(dir, "key.pem")}
	other := &certificate{certFile: filepath.Join(dir, "other.pem"), keyFile: filepath.Join(dir, "other-key.pem")}
	writePair(t, c, 1, time.Now())
	writePair(t, other, 2, time.Now())
	another, err := os.ReadFile(other.keyFile)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n": "tls-key: " +
			"KEY is encrypted, and at a start nobody types its password: give it without one, as " +
			"openssl pkey -in KEY -out FILE writes it",
		"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n" +
			"-----END RSA PRIVATE KEY-----\n": "tls-key: KEY is encrypted, and at a " +
			"start nobody types its password: give it without one, as openssl pkey -in KEY -out FILE writes it",
		string(another): "tls-key: KEY is not the key of the certificate in CERT: give the key it was made with, and in " +
			"a chain put the server's own certificate first",
		"no key": "tls-cert: CERT with the key KEY: tls: failed to find any PEM data in key input: both must be in PEM form",
	} {
		if err := os.WriteFile(c.keyFile, []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := c.get(nil)
		if err == nil {
			t.Errorf("%s is taken", key)
			continue
		}
		if got := strings.NewReplacer(c.keyFile, "KEY", c.certFile, "CERT").Replace(err.Error()); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
