package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// hold is a database file as this process has it. All stores of the process share the one descriptor: when a
// process closes any descriptor of a file, the system drops the locks it has on it by others, SQLite's among
// them, and SQLite of another process would take the file for unused.
//
// Who serves the file keeps it: one process at a time, by a lock on the file itself, whatever it is called,
// and by one on the name, beside which SQLite keeps its log.
type hold struct {
	path  string // absolute, without symbolic links
	file  *os.File
	info  os.FileInfo
	users int
	kept  bool // by a store of this process
	name  io.Closer
}

var holds struct {
	mu  sync.Mutex
	all []*hold
}

const (
	// lockPatience is how long a lock that is taken is asked for. Whoever ends gives it back with its last
	// descriptor, and a process that is just being started by it holds a copy of that for a moment. A command
	// that works beside a server keeps the file while it looks at the schema.
	lockPatience = time.Second
	lockEvery    = 10 * time.Millisecond
)

// ErrInUse is why a file cannot be opened to be served: another process serves it.
var ErrInUse = errors.New("in use by another process")

// keptError is why a file cannot be kept: somebody else keeps it.
type keptError struct {
	path string
	by   keeper
}

func (e *keptError) Error() string {
	return fmt.Sprintf("%s is in use by another process%s: stop that first, or choose another file with --db", e.path,
		e.by)
}

func (e *keptError) Is(target error) bool { return target == ErrInUse }

// holdFile opens the file, and makes one for its owner only where there is none and it may: it holds names
// and phones, and SQLite gives its logs the same mode.
func holdFile(path string, mustWrite, mayMake bool) (*hold, error) {
	holds.mu.Lock()
	defer holds.mu.Unlock()
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) && mayMake {
		if err = makeNew(path); err == nil {
			info, err = os.Stat(path)
		}
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file (%v): give the database file itself", path, info.Mode().Type())
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, err
	}
	for _, h := range holds.all {
		if os.SameFile(h.info, info) {
			if h.path != path {
				return nil, fmt.Errorf("%s is open as %s: use that name", path, h.path)
			}
			h.users++
			return h, nil
		}
	}
	h := &hold{path: path, info: info, users: 1}
	if h.file, err = openBest(path, mustWrite); err != nil {
		return nil, err
	}
	if err := h.checkPlace(); err != nil {
		return nil, errors.Join(err, h.file.Close())
	}
	holds.all = append(holds.all, h)
	return h, nil
}

// makeNew makes the file of a new database, unless a server is at work whose database had the name: it was moved away
// or removed.
func makeNew(path string) error {
	if taken, err := nameTaken(path + lockSuffix); err != nil || taken {
		return errors.Join(err, &keptError{path, readKeeper(path + lockSuffix)})
	}
	return makePrivate(path)
}

// makePrivate makes a file for its owner only.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// openBest opens the file for writing, or else, where that will do, for reading.
func openBest(path string, mustWrite bool) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil && !mustWrite {
		f, err = os.Open(path)
	}
	return f, err
}

// checkPlace refuses a file with which SQLite would lose what was committed: one that has a second name, by a link or
// by a mount, for the log is beside the name, and one on a network, where processes do not share memory.
func (h *hold) checkPlace() error {
	n, err := links(h.file)
	if err != nil {
		return fmt.Errorf("%s: count its names: %w", h.path, err)
	}
	if n > 1 {
		return fmt.Errorf("%s has %d names (hard links), but its log is kept beside one: `find / -samefile '%s'` lists "+
			"them, look first in its own folder and where copies are kept (on Windows: fsutil hardlink list). Keep the name "+
			"that the server is given, beside which its -wal file is, and remove the others: that deletes no data", h.path, n,
			h.path)
	}
	if mountedAlone(h.file) {
		return fmt.Errorf("%s is mounted by itself, but its log is kept beside it: mount the folder it is in", h.path)
	}
	if kind := networkFile(h.file); kind != "" {
		return fmt.Errorf("%s is on a network file system (%s), where a database breaks: move it to a local disk, or "+
			"use PostgreSQL", h.path, kind)
	}
	return nil
}

// release gives the file back. The connections to it must have been closed before.
func (h *hold) release() error {
	holds.mu.Lock()
	defer holds.mu.Unlock()
	if h.users--; h.users > 0 {
		return nil
	}
	holds.all = slices.DeleteFunc(holds.all, func(other *hold) bool { return other == h })
	return h.file.Close()
}

// keep has this process be the one that keeps the file, or answers a keptError after some patience.
func (h *hold) keep(patience time.Duration) error {
	for begun := time.Now(); ; time.Sleep(lockEvery) {
		kept, err := h.tryKeep()
		if kept || err != nil {
			return err
		}
		if time.Since(begun) >= patience {
			return &keptError{h.path, readKeeper(h.lockName())}
		}
	}
}

// lockSuffix follows the name of a database in that of the file that locks the name.
const lockSuffix = ".lock"

func (h *hold) lockName() string { return h.path + lockSuffix }

