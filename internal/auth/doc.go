// Package auth finds the agent behind a token or a signing shop, and the merchant and shop behind a GUID.
//
// A [Directory] is a snapshot of all agents and merchants, read from the store and replaced as a whole when the
// settings there have changed. A lookup takes no lock and never waits for the store. Tokens are compared by their
// SHA-256 only. The log distinguishes an unknown agent from a stopped one and from one that calls from a wrong
// address; the caller gets the same refusal for all of them. An API key is found by Caller alone: it is no till's
// token.
//
// [Uses] tells the store when API keys are used.
//
// A [Limiter] bounds how often one caller may call, in bounded memory.
package auth
