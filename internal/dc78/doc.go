// Package dc78 speaks the open platform protocol of the dc78 family: named actions, parameters in the
// groups action, get and post, and a signature over the get group.
//
// README.md is the contract with till vendors. The package translates: a request becomes a command or
// a query of package command, and what comes of it becomes the published JSON, with its key order and
// value types. No rule about cards or money is made here. Between requests only the nonces of the last
// minutes are kept.
package dc78
