package main

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// beKind gives all threads the nice value. The test runs in a process of its own, because a process without
// privileges cannot lower it again.
func TestLargeCommandsAreKind(t *testing.T) {
	t.Parallel()
	if os.Getenv("TONGKA_TEST_KIND") == "" {
		self := exec.Command(os.Args[0], "-test.run=^TestLargeCommandsAreKind$")
		self.Env = append(os.Environ(), "TONGKA_TEST_KIND=1")
		out, err := self.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return
	}
	beKind()
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, thread := range threads {
		stat, err := os.ReadFile("/proc/self/task/" + thread.Name() + "/stat")
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		if nice := strings.Fields(rest)[16]; nice != strconv.Itoa(kindness) {
			t.Errorf("thread %s: %s, want %d", thread.Name(), nice, kindness)
		}
	}
}
