package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"

	"tongka/internal/config"
)

type backupCmd struct {
	config.Database
	File string `arg:"" help:"The file to make. It must not exist."`
}

// Run makes the copy and prints its SHA-256.
func (c *backupCmd) Run(ctx context.Context, con *console) (err error) {
	s, err := openAll(ctx, c.DB)
	if err != nil {
		return err
	}
	defer closeReader(s, &err)
	if err := s.Backup(ctx, c.File); err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		return err
	}
	fmt.Fprintf(con.out, "%x  %s  %d bytes\n", hash.Sum(nil), c.File, size)
	return nil
}
