package httpd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Config holds the limits. A zero value stands for the default named beside it.
type Config struct {
	ReadHeaderTimeout time.Duration // 5 s
	ReadTimeout       time.Duration // 15 s: headers and body
	WriteTimeout      time.Duration // 75 s: longer than a commit whose outcome must be looked up
	IdleTimeout       time.Duration // 120 s between requests of one connection
	Grace             time.Duration // 30 s for the requests under way when the server shuts down
	MaxHeaderBytes    int           // 32 KiB
	MaxBodyBytes      int64         // 64 KiB

	// Bytes of bodies that may be in memory at a time, in all and for one address (for IPv6, its /64 network).
	MaxInFlight, MaxInFlightOfOne int64 // 64 MiB, 8 MiB
	// Bytes of files that people send that may be in memory at a time.
	MaxUploads int64 // 128 MiB
	// Connections that may be open at a time, in all and from one address. A trusted proxy's count only in all.
	MaxConns, MaxConnsOfOne int // 4096, 512

	TLS     *tls.Config    // nil = plain HTTP
	Proxies []netip.Prefix // trusted proxies, whose X-Forwarded-For is used; none by default
	Logger  *slog.Logger   // nil = slog.Default
	Observe func(Done)     // called with every request; may be nil
	// Keep is called with every request whose handler set Note.Keep, and must not block; nil = nothing is copied.
	Keep  func(Exchange)
	Clock func() time.Time
}

// Done describes a request for metrics after it was answered. All its texts come from fixed lists.
type Done struct {
	Dialect  string // "" if the request reached no dialect
	Endpoint string
	Outcome  string
	Status   int
	Took     time.Duration
}

type Server struct {
	cfg  Config
	http *http.Server
}

// New returns a server for one handler. The handler sees paths without empty or dot segments, and bodies whose
// Read returns an error at the limit.
func New(handler http.Handler, cfg Config) *Server {
	cfg = cfg.withDefaults()
	return &Server{cfg: cfg, http: &http.Server{
		Handler:           wrap(handler, cfg),
		ReadHeaderTimeout: cfg.ReadHeaderTimeout,
		ReadTimeout:       cfg.ReadTimeout,
		WriteTimeout:      cfg.WriteTimeout,
		IdleTimeout:       cfg.IdleTimeout,
		MaxHeaderBytes:    cfg.MaxHeaderBytes,
		TLSConfig:         cfg.TLS,
		ErrorLog:          slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelWarn),
	}}
}

// Handler returns what the server serves, including limits and log.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// Serve answers requests until ctx is done. It then finishes those under way, within Grace, and returns nil, or
// an error if it had to cut some off. It closes the listener.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	ln = &bounded{
		Listener: ln, conns: newTally(int64(s.cfg.MaxConns), int64(s.cfg.MaxConnsOfOne)), proxies: s.cfg.Proxies,
		log: s.cfg.Logger,
	}
	served := make(chan error, 1)
	go func() { served <- s.listen(ln) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.Grace)
	defer cancel()
	err := s.http.Shutdown(grace)
	if err != nil {
		err = errors.Join(fmt.Errorf("shutdown: %w", err), s.http.Close())
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, fmt.Errorf("serve: %w", ended))
	}
	return err
}

func (s *Server) listen(ln net.Listener) error {
	if s.cfg.TLS != nil {
		return s.http.ServeTLS(ln, "", "")
	}
	return s.http.Serve(ln)
}

func (c Config) withDefaults() Config {
	c.ReadHeaderTimeout = or(c.ReadHeaderTimeout, 5*time.Second)
	c.ReadTimeout = or(c.ReadTimeout, 15*time.Second)
	c.WriteTimeout = or(c.WriteTimeout, 75*time.Second)
	c.IdleTimeout = or(c.IdleTimeout, 120*time.Second)
	c.Grace = or(c.Grace, 30*time.Second)
	c.MaxHeaderBytes = or(c.MaxHeaderBytes, 32<<10)
	c.MaxBodyBytes = or(c.MaxBodyBytes, 64<<10)
	c.MaxInFlight = or(c.MaxInFlight, 64<<20)
	c.MaxInFlightOfOne = or(c.MaxInFlightOfOne, 8<<20)
	c.MaxUploads = or(c.MaxUploads, 128<<20)
	c.MaxConns = or(c.MaxConns, 4096)
	c.MaxConnsOfOne = or(c.MaxConnsOfOne, 512)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	return c
}

func or[T comparable](given, otherwise T) T {
	var zero T
	if given == zero {
		return otherwise
	}
	return given
}
