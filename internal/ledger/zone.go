package ledger

import (
	"fmt"
	"strings"
	"time"
)

// ParseZone returns the zone with a name like Asia/Shanghai, or UTC. It refuses the other names that the zones' data
// has: some mean the zone of the machine that reads them, so that the civil days of the books would move with it, and
// browsers and other programs know few of them.
func ParseZone(name string) (*time.Location, error) {
	area, _, found := strings.Cut(name, "/")
	if named := found && area != "" && area[0] >= 'A' && area[0] <= 'Z'; !named && name != "UTC" {
		return nil, fmt.Errorf("want a time zone like Asia/Shanghai, got %q", name)
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("want a time zone like Asia/Shanghai, got %q", name)
	}
	return zone, nil
}
