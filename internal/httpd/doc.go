// Package httpd serves HTTP within limits, and logs.
//
// It limits headers, bodies and times, gives every request an id, writes one line of log for each and shuts down
// gracefully. The log names the route, the agent and the merchant; it never has a card number, a phone, a token,
// a body or a query. Handlers decide what a request means, and put what the log should say about it into a
// [Note].
package httpd
