package console

import (
	"net/http"

	"tongka/internal/ledger"
)

// home shows the merchants that somebody has anything to do with, or goes to the only one.
func (c *call) home() error {
	var here []*ledger.Merchant
	for _, m := range c.cfg.Directory.Merchants() {
		if c.person.Enters(m.ID) || c.looksAfter(m.ID) {
			here = append(here, m)
		}
	}
	if len(here) == 0 && c.person.May(ledger.MaySettings, ledger.HostID, 0) {
		return c.to(Base + "host/merchants/new") // the first start: without a merchant there is nothing to do
	}
	host := c.person.Allowed(ledger.HostID, 0) != 0
	if len(here) == 1 && !host {
		c.merchant = here[0]
		return c.to(c.view(wToday).front())
	}
	return c.show(http.StatusOK, homePage(c.view(wMerchants), here))
}
