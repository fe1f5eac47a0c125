// Package sandy speaks the member-cjb wire protocol, as tills of that family do.
//
// README.md is the contract with till vendors; docs/divergences/sandy.md lists what the published page
// leaves open and what was chosen. The package translates: a request becomes a command or a query of
// package command, and what comes of it becomes the page's JSON, with its key order and number forms.
// No rule about cards or money is made here, and nothing is kept between requests.
package sandy
