package main

import (
	"log/slog"

	"tongka/internal/job"
)

// sweep takes off what has expired, and forgets what is over.
func (b *books) sweep(log *slog.Logger) *job.Sweep {
	return &job.Sweep{Books: b, Do: b.engine, Clock: b.clock, Logger: log}
}

// delivery sends what is in the outbox.
func (s *service) delivery() *job.Delivery {
	return &job.Delivery{
		Outbox: s.books.Store, Key: s.key, Sender: s.sender, Clock: s.books.clock.Now, Logger: s.log,
	}
}
