// Package apply brings the configuration in the books to what a YAML file says: merchants with their settings,
// shops, levels, rules, pay types and kinds of coupons, the cards they start with, and agents with their grants. API
// keys are their merchants' to make: no file names them, and they stay as they are.
//
// It creates what is missing and updates what differs; whatever the file does not name stays as it is. To remove
// something the file says absent, which is refused for a shop or a level that is still in use; a rule can also be
// ended, which keeps it for reference. The whole file is checked before anything is written, and every problem
// names its line and field. Applying the same file again changes nothing.
//
// A card is opened if the merchant has no card of that number; an existing card is never changed, since its balance
// has moved on. Its coupons are sent once for each kind, even if they were used or voided since. The package
// decides nothing about money: settings, agents, cards and coupons are all changed by commands of the core.
package apply
