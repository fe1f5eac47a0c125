package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"tongka/internal/command"
	"tongka/internal/engine"
	"tongka/internal/ledger"
)

// badDiskWhen names the file whose appearance makes the disk of tongka-bad-disk fail.
const badDiskWhen = "TONGKA_TEST_BAD_DISK"

// mainOnBadDisk runs the program on a disk that fails while it runs: from then on the kernel returns EIO for every
// fsync.
func mainOnBadDisk() {
	go func() {
		for {
			if _, err := os.Stat(os.Getenv(badDiskWhen)); err == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
		if err := failFsync(); err != nil {
			panic(err)
		}
		if err := os.Remove(os.Getenv(badDiskWhen)); err != nil {
			panic(err)
		}
	}()
	main()
}

// failFsync makes fsync and fdatasync fail permanently in all threads of the process, by a seccomp filter.
func failFsync() error {
	// fsync, fdatasync, seccomp
	numbers := map[string][3]uint32{"amd64": {74, 75, 317}, "arm64": {82, 83, 277}}[runtime.GOARCH]
	const (
		load, equal, ret = 0x20, 0x15, 0x06
		fail, allow      = 0x00050000 | uint32(syscall.EIO), 0x7fff0000
		noNewPrivileges  = 38
	)
	program := []syscall.SockFilter{
		{Code: load}, {Code: equal, Jt: 1, K: numbers[0]}, {Code: equal, Jf: 1, K: numbers[1]}, {Code: ret, K: fail},
		{Code: ret, K: allow},
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if _, _, no := syscall.RawSyscall6(syscall.SYS_PRCTL, noNewPrivileges, 1, 0, 0, 0, 0); no != 0 {
		return no
	}
	of := syscall.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	const setFilter, allThreads = 1, 1
	_, _, no := syscall.RawSyscall(uintptr(numbers[2]), setFilter, allThreads, uintptr(unsafe.Pointer(&of)))
	runtime.KeepAlive(program)
	if no != 0 {
		return no
	}
	return nil
}

// A server whose disk fails while a commit is flushed ends at once, and logs why. It used to go on, fail every
// command, and report that it was ready.
func TestFailedFlushEndsTheServer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := t.TempDir()
	dsn := "sqlite:" + filepath.Join(dir, "books.db")
	fillTill(t, dsn)
	addr, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, "tongka-bad-disk", "serve", "--db", dsn, "--addr", addr)
	bad := filepath.Join(dir, "bad")
	cmd.Env = append(os.Environ(), badDiskWhen+"="+bad)
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for ask(ctx, addr, "600001") == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	if status := ask(ctx, addr, "600001"); status != http.StatusOK {
		t.Errorf("while the disk is well: %d", status)
	}
	if err := os.WriteFile(bad, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(bad); errors.Is(err, os.ErrNotExist) || ctx.Err() != nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	begun := time.Now()
	if status := ask(ctx, addr, "600001"); status == http.StatusOK {
		t.Error("a bill was acknowledged that is not on the disk")
	}
	err = cmd.Wait()
	if took := time.Since(begun); cmd.ProcessState.ExitCode() != exitLost || took > 5*time.Second {
		t.Errorf("it ended with %v after %v, want exit status %d at once", err, took, exitLost)
	}
	if !strings.Contains(log.String(), "ending at once") || !strings.Contains(log.String(), "the disk failed") {
		t.Errorf("it did not say why: %s", &log)
	}
}

// fillTill makes a merchant with one card and an agent with the token "till".
func fillTill(t *testing.T, dsn string) {
	t.Helper()
	b, err := openBooks(t.Context(), dsn, engine.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.mustClose(t)
	err = errors.Join(
		b.SaveMerchant(t.Context(), ledger.Merchant{
			ID: 1, GUID: "{T}", Name: "店", Zone: time.UTC,
			Levels: []ledger.Level{{ID: 1, Name: "会员", PayRate: ledger.Percent100}},
			Shops:  []ledger.Shop{{ID: 10, GUID: "{S}", Name: "总店"}}, PayTypes: []ledger.PayType{{ID: 1, Name: "现金"}},
		}),
		b.SaveAgent(t.Context(), ledger.Agent{
			ID: 1, Name: "till", TokenHash: sha256.Sum256([]byte("till")),
			Grants: []ledger.Grant{{Merchant: 1, Permissions: ledger.MayConsume}},
		}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.engine.Do(t.Context(), command.Import{Merchant: 1, Cards: []command.NewCard{
		{Number: "600001", Level: 1, Holder: ledger.Holder{Name: "某人"}, Principal: 100_00},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// ask sends a bill of 1.00 and returns the HTTP status, or 0 if there was no answer.
func ask(ctx context.Context, addr, card string) (status int) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/api2/member-cjb/consume",
		strings.NewReader(fmt.Sprintf(`{"card_id":%q,"money":"1.00","pay_type":1}`, card)))
	if err != nil {
		return 0
	}
	req.Header.Set("AUTHORIZATION", "till")
	req.Header.Set("CUSTOMERGUID", "{T}")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(res.Body)
	if err != nil || bytes.Contains(body, []byte("errcode")) {
		return res.StatusCode * 10
	}
	return res.StatusCode
}
