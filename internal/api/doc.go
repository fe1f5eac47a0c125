// Package api serves the native API: /v1, described by an OpenAPI document that is made of the code.
//
// Like the dialects it only translates: a request becomes a command or a query, and what comes back becomes JSON. What
// may happen to money is decided in internal/command, and who may ask is said by the operation's line and by the grants
// of the caller's key.
//
// It promises: what moves value is done once for an Idempotency-Key, for as long as the journal lives; a refusal and a
// failure are told apart by their code, from one table; no field that is not described is taken, and none that is
// described is missing.
package api
