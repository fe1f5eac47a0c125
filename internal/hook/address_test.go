package hook

import (
	"errors"
	"net/netip"
	"testing"

	"tongka/internal/ledger"
)

// addressesTried are addresses, with what is said of them with TLS and without.
var addressesTried = map[string]struct{ secure, plain error }{
	"93.184.215.14":         {nil, errPlain},
	"8.8.8.8":               {nil, errPlain},
	"[2606:4700::1111]":     {nil, errPlain},
	"[2a00:1450:4001::200]": {nil, errPlain},
	"[::ffff:8.8.8.8]":      {nil, errPlain},

	"10.7.1.2":          {nil, nil},
	"[::ffff:10.7.1.2]": {nil, nil},
	"[fd00:7::1]":       {nil, nil},
	"127.0.0.1":         {nil, nil},
	"93.184.216.34":     {nil, nil},

	"127.0.0.2":               {errNotCalled, errPlain},
	"[::1]":                   {errNotCalled, errPlain},
	"[::ffff:127.0.0.9]":      {errNotCalled, errPlain},
	"10.0.0.1":                {errNotCalled, errPlain},
	"[::ffff:10.0.0.1]":       {errNotCalled, errPlain},
	"172.16.0.1":              {errNotCalled, errPlain},
	"172.31.255.255":          {errNotCalled, errPlain},
	"192.168.1.1":             {errNotCalled, errPlain},
	"169.254.169.254":         {errNotCalled, errPlain}, // where clouds tell machines their secrets
	"100.64.0.1":              {errNotCalled, errPlain},
	"100.127.255.255":         {errNotCalled, errPlain},
	"100.100.100.200":         {errNotCalled, errPlain}, // likewise
	"0.0.0.0":                 {errNotCalled, errPlain},
	"0.1.2.3":                 {errNotCalled, errPlain},
	"[::]":                    {errNotCalled, errPlain},
	"224.0.0.1":               {errNotCalled, errPlain},
	"239.255.255.250":         {errNotCalled, errPlain},
	"240.0.0.1":               {errNotCalled, errPlain},
	"255.255.255.255":         {errNotCalled, errPlain},
	"192.0.0.8":               {errNotCalled, errPlain},
	"192.0.2.1":               {errNotCalled, errPlain},
	"198.18.0.1":              {errNotCalled, errPlain},
	"198.51.100.1":            {errNotCalled, errPlain},
	"203.0.113.1":             {errNotCalled, errPlain},
	"[fe80::1]":               {errNotCalled, errPlain},
	"[fe80::1%eth0]":          {errNotCalled, errPlain},
	"[fec0::1]":               {errNotCalled, errPlain},
	"[fc00::1]":               {errNotCalled, errPlain},
	"[fd00:8::1]":             {errNotCalled, errPlain},
	"[fd00:ec2::254]":         {errNotCalled, errPlain},
	"[ff02::1]":               {errNotCalled, errPlain},
	"[::7f00:1]":              {errNotCalled, errPlain}, // 127.0.0.1 in an old form
	"[64:ff9b::7f00:1]":       {errNotCalled, errPlain}, // and behind a translator
	"[64:ff9b:1::a00:1]":      {errNotCalled, errPlain},
	"[2002:7f00:1::1]":        {errNotCalled, errPlain},
	"[2001:0:4136:e378::1]":   {errNotCalled, errPlain},
	"[2001:db8::1]":           {errNotCalled, errPlain},
	"[3fff::1]":               {errNotCalled, errPlain},
	"[100::1]":                {errNotCalled, errPlain},
	"localhost":               {errNotCalled, errNotCalled}, // names are resolved before
	"93.184.215.14:99999":     {errNotCalled, errNotCalled},
	"[::ffff:0:127.0.0.1]":    {errNotCalled, errPlain},
	"[2001:db8::10.7.1.2%10]": {errNotCalled, errPlain},
}

// TestAddressesThatAreNotCalled: only public addresses are called, and those that are listed, which may be called
// without TLS too. It does not matter in which form an address comes.
func TestAddressesThatAreNotCalled(t *testing.T) {
	t.Parallel()
	listed := prefixes("10.7.0.0/16", "fd00:7::/32", "127.0.0.1/32", "93.184.216.0/24")
	for address, want := range addressesTried {
		for plain, want := range map[bool]error{false: want.secure, true: want.plain} {
			if err := guard(listed, plain)("tcp", address+":443", nil); !errors.Is(err, want) {
				t.Errorf("%s, without TLS %t: %v, want %v", address, plain, err, want)
			}
		}
	}
	if !public(netip.MustParseAddr("1.1.1.1")) || public(netip.Addr{}) {
		t.Error("1.1.1.1 is not public, or no address is")
	}
}

// An address that would never be called is refused when a webhook is made; a name, when it is called.
func TestReachOf(t *testing.T) {
	t.Parallel()
	listed := []netip.Prefix{netip.MustParsePrefix("10.7.0.0/16")}
	for _, c := range []struct {
		address string
		listed  []netip.Prefix
		want    ledger.HookReach
	}{
		{"https://10.0.0.1/", nil, ledger.HookReach{Never: errNotCalled.Error()}},
		{"https://[::1]:8080/", nil, ledger.HookReach{Never: errNotCalled.Error()}},
		{"https://127.0.0.1/", listed, ledger.HookReach{Plain: true, Never: errNotCalled.Error()}},
		{"http://8.8.8.8/", listed, ledger.HookReach{Plain: true, Never: errPlain.Error()}},
		{"http://10.7.0.1/", listed, ledger.HookReach{Plain: true}},
		{"https://8.8.8.8/", nil, ledger.HookReach{}},
		{"https://erp.example.com/", nil, ledger.HookReach{}},
		{"%", nil, ledger.HookReach{}},
	} {
		if got := ReachOf(c.listed)(c.address); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.address, got, c.want)
		}
	}
}
