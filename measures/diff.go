package measures

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Diff says in text what changes from one version of a measure to the next: a
// line per header field that differs, value sets code by code, and the SQL line
// by line with two lines of context (" " kept, "-" out, "+" in). old may be nil:
// everything is new. Two equal measures give "". The text is for people; what is
// voted on is the hash.
func Diff(old, new *Spec) string {
	var b strings.Builder
	if old == nil {
		old = &Spec{}
	}
	was, is := fieldsOf(old), fieldsOf(new)
	for i, f := range is {
		if was[i].value == f.value {
			continue
		}
		switch {
		case was[i].value == "" || was[i].value == "null" || was[i].value == `""`:
			fmt.Fprintf(&b, "+ %s: %s\n", f.name, f.value)
		case f.value == "" || f.value == "null" || f.value == `""`:
			fmt.Fprintf(&b, "- %s: %s\n", f.name, was[i].value)
		default:
			fmt.Fprintf(&b, "- %s: %s\n+ %s: %s\n", f.name, was[i].value, f.name, f.value)
		}
	}
	diffSets(&b, old.ValueSets, new.ValueSets)
	if old.SQL != new.SQL {
		b.WriteString("  sql:\n")
		diffLines(&b, strings.Split(strings.TrimSuffix(old.SQL, "\n"), "\n"), strings.Split(strings.TrimSuffix(new.SQL, "\n"), "\n"))
	}
	return b.String()
}

type named struct{ name, value string }

// fieldsOf are the header fields in the canonical order, but the value sets and
// the SQL, which have forms of their own.
func fieldsOf(s *Spec) []named {
	text := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			panic("measures: encoding a plain value failed: " + err.Error())
		}
		return string(data)
	}
	return []named{
		{"id", text(s.ID)}, {"version", text(s.Version)}, {"title", text(s.Title)}, {"type", text(s.Type)}, {"direction", text(s.Direction)},
		{"grain", text(s.Grain)}, {"inputs", text(s.Inputs)}, {"stratify", text(s.Stratify)}, {"model", text(s.Model)}, {"cap", text(s.Cap)}, {"release", text(s.Release)},
		{"rationale", text(s.Rationale)}, {"source", text(s.Source)}, {"licence", text(s.Licence)}, {"clinical_notes", text(s.ClinicalNotes)},
	}
}
