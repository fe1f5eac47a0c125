//go:build !unix

package pgtest

import "errors"

func cluster() (string, error) {
	return "", errors.New("set TONGKA_TEST_PG to a server's address: none is started on this system")
}