func (h *hold) tryKeep() (bool, error) {
	holds.mu.Lock()
	defer holds.mu.Unlock()
	if h.kept {
		return false, nil
	}
	if ok, err := lockKeeper(h.file, true); err != nil || !ok {
		return false, err
	}
	name, err := lockFile(h.lockName())
	if err != nil || name == nil {
		_, unlocked := lockKeeper(h.file, false)
		return false, errors.Join(err, unlocked)
	}
	h.kept, h.name = true, name
	return true, thisProcess().write(name)
}

// tell writes for other processes which files the database is.
func (h *hold) tell(n *fileNames) error {
	holds.mu.Lock()
	defer holds.mu.Unlock()
	k := thisProcess()
	k.log, k.shared = fileNumber(n.files[1]), fileNumber(n.files[2])
	return k.write(h.name)
}

// letGo undoes keep, the name first: who has the name without the file has it for another one.
func (h *hold) letGo() error {
	holds.mu.Lock()
	defer holds.mu.Unlock()
	h.kept = false
	err := h.name.Close()
	_, unlocked := lockKeeper(h.file, false)
	return errors.Join(err, unlocked)
}

// beside makes sure that whoever keeps the file, if anybody does, has it by the same name, with the same log, and
// shares memory with this process: otherwise it would not see what that one has committed. Nor may somebody keep
// another file that had this name before.
func (h *hold) beside() error {
	for begun := time.Now(); ; time.Sleep(lockEvery) {
		kept, err := h.besideKeeper()
		if err != nil || kept || !locksByFile {
			return err
		}
		taken, err := nameTaken(h.lockName())
		if err != nil || !taken {
			return err
		}
		// A process that is killed may give the file back before the name, and one that begins may take it just now.
		if time.Since(begun) > lockPatience {
			return fmt.Errorf("%s is the name of a database that is in use%s, and leads to another file now: put that one "+
				"back, or stop its server first", h.path, readKeeper(h.lockName()))
		}
	}
}

// besideKeeper reports whether somebody keeps the file. The error is why it cannot be used beside him.
func (h *hold) besideKeeper() (kept bool, err error) {
	holds.mu.Lock()
	defer holds.mu.Unlock()
	if h.kept {
		return true, nil
	}
	kept, err = keptElsewhere(h.file)
	if err != nil || !kept {
		return false, err
	}
	name, err := lockFile(h.lockName())
	if err != nil {
		return true, err
	}
	if name != nil { // nobody has it, unless the keeper has ended just now
		if kept, err = keptElsewhere(h.file); err == nil && kept {
			err = fmt.Errorf("%s is in use under another name: use the name the server was given", h.path)
		}
		return kept, errors.Join(err, name.Close())
	}
	by, here := readKeeper(h.lockName()), thisProcess()
	if by.host != "" && by.host != here.host && !by.runsHere() {
		return true, fmt.Errorf("%s is in use on another machine%s: run this command there", h.path, by)
	}
	return true, errors.Join(by.works(h.path+"-wal", by.log), by.works(h.path+"-shm", by.shared))
}

// works refuses a name that leads to another file than the keeper works with: what is written beside him would be
// lost, and damage what he writes.
func (k keeper) works(path, number string) error {
	if number == "" {
		return nil // it is not known, or he is just opening it
	}
	info, err := os.Stat(path)
	if err == nil && fileNumber(info) == number {
		return nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return fmt.Errorf("%s is not the one that the database is in use with%s: it was moved or replaced, put it back, or "+
		"stop that process and start it again", path, k)
}

// keeper says who keeps a file, in the file that locks the name. It is there for people; locks decide.
type keeper struct {
	pid, command, host string
	begun              string // when the process began, as processBegun has it
	log, shared        string // numbers of the files -wal and -shm that it works with; "" = not known
}

// runsHere reports whether the keeper is a process of this system, which its host does not always say: some containers
// show those in them another one than a unit sees that has a /proc of its own.
func (k keeper) runsHere() bool { return k.begun != "" && processBegun(k.pid) == k.begun }

func thisProcess() keeper {
	command := filepath.Base(os.Args[0])
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		command += " " + os.Args[1]
	}
	pid := fmt.Sprint(os.Getpid())
	return keeper{pid: pid, command: command, host: bootID(), begun: processBegun(pid)}
}

func (k keeper) write(lock io.Closer) error {
	f, ok := lock.(*os.File)
	if !ok {
		return nil
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strings.Join([]string{k.pid, k.command, k.host, k.begun, k.log, k.shared}, "\n")+"\n"), 0)
	return err
}

// readKeeper reads who keeps a file, as far as it can be read.
func readKeeper(path string) (k keeper) {
	b, err := os.ReadFile(path)
	if err != nil || len(b) > 4096 {
		return k
	}
	if lines := strings.Split(string(b), "\n"); len(lines) > 6 { // what follows is the end of the last one
		k = keeper{lines[0], lines[1], lines[2], lines[3], lines[4], lines[5]}
	}
	return k
}

// String is " (command, process 17)", or "" when it is not known.
func (k keeper) String() string {
	if k.pid == "" {
		return ""
	}
	return fmt.Sprintf(" (%s, process %s)", k.command, k.pid)
}
