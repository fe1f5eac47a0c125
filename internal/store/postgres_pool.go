package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// libpqPatience is how long libpq and pgx wait for a connection where nobody says how long.
const libpqPatience = 2 * time.Minute

// postgresPool lends connections to one of the servers that the address names: the one that takes writes. When that
// server stops answering, all connections to it are given up at once and all servers are asked again.
type postgresPool struct {
	cfg *pgxpool.Config

	mu    sync.Mutex
	pool  *pgxpool.Pool
	known *server        // the one that was found last; nil = to be found
	old   sync.WaitGroup // pools that were given up and are being closed
}

// server is one host of the address, in the ways it may be connected to.
type server struct{ ways []*pgconn.FallbackConfig }

// openPool makes a pool of at most so many connections. Nothing is connected yet.
func openPool(ctx context.Context, cfg *pgxpool.Config, size int) (*postgresPool, error) {
	p := &postgresPool{cfg: cfg.Copy()}
	p.cfg.MaxConns = int32(size)
	p.cfg.BeforeConnect = p.choose
	var err error
	p.pool, err = pgxpool.NewWithConfig(ctx, p.cfg.Copy())
	return p, err
}

func (p *postgresPool) current() *pgxpool.Pool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pool
}

// acquire lends a connection, which must be released.
func (p *postgresPool) acquire(ctx context.Context) (*pgxpool.Conn, *pgxpool.Pool, error) {
	pool := p.current()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		p.doubt(pool, err)
		return nil, nil, fmt.Errorf("connect: %w", err)
	}
	return conn, pool, nil
}

// doubt gives up all connections of a pool after an error that says that its server is not there any more,
// does not answer, or takes no writes. A connection that hangs would keep its place for a quarter of a
// minute, so the whole pool is replaced.
func (p *postgresPool) doubt(pool *pgxpool.Pool, err error) {
	if !doubtful(err) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pool != pool {
		return // somebody else was first
	}
	p.known = nil
	if pool.Stat().TotalConns() == 0 {
		return
	}
	fresh, err := pgxpool.NewWithConfig(context.Background(), p.cfg.Copy())
	if err != nil {
		return // the same config made a pool before
	}
	p.pool = fresh
	p.old.Go(pool.Close)
}

// doubtful reports whether an error is a sign that a server is not the right one any more. That the caller
// has gone is none, nor is an error that the server tells in order.
func doubtful(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	pg, told := errors.AsType[*pgconn.PgError](err)
	const readOnly = "25006" // it has become a standby, behind a pooler that kept the connection
	return !told || pg.SeverityUnlocalized != "ERROR" || pg.Code == readOnly
}

// choose has a connection made to the server that is known to take writes. When none is known, all are asked
// at the same time: one that hangs does not keep the others waiting.
func (p *postgresPool) choose(ctx context.Context, cfg *pgx.ConnConfig) error {
	all := serversOf(&cfg.Config)
	if len(all) == 1 {
		return nil
	}
	p.mu.Lock()
	known := p.known
	p.mu.Unlock()
	if known == nil {
		found, err := firstOf(ctx, &cfg.Config, all)
		if err != nil {
			return err
		}
		p.mu.Lock()
		p.known, known = found, found
		p.mu.Unlock()
	}
	known.apply(&cfg.Config)
	return nil
}

// serversOf returns the hosts of an address, in its order.
func serversOf(cfg *pgconn.Config) []*server {
	var all []*server
	add := func(way *pgconn.FallbackConfig) {
		for _, s := range all {
			if s.ways[0].Host == way.Host && s.ways[0].Port == way.Port {
				s.ways = append(s.ways, way)
				return
			}
		}
		all = append(all, &server{[]*pgconn.FallbackConfig{way}})
	}
	add(&pgconn.FallbackConfig{Host: cfg.Host, Port: cfg.Port, TLSConfig: cfg.TLSConfig})
	for _, way := range cfg.Fallbacks {
		add(way)
	}
	return all
}

// apply makes the server the only one of the config.
func (s *server) apply(cfg *pgconn.Config) {
	cfg.Host, cfg.Port, cfg.TLSConfig, cfg.Fallbacks = s.ways[0].Host, s.ways[0].Port, s.ways[0].TLSConfig, s.ways[1:]
}

// firstOf returns the server that is the first to accept a connection as the config wants it.
func firstOf(ctx context.Context, cfg *pgconn.Config, all []*server) (*server, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // the others need not answer any more
	type answer struct {
		server *server
		err    error
	}
	answers := make(chan answer, len(all))
	for _, s := range all {
		own := cfg.Copy()
		s.apply(own)
		go func() {
			conn, err := pgconn.ConnectConfig(ctx, own)
			if err == nil {
				err = conn.Close(ctx)
			}
			answers <- answer{s, err}
		}()
	}
	var errs []error
	for range all {
		a := <-answers
		if a.err == nil {
			return a.server, nil
		}
		errs = append(errs, a.err)
	}
	return nil, errors.Join(errs...)
}

func (p *postgresPool) close() {
	p.current().Close()
	p.old.Wait()
}
