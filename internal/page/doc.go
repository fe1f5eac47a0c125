//go:generate go tool -modfile=../../tools/go.mod templ generate

// Package page is the card holder's page. A link that works once binds a phone to a card; from then on the phone
// shows balance, coupons, history and the changing member code.
//
// README.md lists the routes and what links and sessions guarantee. The package only translates: what it shows
// comes from the records, and what it does is one command of package command. It keeps nothing between requests.
// Links and sessions are tokens with a MAC, and end with the card's pass (decision 0015). No route changes
// anything on GET, and no page loads anything from another server.
package page
