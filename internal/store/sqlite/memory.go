package sqlite

import (
	"encoding/binary"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// pointerSize is how many bytes a pointer has in SQLite's memory.
const pointerSize = 4 << (^uintptr(0) >> 63)

// loadPointer reads a pointer from SQLite's memory.
func loadPointer(place uintptr) uintptr {
	b := libc.GoBytes(place, pointerSize)
	if pointerSize == 4 {
		return uintptr(binary.NativeEndian.Uint32(b))
	}
	return uintptr(binary.NativeEndian.Uint64(b))
}

const (
	firstBlock = 1 << 10
	// largestKept is how large a block may be that a statement keeps for its next arguments.
	largestKept = 1 << 16
)

// memory holds the texts of a statement's arguments where SQLite may read them until they are dropped.
type memory struct {
	tls    *libc.TLS
	blocks []block // what is put goes into the last one
	used   int     // of it
	next   int     // how large the next block is at least
}

type block struct {
	at    uintptr
	bytes []byte
}

// put copies a value and answers where it is; 0 when there is no memory.
func put[T string | []byte](m *memory, value T) uintptr {
	last := len(m.blocks) - 1
	if last < 0 || m.used+len(value) > len(m.blocks[last].bytes) {
		if !m.grow(len(value)) {
			return 0
		}
		last++
	}
	b := m.blocks[last]
	at := b.at + uintptr(m.used)
	m.used += copy(b.bytes[m.used:], value)
	return at
}

// grow adds a block, larger from time to time, so that one will do in the end.
func (m *memory) grow(least int) bool {
	size := max(m.next, firstBlock, least)
	at := sqlite3.Xsqlite3_malloc64(m.tls, uint64(size))
	if at == 0 {
		return false
	}
	m.blocks, m.used, m.next = append(m.blocks, block{at, libc.GoBytes(at, size)}), 0, min(2*size, largestKept)
	return true
}

// drop forgets what was put.
func (m *memory) drop() {
	if n := len(m.blocks); n > 1 || n == 1 && len(m.blocks[0].bytes) > largestKept {
		m.free()
	}
	m.used = 0
}

// free gives all blocks back.
func (m *memory) free() {
	for _, b := range m.blocks {
		sqlite3.Xsqlite3_free(m.tls, b.at)
	}
	m.blocks = m.blocks[:0]
}
