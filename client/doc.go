// Package client speaks to Tongka: API the native API, and for tills Sandy the member-cjb protocol and DC78 the dc78
// open platform.
//
// It charges a sale only once. A change has a request id that stays the same over all retries. A change without one,
// which the server would carry out twice, is not sent again if it may have been carried out. If it remains unknown
// whether a change was carried out, the error is an Unsure, and it is safe to ask again with the id in it.
//
// The package imports only the standard library, keeps no state between calls and starts no goroutines. A client may be
// used by many goroutines as long as none of them changes its fields. Amounts are Fen, read from the digits of the
// answer and never through floating point. Members of an answer that are not known here are ignored, because the API
// and both wires may grow.
package client
