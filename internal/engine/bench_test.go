package engine_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
)

// BenchmarkDo measures the engine and the core: 64 callers pay with 1000 cards of an in-memory store.
func BenchmarkDo(b *testing.B) {
	numbers := make([]string, 1000)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("6%05d", i)
	}
	s := newStore(b, numbers...)
	cfg := quiet()
	var batches atomic.Int64
	cfg.Observe.Batch = func(int, int) { batches.Add(1) }
	e := start(b, s, cfg)
	for _, number := range numbers {
		must(b, e, recharge(number, 1_000_000_00))
	}
	batches.Store(0)
	var next atomic.Int64
	b.SetParallelism(64 / runtime.GOMAXPROCS(0))
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			cmd := consume(numbers[next.Add(1)%int64(len(numbers))], 1)
			if _, err := e.Do(b.Context(), cmd); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/float64(batches.Load()), "commands/batch")
}
