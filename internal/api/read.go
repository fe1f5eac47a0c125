package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// readJSON reads one JSON value and nothing after it. What is read into any is only checked: amounts are read from the
// text itself, and are never a float. A name that stands twice in an object is refused: two readers could see two
// amounts.
func readJSON(data []byte, v any) error {
	if into, ok := v.(*any); ok {
		return readAny(data, into)
	}
	return clearly(json.Unmarshal(data, v))
}

var (
	errTwice = errors.New("a name stands twice in one object")
	errMore  = errors.New("there is something behind the value")
	errDeep  = errors.New("it is nested too deeply")
)

// mostDepth is how deeply a body may be nested.
const mostDepth = 16

// readAny is readJSON for what is checked against the description first. It reads one value, and returns an error if a
// name stands twice in one of its objects, if it is nested too deeply, or if anything stands behind it.
func readAny(data []byte, into *any) (err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if *into, err = readValue(d, 0); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errMore
	}
	return nil
}

func readValue(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if number, ok := token.(json.Number); ok {
		return wholeOf(number), nil
	}
	open, nested := token.(json.Delim)
	switch {
	case err != nil || !nested:
		return token, err
	case depth == mostDepth:
		return nil, errDeep
	case open == '{':
		return readObject(d, depth+1)
	}
	return readList(d, depth+1)
}

// wholeOf returns a number as it is checked. One with a point or an exponent stays what it is, which fits nothing: it
// could not be read into an amount without going through a float.
func wholeOf(number json.Number) any {
	if strings.ContainsAny(number.String(), ".eE") {
		return number
	}
	if n, err := number.Float64(); err == nil {
		return n
	}
	return number
}

func readObject(d *json.Decoder, depth int) (any, error) {
	object := map[string]any{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := name.(string) // the names of an object are strings, or Token had failed
		if _, twice := object[key]; twice {
			return nil, errTwice
		}
		if object[key], err = readValue(d, depth); err != nil {
			return nil, err
		}
	}
	_, err := d.Token() // the end of the object
	return object, err
}

func readList(d *json.Decoder, depth int) (any, error) {
	list := []any{}
	for d.More() {
		value, err := readValue(d, depth)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := d.Token() // the end of the list
	return list, err
}
