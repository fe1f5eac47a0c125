// Package asset serves the files that pages load: style sheets, scripts, pictures. Their addresses change with their
// contents, so browsers may keep them for ever.
package asset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// Set is some files under one address.
type Set struct {
	files map[string]file
	urls  map[string]string
}

type file struct {
	kind    string
	packed  []byte // gzip; nil = the file is small
	content []byte // unpacked; nil = it is packed
}

// Embedded returns the files of a folder that is embedded in the program, as New does. It panics if there is no such
// folder, or a file in it cannot be served: that is so whenever the program begins.
func Embedded(base string, in fs.FS, folder string) *Set {
	files, err := fs.Sub(in, folder)
	if err != nil {
		panic(err)
	}
	s, err := New(base, files)
	if err != nil {
		panic(err)
	}
	return s
}

// New returns the files of a folder, without folders in it, under an address with a slash
// at its end. A file name.gz is served as name; it is
// kept packed, since all browsers unpack it themselves.
func New(base string, folder fs.FS) (*Set, error) {
	s := &Set{files: map[string]file{}, urls: map[string]string{}}
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		content, err := fs.ReadFile(folder, e.Name())
		if err != nil {
			return nil, err
		}
		name, packed := strings.CutSuffix(e.Name(), ".gz")
		f := file{kind: kindOf(name)}
		if f.kind == "" {
			return nil, fmt.Errorf("nobody knows what kind of file %s is", name)
		}
		if packed {
			f.packed = content
		} else {
			f.content = content
		}
		sum := sha256.Sum256(content)
		s.files[name] = f
		s.urls[name] = base + hex.EncodeToString(sum[:6]) + "/" + name
	}
	return s, nil
}

// kinds are not left to the system's table, which differs from machine to machine.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".png": "image/png", ".webmanifest": "application/manifest+json",
}

func kindOf(name string) string { return kinds[path.Ext(name)] }

// URL returns the address of a file. It panics if there is no such file: names are written in the program.
func (s *Set) URL(name string) string {
	url, ok := s.urls[name]
	if !ok {
		panic("there is no file " + name)
	}
	return url
}

// Serve answers requests under the set's address; ok is false if there is no such file, and then nothing is sent.
func (s *Set) Serve(w http.ResponseWriter, r *http.Request) (ok bool) {
	name := path.Base(r.URL.Path)
	f, ok := s.files[name]
	if !ok || s.urls[name] != r.URL.Path {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	content := f.content
	if f.packed != nil {
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			content = f.packed
		} else {
			content = unpacked(f.packed)
		}
	}
	_, _ = w.Write(content) // the browser is gone, and nobody reads the error
	return true
}

func unpacked(packed []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err) // the files are embedded
	}
	content, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return content
}
