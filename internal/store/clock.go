package store

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"tongka/internal/command"
	"tongka/internal/ledger"
)

// TimeKnown is what the database shows about the time.
type TimeKnown struct {
	Newest time.Time // time of the newest entry; zero = there is none
	Seen   time.Time // what was last passed to SaveSeen; zero = never
	// time of the newest entry by which somebody vouched for the time or took it back; zero = there is none
	Accepted time.Time
	Server   time.Time // the database server's clock; zero = there is no server
	Apart    bool      // the server is another machine
	Files    time.Time // when the newest of the database's files was written before this opening; zero = it has no files
}

var serverTime = define("server_time", "", "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint")

// TimeKnown reads what the database shows about the time.
func (s *Store) TimeKnown(ctx context.Context) (TimeKnown, error) {
	known, err := s.backend.time(ctx)
	if err != nil {
		return known, fmt.Errorf("server's time: %w", err)
	}
	heads, err := s.Heads(ctx)
	if err != nil {
		return known, err
	}
	var own []command.Want
	for _, h := range heads {
		known.Newest = later(known.Newest, h.LastAt)
		if h.Clock != 0 {
			own = append(own, command.Want{Merchant: h.Merchant, Keys: command.Keys{Entries: []ledger.EntryID{h.Clock}}})
		}
	}
	found, err := s.View.Load(ctx, own...)
	if err != nil {
		return known, err
	}
	for i := range found {
		for _, e := range found[i].Entries {
			known.Accepted = later(known.Accepted, e.At)
		}
	}
	ms, err := s.setting(ctx, "clock")
	if ms != 0 {
		known.Seen = time.UnixMilli(ms).UTC()
	}
	return known, err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// SaveSeen stores a time that the server knew to be right, for TimeKnown.Seen.
func (s *Store) SaveSeen(ctx context.Context, at time.Time) error {
	return s.write(ctx, write{setSetting, rowsFor(setSetting, 1).text("clock").int(at.UnixMilli())})
}

var dropGuardsAfter = define("drop_guards_after", "merchant until kind", `
	DELETE FROM guard WHERE EXISTS (
		SELECT 1 FROM {rows} AS v WHERE guard.merchant = v.merchant AND guard.until > v.until AND guard.kind <> v.kind)`)

// DropGuardsAfter removes a merchant's guards that end after the given time. When the clock is taken back to that time,
// guards that were set by the clock that was ahead would end too late. Signatures that were used stay so.
func (s *Store) DropGuardsAfter(ctx context.Context, merchant ledger.MerchantID, at time.Time) error {
	return s.write(ctx, write{dropGuardsAfter, rowsFor(dropGuardsAfter, 1).int(int64(merchant)).time(at).
		int(int64(ledger.SignatureUsed))})
}

func (db *postgresDB) time(ctx context.Context) (known TimeKnown, err error) {
	err = db.read(ctx, query{serverTime, noRows, func(r record) error {
		known.Server = readTime(r)
		return nil
	}})
	if err != nil {
		return known, err
	}
	conn, _, err := db.pool.acquire(ctx)
	if err != nil {
		return known, err
	}
	defer conn.Release()
	known.Apart = apart(conn.Conn().PgConn().Conn().RemoteAddr())
	return known, nil
}

// apart reports whether an address belongs to another machine.
func apart(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || tcp.IP.IsLoopback() {
		return false
	}
	ours, err := net.InterfaceAddrs()
	if err != nil {
		return false
	}
	for _, one := range ours {
		if n, ok := one.(*net.IPNet); ok && n.IP.Equal(tcp.IP) {
			return false
		}
	}
	return true
}

func (db *sqliteDB) time(context.Context) (TimeKnown, error) {
	return TimeKnown{Files: db.written}, nil
}

// writtenAt returns when the newest of a database's files was written; zero if there is none.
func writtenAt(file string) (newest time.Time) {
	for _, name := range []string{file, file + "-wal"} {
		if info, err := os.Stat(name); err == nil {
			newest = later(newest, info.ModTime().UTC())
		}
	}
	return newest
}
