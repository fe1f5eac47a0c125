package ledger_test

import (
	"testing"
	_ "time/tzdata"

	"tongka/internal/ledger"
)

// A zone has a name that says the same on every machine.
func TestParseZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Asia/Shanghai", "America/Argentina/Ushuaia", "Etc/GMT+8"} {
		if zone, err := ledger.ParseZone(name); err != nil || zone.String() != name {
			t.Errorf("%s: %v, %v", name, zone, err)
		}
	}
	for _, name := range []string{
		"", "Local", "localtime", "posixrules", "Factory", "posix/Asia/Shanghai", "right/UTC", "asia/shanghai", "/", "/etc/UTC",
		"Mars/Base", "Asia/../UTC", "EST5EDT", "PRC", "UTC ", "Asia/Shanghai\x00", "Asia", "Asia/",
	} {
		if zone, err := ledger.ParseZone(name); err == nil {
			t.Errorf("%q is %v", name, zone)
		}
	}
}
