// Package dc78 speaks the open platform protocol of the dc78 family: named actions, parameters in the groups
// action, get and post, and a signature over the get group.
//
// README.md is the contract with till vendors. The package only translates: a request becomes a command of
// package command or a query of package ledger, and the outcome becomes the published JSON, with its key order
// and value types. It decides nothing about cards or money. Between requests it keeps only the nonces of the last
// minutes.
package dc78
