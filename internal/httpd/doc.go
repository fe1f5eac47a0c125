// Package httpd serves HTTP within limits, and logs.
//
// It bounds headers, bodies and times, gives every request an id, writes one line of log for each and
// ends gracefully. The log names the route, the agent and the merchant; it never holds a card number,
// a phone, a token, a body or a query. What a request means is the handlers' business: they tell by a
// [Note] what should stand in the log.
package httpd
