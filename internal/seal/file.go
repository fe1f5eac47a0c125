package seal

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxText limits what is read of a key file, in bytes.
const maxText = 256

// encoding is the form of a key as text: 43 letters, with only one spelling for each key.
var encoding = base64.RawURLEncoding.Strict()

var errForm = errors.New("want 32 random bytes in base64url, 43 letters without =")

// Open returns the key. It is parsed from env, the value of an environment variable, if that is not empty, and
// otherwise read from the file. If the file does not exist, Open creates it with a new random key that only its
// owner can read; such a key does not match a database that was made with another one. Processes that start for the
// first time at the same moment get one key.
func Open(file string, env string) (*Key, error) {
	if env != "" {
		k, err := parse(env)
		if err != nil {
			return nil, fmt.Errorf("key from the environment: %w", err)
		}
		return k, nil
	}
	k, err := read(file)
	if errors.Is(err, fs.ErrNotExist) {
		k, err = create(file)
	}
	if errors.Is(err, fs.ErrExist) {
		k, err = read(file) // another process has created it since
	}
	if err != nil {
		return nil, fmt.Errorf("key-file: %w", err)
	}
	return k, nil
}

func read(file string) (*Key, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // nothing was written
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", file)
	}
	if !private(info) {
		return nil, fmt.Errorf("%s can be read by others (mode %04o): chmod 600 it, and think about who may have read it",
			file, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(f, maxText))
	if err != nil {
		return nil, err
	}
	if len(text) == 0 {
		return nil, fmt.Errorf("%s is empty, its creation was cut short: remove it if no database was made with it", file)
	}
	k, err := parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return k, nil
}

// create creates the file, and returns only when it would survive a power failure: if the key is lost, everything
// sealed under it is lost too. The file gets its name when the whole key is in it, so that neither another process
// nor a start after a crash finds half of one. It returns fs.ErrExist if another process was first.
func create(file string) (*Key, error) {
	var root [keySize]byte
	rand.Read(root[:]) // never returns an error: it ends the program instead
	text := encoding.EncodeToString(root[:]) + "\n"
	draft, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*") // only its owner can read it
	if err != nil {
		return nil, err
	}
	defer os.Remove(draft.Name()) //nolint:errcheck // what stays behind is a key that nothing was sealed under
	if err := writeTo(draft, text); err != nil {
		return nil, err
	}
	err = os.Link(draft.Name(), file)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		err = createInPlace(file, text)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(file))
	}
	if err != nil {
		return nil, err
	}
	return newKey(root), nil
}

// createInPlace creates the file where the file system knows no hard links.
func createInPlace(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := writeTo(f, text); err != nil {
		return errors.Join(err, os.Remove(file)) // with half a key in the file, every later start would fail
	}
	return nil
}

// writeTo writes the text durably, and closes the file.
func writeTo(f *os.File, text string) error {
	_, err := f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// parse reads a key. Its errors never contain any of the text, which may be a key with a letter too many.
func parse(text string) (*Key, error) {
	text = strings.TrimRight(text, "\r\n")
	b, err := encoding.DecodeString(text)
	if err != nil || len(b) != keySize || len(text) != encoding.EncodedLen(keySize) { // the decoder skips line feeds
		return nil, errForm
	}
	root := [keySize]byte(b)
	if root == [keySize]byte{} {
		return nil, errors.New("the key is all zeros")
	}
	return newKey(root), nil
}
