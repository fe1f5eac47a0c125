package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
)

// readJSON reads one JSON value and nothing after it. What is read into any is only checked: amounts are read from the
// text itself, and are never a float. A name that stands twice in an object is refused: two readers could see two
// amounts. What was checked is of the types that are wanted, or the description wants too little.
func readJSON(data []byte, v any) error {
	if into, ok := v.(*any); ok {
		return readAny(data, into)
	}
	err := json.Unmarshal(data, v)
	if _, other := errors.AsType[*json.UnmarshalTypeError](err); other {
		return errType
	}
	return err
}

var (
	errTwice = errors.New("a name stands twice in one object")
	errMore  = errors.New("there is something behind the value")
	errDeep  = errors.New("it is nested too deeply")
	errType  = errors.New("a value is of another type than is wanted")
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
	open, nested := token.(json.Delim)
	switch {
	case err != nil:
		return nil, err
	case !nested:
		return checkable(token), nil
	case depth == mostDepth:
		return nil, errDeep
	case open == '{':
		return readObject(d, depth+1)
	}
	return readList(d, depth+1)
}

// unwanted is a value that no description wants, wherever it stands: null, for what is not known is left out and not
// taken for that, and a number that is not written as a whole one or is too long to be read as one.
type unwanted struct{}

// checkable returns a text, a number or a truth value as it is checked against the description.
func checkable(token json.Token) any {
	switch token := token.(type) {
	case nil:
		return unwanted{}
	case json.Number:
		n, err := strconv.ParseInt(token.String(), 10, 64)
		if err != nil {
			return unwanted{}
		}
		return n
	}
	return token
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
