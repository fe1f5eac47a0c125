//go:build !unix

package pgtest

import (
	"errors"
	"os/exec"
)

// apart needs users and signals, which this system lacks. A server can be named by TONGKA_TEST_PG.
func apart(*exec.Cmd, string) error {
	return errors.New("no server is started on this system: set TONGKA_TEST_PG to one's address")
}
