package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"strings"
	"time"

	"tongka/internal/config"
)

// where returns the address to listen on, and the host by which others reach it; "" = any of this machine's.
func (c *demoCmd) where() (addr, host string, err error) {
	if c.Lan == "" {
		if !config.Loopback(c.Addr) {
			return "", "", fmt.Errorf(
				"addr: %s is not loopback: the demo's token is published, so it serves this machine only; --lan serves a "+
					"network, with credentials of its own", c.Addr)
		}
		return c.Addr, "", nil
	}
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return "", "", fmt.Errorf("addr: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || config.Loopback(c.Addr) || ip != nil && ip.IsUnspecified() {
		host = ""
	}
	return net.JoinHostPort(host, port), host, nil
}

// reached finds out where the demo is reached, and makes a certificate for it if there is to be one.
func (d *demoRun) reached(host string) (err error) {
	at := d.doors.listener.Addr().String()
	if d.Lan == "" {
		d.url = "http://" + at
		return nil
	}
	_, port, err := net.SplitHostPort(at)
	if err != nil {
		return err
	}
	if host == "" {
		if host = ownAddress(); host == "" {
			d.log.Warn("this machine is in no network that it knows of: the demo is reached from here only")
			host = "127.0.0.1"
		}
	}
	d.url = d.Lan + "://" + net.JoinHostPort(host, port)
	if d.Lan == "https" {
		d.cert, err = makeCertificate(strings.TrimSuffix(d.keyFile, ".key")+".tls", host)
	}
	return err
}

// ownAddress returns the address by which others in the network most likely reach this machine; "" = none.
func ownAddress() string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	other := ""
	for _, a := range all {
		ip, ok := a.(*net.IPNet)
		switch {
		case !ok || ip.IP.To4() == nil || ip.IP.IsLoopback() || ip.IP.IsLinkLocalUnicast():
		case ip.IP.IsPrivate():
			return ip.IP.String()
		default:
			other = ip.IP.String()
		}
	}
	return other
}

// demoCertificate is a certificate that the demo made for itself.
type demoCertificate struct {
	file, key string // "" = there is none
	print     string // its SHA-256
}

// certificateFor is how long a certificate of the demo is good.
const certificateFor = 365 * 24 * time.Hour

// makeCertificate returns the certificate in a file with its key beside it. It makes another if there is none, if it
// ends within a week, or if it is not for that host.
func makeCertificate(file, host string) (demoCertificate, error) {
	c := demoCertificate{file: file + ".crt", key: file + ".key"}
	had, err := tls.LoadX509KeyPair(c.file, c.key)
	if err == nil && had.Leaf.VerifyHostname(host) == nil && time.Until(had.Leaf.NotAfter) > 7*24*time.Hour {
		return c.printed(had.Certificate[0]), nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return demoCertificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return demoCertificate{}, err
	}
	about := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Tongka demo"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(certificateFor), BasicConstraintsValid: true, IsCA: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		about.IPAddresses = append(about.IPAddresses, ip)
	} else {
		about.DNSNames = append(about.DNSNames, host)
	}
	made, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		return demoCertificate{}, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return demoCertificate{}, err
	}
	return c.printed(made), errors.Join(
		os.WriteFile(c.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600),
		os.WriteFile(c.file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), 0o600),
	)
}

// printed returns the certificate with its SHA-256.
func (c demoCertificate) printed(der []byte) demoCertificate {
	sum := sha256.Sum256(der)
	c.print = hex.EncodeToString(sum[:])
	return c
}
