// Package apply brings the books' configuration to what a YAML file says: merchants with their
// settings, shops, levels, rules, pay types and kinds of coupons, the cards they start with, and agents
// with their grants.
//
// It creates what is missing, changes what differs and leaves the rest: what the file does not name
// stays as it is. What is to go the file says: absent removes a shop, level, rule, pay type or kind of
// coupons that nothing holds on to, and ended keeps a rule for those who ask what it was. The whole file is checked
// before anything is written, and every problem names its line and field. Applying the same file again changes
// nothing.
//
// Cards are opened when there is none of their number; a card that is there has a life of its own and
// is left alone. Coupons are sent to it once for each kind, whatever has become of them since. The
// package decides nothing about money: opening a card and sending coupons are commands of the core.
package apply
