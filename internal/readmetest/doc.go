// Package readmetest keeps the documents true: it carries out the session of README.md against the
// program and compares the answers, follows the links, and looks up the tests and targets that the
// documents name. It holds tests only.
package readmetest
