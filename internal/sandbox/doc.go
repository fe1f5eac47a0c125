//go:generate go tool -modfile=../../tools/go.mod templ generate

// Package sandbox is the page of a demo, for whoever writes a till: where the server is reached and with which
// credentials, which cards there are and what each is for, and a button that makes all of it anew.
//
// A browser gets in by a link with a key, which the program prints; that sets a cookie, and whoever has none learns
// nothing, since the page shows credentials. No route but that one changes anything on GET, and forms from other sites
// are refused. It exists only where a demo is served.
package sandbox
