// Package auth knows the agents, the merchants and what each may do.
//
// A [Directory] is one snapshot of all of them, read from the store and replaced whole when the
// settings there have moved. Looking something up takes no lock and never waits for the store.
// Tokens are compared by their SHA-256 only. An unknown agent, a stopped one and one that calls from
// the wrong address are told apart in the log, never to the caller.
//
// A [Limiter] bounds how often one caller may ask, in bounded memory.
package auth
