package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// File is a settings file: a YAML mapping of flag names to values.
type File map[string]string

// Load reads a settings file. kong calls it for --config.
func Load(r io.Reader) (kong.Resolver, error) {
	return Read(r)
}

// maxFile is the most bytes of a settings file. All settings take a few hundred.
const maxFile = 256 << 10

// Read reads a settings file. It refuses keys that are not settings, so that a misspelt one is noticed.
func Read(r io.Reader) (File, error) {
	name := "settings file"
	if f, ok := r.(interface{ Name() string }); ok {
		name += " " + f.Name()
	}
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s: has more than %d KiB: is it the right file?", name, maxFile>>10)
	}
	var doc yaml.Node
	err = yaml.NewDecoder(bytes.NewReader(text)).Decode(&doc)
	if errors.Is(err, io.EOF) {
		return File{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %s: this is no YAML there or just before: look at indentation, brackets and quotes", name,
			strings.TrimPrefix(err.Error(), "yaml: "))
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: line %d: want lines like addr: 127.0.0.1:8080", name, top.Line)
	}
	file := File{}
	for i := 0; i < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		if err := file.add(key, value); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", name, key.Line, err)
		}
	}
	return file, nil
}

func (f File) add(key, value *yaml.Node) error {
	known := slices.ContainsFunc(Comments(), func(c Comment) bool { return c.Flag == key.Value })
	if _, twice := f[key.Value]; twice {
		return fmt.Errorf("%s stands twice: leave one of them out", key.Value)
	}
	if !known {
		return fmt.Errorf("there is no setting %q: tongka serve --help lists them", key.Value)
	}
	if value.Kind != yaml.ScalarNode {
		return fmt.Errorf("%s: want one value: a list is written a,b,c", key.Value)
	}
	f[key.Value] = value.Value
	return nil
}

// Validate does nothing: Read has checked the keys.
func (f File) Validate(*kong.Application) error { return nil }

// Resolve returns the file's value of a flag, unless an environment variable is set for it.
func (f File) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value, ok := f[flag.Name]
	if !ok || !strings.HasPrefix(strings.Join(flag.Envs, ""), "TONGKA_") {
		return nil, nil
	}
	for _, env := range flag.Envs {
		if _, set := os.LookupEnv(env); set {
			return nil, nil
		}
	}
	return value, nil
}
