// Package scheme is how the tills of a shop prove that a request is theirs, told as data.
//
// The published pages of the dc78 family do not say how a request is signed, and tills of today sign it
// in ways only their vendors know. A [Scheme] says where msid, time, nonce and signature stand, what the
// text is that is signed, and how a signature is made of it. [Find] searches the ways there are for those
// that explain recorded requests.
//
// It promises that a scheme makes the same text and the same signature of the same request each time.
// It is pure: it reads no clock, no file and no network, and imports nothing of ours. It never prints an
// ApiKey or a developer secret.
package scheme
