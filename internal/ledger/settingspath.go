package ledger

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// SettingsByPath returns the values in a SettingsText as configuration files have them, by their paths, such as
// rules[3].add_money. What stands in a list is called by its id, or by its place, from 1, if it has none. Values that
// the text leaves out are not there.
func SettingsByPath(text string) (map[string]string, error) {
	return byPath[settingsText]("settings", text)
}

// AgentByPath returns the values in an AgentText in the same way, such as grants[3].permissions, which is called by
// its merchant.
func AgentByPath(text string) (map[string]string, error) { return byPath[agentText]("agent", text) }

// PersonByPath returns the values in a PersonText in the same way.
func PersonByPath(text string) (map[string]string, error) { return byPath[personText]("person", text) }

// WebhookByPath returns the values in a WebhookText in the same way.
func WebhookByPath(text string) (map[string]string, error) {
	return byPath[webhookText]("webhook", text)
}

func byPath[T any](what, text string) (map[string]string, error) {
	var t T
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	flat := map[string]string{}
	flatten(flat, "", reflect.ValueOf(t))
	return flat, nil
}

// flatten adds the values of a struct, a list or one value to those by path.
func flatten(into map[string]string, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		flatten(into, path, v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			flatten(into, fmt.Sprintf("%s[%v]", path, placeName(v.Index(i), i)), v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if option == "omitempty" && v.Field(i).IsZero() {
				continue
			}
			flatten(into, strings.Trim(path+"."+name, "."), v.Field(i))
		}
	default:
		into[path] = fmt.Sprint(v.Interface())
	}
}

// placeName returns what an item of a list is called in a path.
func placeName(item reflect.Value, place int) any {
	if item.Kind() == reflect.Struct {
		for _, name := range []string{"ID", "Kind", "Merchant"} {
			if id := item.FieldByName(name); id.IsValid() {
				return id.Interface()
			}
		}
	}
	return place + 1
}
