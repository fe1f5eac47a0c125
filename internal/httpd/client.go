package httpd

import (
	"net/http"
	"net/netip"
	"strings"
)

// clientOf returns the address a request comes from. X-Forwarded-For is read from its end, and only as far as
// trusted proxies have written it.
func clientOf(r *http.Request, proxies []netip.Prefix) netip.Addr {
	client := addrOf(r.RemoteAddr)
	if !trusted(client, proxies) {
		return client
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return client
		}
		client = hop.Unmap()
		if !trusted(client, proxies) {
			return client
		}
	}
	return client
}

func trusted(a netip.Addr, proxies []netip.Prefix) bool {
	for _, p := range proxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// relayed reports whether a proxy that is not trusted passed the request on. Tills themselves send none of these
// headers.
func relayed(r *http.Request, proxies []netip.Prefix) bool {
	if trusted(addrOf(r.RemoteAddr), proxies) {
		return false
	}
	for _, name := range [...]string{"X-Forwarded-For", "Forwarded", "X-Real-Ip"} {
		if len(r.Header[name]) > 0 {
			return true
		}
	}
	return false
}
