package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
)

// listing has the flags of commands that print a table.
type listing struct {
	JSON bool `name:"json" help:"Print JSON instead of a table."`
}

// print prints rows, which must be structs, under the names in their JSON tags: as a table on a terminal, as lines
// of tab-separated fields otherwise, or as JSON.
func print[T any](con *console, l listing, rows []T) error {
	if l.JSON {
		return printJSON(con, append([]T{}, rows...)) // [] rather than null
	}
	header, lines := cells(rows)
	if !con.tty {
		for _, line := range append([][]string{header}, lines...) {
			fmt.Fprintln(con.out, strings.Join(line, "\t"))
		}
		return nil
	}
	t := table.NewWriter()
	t.SetOutputMirror(con.out)
	t.SetStyle(table.StyleLight)
	t.AppendHeader(tableRow(header))
	for _, line := range lines {
		t.AppendRow(tableRow(line))
	}
	t.Render()
	return nil
}

func printJSON(con *console, v any) error {
	enc := json.NewEncoder(con.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func cells[T any](rows []T) (header []string, lines [][]string) {
	t := reflect.TypeFor[T]()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		header = append(header, strings.ReplaceAll(name, "_", " "))
	}
	for _, row := range rows {
		v := reflect.ValueOf(row)
		var line []string
		for i := range v.NumField() {
			line = append(line, oneLine(fmt.Sprint(v.Field(i).Interface())))
		}
		lines = append(lines, line)
	}
	return header, lines
}

// oneLine returns a value of several lines, such as a till's signature, on one line: in a table each row is a line.
func oneLine(s string) string {
	return strings.NewReplacer("\r\n", "; ", "\n", "; ", "\r", "; ", "\t", " ").Replace(strings.TrimRight(s, "\r\n"))
}

func tableRow(cells []string) table.Row {
	row := make(table.Row, len(cells))
	for i, c := range cells {
		row[i] = c
	}
	return row
}
