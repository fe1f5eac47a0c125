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

// hold is a database file that this process has open. All stores of the process share one descriptor: when a process
// closes any descriptor of a file, the system drops all locks that the process has on the file, SQLite's among them,
// and SQLite in another process would take the file for unused.
//
// Whoever serves the file keeps it, one store at a time: by a lock on the file itself, which holds for all its
// names, and by a lock on the name, beside which SQLite keeps its log.
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
	// lockPatience is how long a lock that another process has is asked for. A process that ends gives its locks back
	// with the last descriptor, and one that it was just starting holds copies of these for a moment. A command that
	// finds no server keeps the file while it brings the schema up to date.
	lockPatience = time.Second
	lockEvery    = 10 * time.Millisecond
)

// ErrInUse is the error of opening a file to serve it that another process serves.
var ErrInUse = errors.New("in use by another process")

// keptError is the ErrInUse of a file.
type keptError struct {
	path string
	by   keeper
}

func (e *keptError) Error() string {
	return fmt.Sprintf("%s is in use by another process%s: stop that first, or choose another file with --db", e.path,
		e.by)
}

func (e *keptError) Is(target error) bool { return target == ErrInUse }

// holdFile opens the file. If there is none and it may, it makes one that only its owner can read: the file holds
// names and phones, and SQLite gives its logs the same mode.
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

// makeNew makes the file of a new database, unless a server is at work whose database had this name and was moved
// away or removed.
func makeNew(path string) error {
	if taken, err := nameTaken(path + lockSuffix); err != nil || taken {
		return errors.Join(err, &keptError{path, readKeeper(path + lockSuffix)})
	}
	return makePrivate(path)
}

// makePrivate makes a file that only its owner can read and write. The file must not exist.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// openBest opens the file for writing; unless it must, it opens it for reading if writing is not allowed.
func openBest(path string, mustWrite bool) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil && !mustWrite {
		f, err = os.Open(path)
	}
	return f, err
}

// checkPlace refuses a file with which SQLite would lose what was committed: one with a second name, by a link or a
// mount, because the log is beside one name only; and one on a network, where processes do not share memory.
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

// release gives up the file. All connections to it must be closed.
func (h *hold) release() error {
	holds.mu.Lock()
	defer holds.mu.Unlock()
	if h.users--; h.users > 0 {
		return nil
	}
	holds.all = slices.DeleteFunc(holds.all, func(other *hold) bool { return other == h })
	return h.file.Close()
}

// keep makes this process the one that keeps the file, or returns a keptError after patience.
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

// tell writes for other processes which log and shared memory belong to the database.
func (h *hold) tell(n *fileNames) error {
	holds.mu.Lock()
	defer holds.mu.Unlock()
	k := thisProcess()
	k.log, k.shared = fileNumber(n.files[1]), fileNumber(n.files[2])
	return k.write(h.name)
}

// letGo undoes keep, the name first: a process that has the name without the file has it for another file.
func (h *hold) letGo() error {
	holds.mu.Lock()
	defer holds.mu.Unlock()
	h.kept = false
	err := h.name.Close()
	_, unlocked := lockKeeper(h.file, false)
	return errors.Join(err, unlocked)
}

// beside makes sure that whoever keeps the file, if anybody does, keeps it under the same name, with the same log,
// and shares memory with this process: otherwise this process would not see what the keeper has committed. It also
// fails if somebody keeps another file that had this name before.
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
		// A process that is killed may give back the file before the name, and one that begins may be just about to take
		// the file.
		if time.Since(begun) > lockPatience {
			return fmt.Errorf("%s is the name of a database that is in use%s, and leads to another file now: put that one "+
				"back, or stop its server first", h.path, readKeeper(h.lockName()))
		}
	}
}

// besideKeeper reports whether somebody keeps the file. The error says why the file cannot be used beside the
// keeper.
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
	if name != nil { // nobody has the name; either the keeper has just ended, or it has another name
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

// works refuses a name that leads to another file than the one the keeper works with: what is written there would be
// lost, and would damage what the keeper writes.
func (k keeper) works(path, number string) error {
	if number == "" {
		return nil // unknown, or the keeper is just opening the database
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

// keeper says who keeps a file, and is written into the file that locks the name. It is for messages and for finding
// files that were moved; whether a file is kept is decided by locks alone.
type keeper struct {
	pid, command, host string
	begun              string // when the process began, as processBegun has it
	log, shared        string // numbers of the files -wal and -shm that it works with; "" = not known
}

// runsHere reports whether the keeper is a process of this system, which its host does not always show: some
// containers show the processes in them another boot id than a unit sees that has a /proc of its own.
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

// readKeeper returns who keeps a file, as far as that can be read.
func readKeeper(path string) (k keeper) {
	b, err := os.ReadFile(path)
	if err != nil || len(b) > 4096 {
		return k
	}
	if lines := strings.Split(string(b), "\n"); len(lines) > 6 { // the last is what follows the final newline
		k = keeper{lines[0], lines[1], lines[2], lines[3], lines[4], lines[5]}
	}
	return k
}

// String returns " (command, process 17)", or "" if the keeper is not known.
func (k keeper) String() string {
	if k.pid == "" {
		return ""
	}
	return fmt.Sprintf(" (%s, process %s)", k.command, k.pid)
}
