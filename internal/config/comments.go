package config

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"
)

// Comment is the manual's text about one setting.
type Comment struct {
	Flag    string // the flag's name without dashes, which is also the key in the YAML file
	Env     string
	Default string
	Group   string
	Text    string // one paragraph
}

// Brief returns the comment's first sentence, without its period.
func (c Comment) Brief() string {
	brief, _, _ := strings.Cut(c.Text, ". ")
	return strings.TrimSuffix(brief, ".")
}

// Comments returns all settings in the order of the manual. It panics if a setting has no comment, so that none
// can be added without one.
func Comments() []Comment {
	file, err := parser.ParseFile(token.NewFileSet(), "settings.go", source, parser.ParseComments)
	if err != nil {
		panic(fmt.Sprintf("settings.go: %v", err)) // it was compiled into this program
	}
	var all []Comment
	ast.Inspect(file, func(n ast.Node) bool {
		field, ok := n.(*ast.Field)
		if !ok || field.Tag == nil {
			return true
		}
		if c, ok := comment(field); ok {
			all = append(all, c)
		}
		return true
	})
	return all
}

func comment(field *ast.Field) (Comment, bool) {
	quoted, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		panic(fmt.Sprintf("settings.go: tag %s: %v", field.Tag.Value, err))
	}
	tag := reflect.StructTag(quoted)
	if tag.Get("name") == "" {
		return Comment{}, false
	}
	if field.Doc == nil {
		panic("settings.go: " + tag.Get("name") + " has no comment")
	}
	return Comment{
		Flag:    tag.Get("name"),
		Env:     tag.Get("env"),
		Default: tag.Get("default"),
		Group:   tag.Get("group"),
		Text:    strings.Join(strings.Fields(field.Doc.Text()), " "),
	}, true
}
