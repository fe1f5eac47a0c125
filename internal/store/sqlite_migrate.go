package store

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"

	"modernc.org/sqlite"

	"tongka/internal/ledger"
)

// SQLite cannot compute the name of a request, or a number from bytes, so migrations use these functions.
func init() {
	sqlite.MustRegisterDeterministicScalarFunction("tongka_request_name", 3,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			agent, isInt := args[0].(int64)
			scope, isText := args[1].(string)
			id, alsoText := args[2].(string)
			if !isInt || !isText || !alsoText {
				return nil, fmt.Errorf("not the key of a request: %T, %T, %T", args[0], args[1], args[2])
			}
			name := ledger.RequestKey{Agent: ledger.AgentID(agent), Scope: scope, ID: id}.EarlierName()
			return name[:], nil
		})
	sqlite.MustRegisterDeterministicScalarFunction("tongka_first_eight", 1,
		func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			b, isBlob := args[0].([]byte)
			if !isBlob || len(b) < 8 {
				return nil, fmt.Errorf("not a fingerprint: %T", args[0])
			}
			return int64(binary.BigEndian.Uint64(b)), nil
		})
}
