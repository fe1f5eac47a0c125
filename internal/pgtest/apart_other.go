//go:build !unix

package pgtest

import (
	"errors"
	"os/exec"
)

// apart is for systems with users and signals; on others a server is named by TONGKA_TEST_PG.
func apart(*exec.Cmd, string) error {
	return errors.New("no server is started on this system: set TONGKA_TEST_PG to one's address")
}
