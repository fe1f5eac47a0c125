// Package readmetest keeps the documents true: it carries out the session of README.md against the
// program and compares the answers, follows the links, and looks up the tests, targets, files,
// identifiers, commands and flags that the documents name. It holds tests only.
package readmetest
