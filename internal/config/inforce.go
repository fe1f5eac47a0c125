package config

import (
	"fmt"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// Source is where a setting was taken from.
type Source string

// Sources, the first before the others. A setting that the program itself chose is of none of them.
const (
	OfFlag        Source = "flag"
	OfEnvironment Source = "environment"
	OfFile        Source = "file"
	OfDefault     Source = "default"
)

// SourcesOf returns where the settings of a command line were taken from, by their flags.
func SourcesOf(line *kong.Context) map[string]Source {
	all := map[string]Source{}
	for _, c := range Comments() {
		all[c.Flag] = OfDefault
		if _, set := os.LookupEnv(c.Env); set {
			all[c.Flag] = OfEnvironment
		}
	}
	for _, p := range line.Path {
		if p.Flag == nil || all[p.Flag.Name] == "" {
			continue
		}
		all[p.Flag.Name] = OfFlag
		if p.Resolved {
			all[p.Flag.Name] = OfFile
		}
	}
	return all
}

// InForce is a setting as the program goes by it.
type InForce struct {
	Comment
	Value string // without secrets
	From  Source
}

// InForce returns all settings in the order of the manual. What nothing has set, as in a demo, has no value.
func (s *Settings) InForce(from map[string]Source) (all []InForce) {
	values := map[string]string{}
	collect(reflect.ValueOf(s).Elem(), values)
	for _, c := range Comments() {
		one := InForce{c, values[c.Flag], from[c.Flag]}
		if one.From == "" && (one.Value == "0" || one.Value == "0s") {
			one.Value = ""
		}
		all = append(all, one)
	}
	return all
}

// collect puts the values of settings into a map by their flags.
func collect(of reflect.Value, into map[string]string) {
	for i := range of.NumField() {
		name, field := of.Type().Field(i).Tag.Get("name"), of.Field(i)
		switch value := field.Interface().(type) {
		case time.Duration:
			into[name] = brief(value)
		case []string:
			into[name] = strings.Join(value, ",")
		case string:
			into[name] = withoutSecrets(name, value)
		case bool, int:
			into[name] = fmt.Sprint(value)
		default:
			collect(field, into)
		}
	}
}

// brief writes a time without what is 0: 24h.
func brief(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// withoutSecrets leaves out of the address of a database who opens it and how, which may hold a password. No other
// setting has a secret.
func withoutSecrets(name, value string) string {
	kind, rest, _ := strings.Cut(value, "://")
	if name != "db" || rest == "" {
		return value
	}
	u, err := url.Parse(value)
	if err != nil || u.User == nil && strings.Contains(rest, "@") { // a password that is not escaped
		return kind + "://…"
	}
	return kind + "://" + u.Host + u.Path
}
