package report

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A schemaPart is as much of a JSON Schema as this test reads.
type schemaPart struct {
	Ref        string                `json:"$ref"`
	Defs       map[string]schemaPart `json:"$defs"`
	Properties map[string]schemaPart `json:"properties"`
	Required   []string              `json:"required"`
	Items      *schemaPart           `json:"items"`
	Additional *bool                 `json:"additionalProperties"`
}

// The schema has each field of the document, no other, and requires those that are
// always written.
func TestSchemaHasEveryField(t *testing.T) {
	var root schemaPart
	if err := json.Unmarshal([]byte(Schema), &root); err != nil {
		t.Fatal(err)
	}
	seen := make(map[reflect.Type]bool)
	var compare func(typ reflect.Type, part schemaPart)
	compare = func(typ reflect.Type, part schemaPart) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			if typ.Kind() == reflect.Slice {
				if part.Items == nil {
					t.Errorf("%s: the schema has no list", typ)
					return
				}
				part = *part.Items
			}
			typ = typ.Elem()
		}
		if name, ok := strings.CutPrefix(part.Ref, "#/$defs/"); ok {
			part = root.Defs[name]
		}
		if typ.Kind() != reflect.Struct || seen[typ] {
			return
		}
		seen[typ] = true
		if part.Additional == nil || *part.Additional {
			t.Errorf("%s: the schema lets other fields in", typ)
		}
		var names, required []string
		for field := range fieldsOf(typ) {
			name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			names = append(names, name)
			if options != "omitempty" {
				required = append(required, name)
			}
			compare(field.Type, part.Properties[name])
		}
		slices.Sort(names)
		if got := slices.Sorted(maps.Keys(part.Properties)); !slices.Equal(got, names) {
			t.Errorf("%s: the schema has the fields %v, the document %v", typ, got, names)
		}
		if !slices.Equal(part.Required, required) {
			t.Errorf("%s: the schema requires %v, always written are %v", typ, part.Required, required)
		}
	}
	compare(reflect.TypeFor[document](), root)
	if len(seen) != len(root.Defs)+1 {
		t.Errorf("the schema defines %d types, the document has %d", len(root.Defs)+1, len(seen))
	}
}

func fieldsOf(typ reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range typ.NumField() {
			if !yield(typ.Field(i)) {
				return
			}
		}
	}
}
