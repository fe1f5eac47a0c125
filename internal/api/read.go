package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// readJSON reads one JSON value and nothing after it. Numbers keep their digits where they are read into any, so that
// an amount is never a float. A name that stands twice in an object is refused: two readers could see two amounts.
func readJSON(data []byte, v any) error {
	if into, ok := v.(*any); ok {
		return readAny(data, into)
	}
	return json.Unmarshal(data, v)
}

// readAny is readJSON for what is checked against the description first.
func readAny(data []byte, into *any) error {
	if err := checkNames(json.NewDecoder(bytes.NewReader(data))); err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

var (
	errTwice = errors.New("a name stands twice in one object")
	errMore  = errors.New("there is something behind the value")
	errDeep  = errors.New("it is nested too deeply")
)

// mostDepth is how deeply a body may be nested.
const mostDepth = 16

// checkNames goes through one value and returns an error if a name stands twice in one of its objects, if it is nested
// too deeply, or if anything stands behind it.
func checkNames(d *json.Decoder) error {
	d.UseNumber()
	if err := checkValue(d, 0); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errMore
	}
	return nil
}

func checkValue(d *json.Decoder, depth int) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	if depth == mostDepth {
		return errDeep
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			key, _ := name.(string) // the names of an object are strings, or Token had failed
			if seen[key] {
				return errTwice
			}
			seen[key] = true
		}
		if err := checkValue(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token() // the end of the object or list
	return err
}
