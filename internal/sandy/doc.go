// Package sandy speaks the member-cjb wire protocol, as tills of that family do.
//
// README.md is the contract with till vendors; docs/divergences/sandy.md lists what the published page leaves
// open and what was chosen. The package only translates: a request becomes a command of package command or a
// query of package ledger, and the outcome becomes the page's JSON, with its key order and number forms. It
// decides nothing about cards or money, and keeps nothing between requests.
package sandy
