package hook

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"syscall"

	"tongka/internal/ledger"
)

// errNotCalled tells nothing of the address, nor whether there is one: whoever sets up a webhook need not learn what
// names resolve to here, or which there are.
var errNotCalled = errors.New("its name is not known, or its address is not public and not one of webhook-allow")

// errPlain is returned for an address that would be called without TLS.
var errPlain = errors.New("without TLS only addresses of webhook-allow are called")

// notPublic are ranges that no webhook is in, besides those that netip knows: of this network, of carriers, for
// documents and measurements, of the future.
var notPublic = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4",
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// publicIPv6 is where public addresses of IPv6 are. Others may lead to an address of IPv4, such as 64:ff9b::/96.
var publicIPv6 = netip.MustParsePrefix("2000::/3")

func prefixes(all ...string) (parsed []netip.Prefix) {
	for _, text := range all {
		parsed = append(parsed, netip.MustParsePrefix(text))
	}
	return parsed
}

// public reports whether an address is one of the internet's.
func public(a netip.Addr) bool {
	a = a.Unmap()
	switch {
	case a.Zone() != "", !a.IsGlobalUnicast(), a.IsPrivate(), a.Is6() && !publicIPv6.Contains(a):
		return false
	}
	return !within(notPublic, a)
}

func within(ranges []netip.Prefix, a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Contains(a) })
}

// guard returns a function that refuses connections to addresses that may not be called. It is asked for each address
// when a connection to it is made, so it does not matter what a name resolved to before.
func guard(listed []netip.Prefix, plain bool) func(network, address string, _ syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		switch {
		case err != nil:
			return errNotCalled
		case within(listed, to.Addr()):
			return nil
		case plain:
			return errPlain
		case !public(to.Addr()):
			return errNotCalled
		}
		return nil
	}
}

// ReachOf returns what a host that lists some addresses says of the address of a webhook when it is made. What a name
// stands for is looked at when it is called.
func ReachOf(listed []netip.Prefix) func(address string) ledger.HookReach {
	return func(address string) ledger.HookReach {
		reach := ledger.HookReach{Plain: len(listed) > 0}
		u, err := url.Parse(address)
		if err != nil {
			return reach
		}
		if _, err := netip.ParseAddr(u.Hostname()); err != nil {
			return reach
		}
		if err := guard(listed, u.Scheme == "http")("tcp", net.JoinHostPort(u.Hostname(), "443"), nil); err != nil {
			reach.Never = err.Error()
		}
		return reach
	}
}
