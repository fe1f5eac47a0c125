// Package crashtest kills the server under load, again and again, and shows that nothing that was acknowledged is
// lost and nothing is done twice (invariants 14, 16, 18, 19).
package crashtest
