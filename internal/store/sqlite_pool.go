package store

import (
	"context"
	"sync"
)

// pool lends connections that read. The one that came back last is lent first: its cache is the warmest, and in a
// pool larger than needed the rest are left alone.
type pool struct {
	free chan struct{} // one for each connection that is not lent

	mu    sync.Mutex
	conns []*sqliteConn
}

func newPool(size int) *pool { return &pool{free: make(chan struct{}, size)} }

// get waits for a connection, which must be put back.
func (p *pool) get(ctx context.Context) (*sqliteConn, error) {
	select {
	case <-p.free:
		c, _ := p.take()
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// with lends fn a connection.
func (p *pool) with(ctx context.Context, fn func(*sqliteConn) error) error {
	c, err := p.get(ctx)
	if err != nil {
		return err
	}
	defer p.put(c)
	return fn(c)
}

func (p *pool) put(c *sqliteConn) {
	p.mu.Lock()
	p.conns = append(p.conns, c)
	p.mu.Unlock()
	p.free <- struct{}{}
}

// take returns the connection that was put back last; ok is false if all connections are lent.
func (p *pool) take() (c *sqliteConn, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.conns) - 1
	if last < 0 {
		return nil, false
	}
	c, p.conns = p.conns[last], p.conns[:last]
	return c, true
}
