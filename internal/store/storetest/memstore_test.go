package storetest_test

import (
	"testing"

	"tongka/internal/store/storetest"
)

func TestMemStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(*testing.T) storetest.Store { return storetest.NewMemStore() })
}

func TestMemStoreFaults(t *testing.T) {
	t.Parallel()
	storetest.RunFaults(t, func(*testing.T) func() storetest.Store {
		s := storetest.NewMemStore()
		return func() storetest.Store { return s }
	})
}
