// Package signin says who is at a browser. It compares passwords, the codes of devices and recovery codes, bounds how
// often they are tried, and keeps sessions. What somebody may do once signed in is not its business: that is in the
// person's grants.
package signin
