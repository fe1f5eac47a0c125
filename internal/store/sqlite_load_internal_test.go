package store

import (
	"testing"
	"time"

	"tongka/internal/command"
)

// TestLoadBesideCommit proves that a load does not wait while somebody commits, which takes as long as the disk
// does, and that it sees everything that is committed and nothing that is not. Before, it waited.
func TestLoadBesideCommit(t *testing.T) {
	t.Parallel()
	s, db, _ := openFile(t)
	merchant := someMerchant
	merchant.Name = "before"
	if err := s.SaveMerchant(t.Context(), merchant); err != nil {
		t.Fatal(err)
	}
	named := func(want string) {
		t.Helper()
		done := make(chan error, 1)
		var found []command.Records
		go func() {
			var err error
			found, err = s.Load(t.Context(), command.Want{Merchant: merchant.ID, Keys: command.Keys{Head: true}})
			done <- err
		}()
		select {
		case err := <-done:
			if err != nil || found[0].Merchant == nil || found[0].Merchant.Name != want {
				t.Errorf("loaded %+v, %v, want the merchant named %s", found, err, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("a load waits for a commit")
		}
	}
	db.mu.Lock() // as during a commit
	named("before")
	unlocked := false
	unlock := func() {
		if !unlocked {
			unlocked = true
			db.mu.Unlock()
		}
	}
	defer unlock()
	rename := define("rename", "name:text merchant", "UPDATE merchant SET name = $1 WHERE merchant = $2")
	err := db.writer.transaction(beginWrite, func() error {
		if err := db.writer.exec(write{rename, rowsFor(rename, 1).text("after").int(int64(merchant.ID))}); err != nil {
			return err
		}
		named("before")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	named("after") // on another connection, since mu is still locked
	unlock()
	named("after") // on the writer's connection
}
