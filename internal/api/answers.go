package api

import (
	"maps"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// schemas is where the document has its schemas.
const schemas = "#/components/schemas/"

// openAnswers takes from what is answered that it has no other fields: there may be new ones. What is sent is checked
// by its description and keeps it, so that what is both has a second description, for answers.
func openAnswers(doc *huma.OpenAPI) {
	all, sent, answered := doc.Components.Schemas.Map(), map[string]bool{}, map[string]bool{}
	for op := range described(doc) {
		if op.RequestBody != nil {
			reach(all, op.RequestBody.Content, sent)
		}
		for _, r := range op.Responses {
			reach(all, r.Content, answered)
		}
	}
	maps.DeleteFunc(answered, func(name string, _ bool) bool { return !sent[name] })
	for name := range answered {
		all[answerOf(name)] = copied(all[name])
	}
	for name, s := range all {
		if sent[name] {
			continue
		}
		if s.AdditionalProperties == false {
			s.AdditionalProperties = nil
		}
		each(s, func(part *huma.Schema) {
			if of := strings.TrimPrefix(part.Ref, schemas); answered[of] {
				part.Ref = schemas + answerOf(of)
			}
		})
	}
	for op := range described(doc) {
		for _, r := range op.Responses {
			for _, m := range r.Content {
				if of := strings.TrimPrefix(m.Schema.Ref, schemas); answered[of] {
					m.Schema = &huma.Schema{Ref: schemas + answerOf(of)}
				}
			}
		}
	}
}

// answerOf names the description for answers of what is sent, too.
func answerOf(name string) string { return name + "Answer" }

// reach notes the names of the schemas that a content is made of.
func reach(all map[string]*huma.Schema, content map[string]*huma.MediaType, names map[string]bool) {
	var note func(*huma.Schema)
	note = func(s *huma.Schema) {
		if name := strings.TrimPrefix(s.Ref, schemas); s.Ref != "" && !names[name] {
			names[name] = true
			each(all[name], note)
		}
	}
	for _, m := range content {
		each(m.Schema, note)
	}
}

// each calls fn with a schema and all that is written in it. It follows no reference.
func each(s *huma.Schema, fn func(*huma.Schema)) {
	if s == nil {
		return
	}
	fn(s)
	each(s.Items, fn)
	if values, ok := s.AdditionalProperties.(*huma.Schema); ok {
		each(values, fn)
	}
	for _, of := range s.Properties {
		each(of, fn)
	}
}

// copied returns a schema that can be changed without the other.
func copied(s *huma.Schema) *huma.Schema {
	if s == nil {
		return nil
	}
	c := *s
	c.Items = copied(s.Items)
	if values, ok := s.AdditionalProperties.(*huma.Schema); ok {
		c.AdditionalProperties = copied(values)
	}
	c.Properties = maps.Clone(s.Properties)
	for name, of := range c.Properties {
		c.Properties[name] = copied(of)
	}
	return &c
}
