// Package page is the card holder's page: a phone is bound to a card by a link that works once, and
// shows balance, coupons, history and the changing member code from then on.
//
// README.md says which routes there are and what links and sessions promise. The package translates:
// what is shown comes from the records, what is done is one command of package command. Nothing is
// kept between requests; links and sessions are MACs over what they are for, and end with the card's
// pass (decision 0015). No route changes anything on GET, and no answer loads anything from elsewhere.
package page
