package scale

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// structField is a struct field as both the codec and the metadata see it.
type structField struct {
	goName   string
	name     string // "" = unnamed
	typeName string
	compact  bool
	typ      reflect.Type
	offset   uintptr
}

// structFields lists the encoded fields of struct type t and checks their tags.
func structFields(t reflect.Type) ([]structField, error) {
	fields := make([]structField, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		tag, tagged := f.Tag.Lookup("scale")
		if tag == "-" {
			continue
		}
		if f.Anonymous {
			return nil, fmt.Errorf("scale: %v embeds %v; name the field or skip it", t, f.Type)
		}
		if !f.IsExported() && !tagged {
			return nil, fmt.Errorf("scale: %v.%s is not exported; tag it to encode or skip it", t, f.Name)
		}
		name, options, _ := strings.Cut(tag, ",")
		sf := structField{
			goName: f.Name, name: name, typeName: f.Tag.Get("type"),
			typ: f.Type, offset: f.Offset,
		}
		switch name {
		case "":
			sf.name = snakeCase(f.Name)
		case "_":
			sf.name = ""
		}
		switch options {
		case "":
		case "compact":
			sf.compact = true
		default:
			return nil, fmt.Errorf("scale: %v.%s: unknown tag option %q", t, f.Name, options)
		}
		fields = append(fields, sf)
	}
	return fields, nil
}

// snakeCase turns a Go name into the form used on the wire: SpecVersion → spec_version,
// VRFOutput → vrf_output.
func snakeCase(s string) string {
	r := []rune(s)
	var b strings.Builder
	for i, c := range r {
		if i > 0 && unicode.IsUpper(c) &&
			(!unicode.IsUpper(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) && r[i-1] != '_' {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
