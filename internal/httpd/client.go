package httpd

import (
	"net/http"
	"net/netip"
	"strings"
)

// clientOf returns the address a request comes from. X-Forwarded-For is read from its end, and only as far as
// trusted proxies have written it. If one of them does not say in a form that can be read where it had the request
// from, the address is the zero one, which is unknown: it is in no range and not this machine, as the proxy may be.
func clientOf(r *http.Request, proxies []netip.Prefix) netip.Addr {
	client := addrOf(r.RemoteAddr)
	if !trusted(client, proxies) {
		return client
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && trusted(client, proxies); i-- {
		client = hopOf(hops[i], client)
	}
	return client
}

// hopOf returns the address that the proxy by wrote: 203.0.113.9, 203.0.113.9:4711, 2001:db8::9, [2001:db8::9] or
// [2001:db8::9]:4711. A zone says something on the proxy's machine only, and is left out. It returns the zero address
// for anything else, and for a loopback address that another machine wrote: that is not this one.
func hopOf(text string, by netip.Addr) netip.Addr {
	text = strings.TrimSpace(text)
	bare := text
	if inner, ok := strings.CutPrefix(text, "["); ok && strings.HasSuffix(inner, "]") {
		bare = strings.TrimSuffix(inner, "]")
	}
	hop, err := netip.ParseAddr(bare)
	if err != nil {
		hop = addrOf(text)
	}
	hop = hop.WithZone("").Unmap()
	if hop.IsLoopback() && !by.IsLoopback() {
		return netip.Addr{}
	}
	return hop
}

func trusted(a netip.Addr, proxies []netip.Prefix) bool {
	for _, p := range proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// relays are the headers by which proxies say where a request comes from. Tills themselves send none of them.
var relays = [...]string{"X-Forwarded-For", "Forwarded", "X-Real-Ip"}

// ComeFrom has a request that a handler makes of its own server come from where another one came from, by way of the
// same proxies.
func ComeFrom(r, other *http.Request) {
	r.RemoteAddr = other.RemoteAddr
	for _, name := range relays {
		if sent := other.Header[name]; sent != nil {
			r.Header[name] = sent
		}
	}
}

// relayed reports whether a proxy that is not trusted passed the request on.
func relayed(r *http.Request, proxies []netip.Prefix) bool {
	if trusted(addrOf(r.RemoteAddr), proxies) {
		return false
	}
	for _, name := range relays {
		if len(r.Header[name]) > 0 {
			return true
		}
	}
	return false
}
