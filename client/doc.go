// Package client speaks Tongka's two wires for a till: Sandy the member-cjb protocol, DC78 the dc78
// open platform.
//
// It promises that a sale is charged once. A change has a request id that is made once and kept over
// all retries; what has none, because the wire would carry it out twice, is not sent again when it may
// have been done. When it stays open whether a change was done the error is an Unsure, and asking again
// with the id in it is safe.
//
// It imports nothing but the standard library, keeps no state between calls and starts no goroutines:
// a Sandy or a DC78 may be used by many goroutines as long as nobody changes its fields. Amounts are
// Fen, read from the digits of the answer and never through floating point. What an answer says
// beside the fields known here is ignored, for both wires may grow.
package client
