package store

import (
	"fmt"
	"slices"
	"strings"
)

// SchemaVersion is raised whenever a table changes. A store of an older version
// is brought up to it when it is opened, its data kept (see upgrade); one of a
// newer version is refused.
const SchemaVersion = 5

// Kind is how a column is written in a file and kept in the database.
type Kind uint8

// The kinds of columns.
const (
	Text      Kind = iota // UTF-8 without control characters, as it stands in the source; leading zeros kept. VARCHAR
	Date                  // YYYY-MM-DD. DATE
	Timestamp             // YYYY-MM-DD, or YYYY-MM-DD HH:MM:SS in local time. TIMESTAMP
	Month                 // YYYYMM. VARCHAR
	Integer               // whole number, at most 18 digits. BIGINT
	Flag                  // 0 or 1. BIGINT
	Cents                 // in files: dollars with at most two decimals, such as 12.50; in the database and for Append: cents. BIGINT
	NDC                   // drug package: 11 digits, or with hyphens 5-4-2, 4-4-2, 5-3-2 or 5-4-1, kept as 11 digits. VARCHAR
	Micros                // derived from a text column: millionths of its decimal number, exact, or NULL. BIGINT
)

func (k Kind) String() string {
	return [...]string{"text", "date", "timestamp", "month", "integer", "flag", "money", "NDC", "derived"}[k]
}

func (k Kind) sql() string {
	switch k {
	case Text, Month, NDC:
		return "VARCHAR"
	case Date:
		return "DATE"
	case Timestamp:
		return "TIMESTAMP"
	}
	return "BIGINT"
}

// Column documents one column. Required means neither absent from a file nor
// empty in any row.
type Column struct {
	Name     string
	Kind     Kind
	Required bool
	Unit     string // what a number counts, or the code system of a text
	From     string // derived columns: the column they come from
	Note     string
}

// Table documents one canonical table. Key, where there is one, names the
// columns that no two rows may share, in one file or in several.
type Table struct {
	Name    string
	Note    string
	Source  string
	Columns []Column
	Key     []string
	// Ignored are columns of the Tuva input layer that a file may carry and
	// that are not kept; the load report names them. Any other is refused.
	Ignored []string
	// Joined are further columns of the embedded table, made by the loader: what the searches of measures read in place of many columns.
	Joined []Joined
}

// Lookup returns a canonical table by name.
func Lookup(name string) (Table, bool) {
	i := slices.IndexFunc(tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return Table{}, false
	}
	return tables[i], true
}

// Tables returns the canonical tables in their documented order.
func Tables() []Table { return slices.Clone(tables) }

// Columns returns the column names of every canonical table, for the lint of a
// measure (engine.CheckColumns).
func Columns() map[string][]string {
	out := make(map[string][]string, len(tables))
	for _, t := range tables {
		for _, c := range t.Columns {
			out[t.Name] = append(out[t.Name], c.Name)
		}
	}
	return out
}

// TableNames returns the names of the canonical tables.
func TableNames() []string {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.Name
	}
	return names
}

func (t Table) index(name string) int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
}

// create returns the table's DDL. NOT NULL repeats what every row is checked
// for before it reaches the database.
func (t Table) create() string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE main.%s (", t.Name)
	for i, c := range t.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(c.Name + " " + c.Kind.sql())
		if c.Required {
			b.WriteString(" NOT NULL")
		}
	}
	for _, j := range t.Joined {
		b.WriteString(", " + j.Name + " VARCHAR")
	}
	return b.String() + ")"
}

// numbered returns columns name_1 … name_n of one kind.
func numbered(name string, n int, unit string) []Column {
	out := make([]Column, n)
	for i := range out {
		out[i] = Column{Name: fmt.Sprintf("%s_%d", name, i+1), Unit: unit}
	}
	return out
}

func ignoredNumbered(name string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s_%d", name, i+1)
	}
	return out
}
