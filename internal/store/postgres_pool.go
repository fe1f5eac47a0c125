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

// libpqPatience is how long libpq and pgx wait for a connection by default.
const libpqPatience = 2 * time.Minute

// postgresPool lends connections to one of the servers that the address names: the one that takes writes. When that
// server stops answering, all connections to it are given up at once and all servers are asked again.
type postgresPool struct {
	cfg *pgxpool.Config

	mu    sync.Mutex
	pool  *pgxpool.Pool
	known *server        // to take writes; nil = to be found
	old   sync.WaitGroup // pools that were given up and are being closed
}

// server is one host of the address, with every way to connect to it: with and without TLS, and at each of its
// addresses.
type server struct{ ways []*pgconn.FallbackConfig }

// openPool makes a pool of at most size connections. It does not connect yet.
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

// acquire returns a connection, which must be released, and its pool.
func (p *postgresPool) acquire(ctx context.Context) (*pgxpool.Conn, *pgxpool.Pool, error) {
	pool := p.current()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		p.doubt(pool, err)
		return nil, nil, fmt.Errorf("connect: %w", err)
	}
	return conn, pool, nil
}

// doubt gives up all connections of a pool after an error that means that its server is gone, does not answer, or
// takes no writes. A connection that hangs would keep its place for a quarter of a minute, so the whole pool is
// replaced.
func (p *postgresPool) doubt(pool *pgxpool.Pool, err error) {
	if !doubtful(err) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pool != pool {
		return // it has been replaced already
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

// doubtful reports whether an error means that the server may no longer be the right one. That the caller has gone
// does not, nor does an ordinary error that the server reports.
func doubtful(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	pg, told := errors.AsType[*pgconn.PgError](err)
	const readOnly = "25006" // it has become a standby, behind a pooler that kept the connection
	return !told || pg.SeverityUnlocalized != "ERROR" || pg.Code == readOnly
}

// choose makes a new connection go to the server that is known to take writes. If none is known, all are asked at
// the same time, so that one that hangs does not keep the others waiting.
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
	defer cancel() // the other attempts are no longer needed
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
