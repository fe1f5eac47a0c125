//go:generate go tool -modfile=../../tools/go.mod templ generate

// Package console is the back office in a browser: for merchants and their shops, for auditors, and for the host. Its
// pages are rendered on the server, each with an address of its own. Handlers translate between forms and commands;
// what may be done is decided by the core, and what may be seen by the grants of whoever is signed in.
package console
