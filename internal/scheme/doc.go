// Package scheme describes, as data, how the tills of a shop prove that a request is theirs.
//
// The published pages of the dc78 family do not say how a request is signed, and existing tills sign it in ways
// that only their vendors know. A [Scheme] says where msid, time, nonce and signature stand, which text is
// signed, and how the signature is made from it. [Find] searches all schemes of the family for those that explain
// recorded requests.
//
// A scheme makes the same text and the same signature of the same request each time. The package is pure: it
// reads no clock, no file and no network, and imports no other package of this module. It never prints an ApiKey
// or a developer secret.
package scheme
