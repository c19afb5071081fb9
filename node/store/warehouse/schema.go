package warehouse

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/node/store"
)

// DefaultSchema holds the canonical tables when the connection text names no other.
const DefaultSchema = "tacet"

// Kind of a warehouse, for which [Schema] prints.
type Kind string

// The kinds of warehouses.
const (
	PostgreSQL Kind = "postgres"
	Citus      Kind = "citus"
	Trino      Kind = "trino"
)

// Kinds are the warehouses that [Schema] knows.
func Kinds() []Kind { return []Kind{PostgreSQL, Citus, Trino} }

// Schema returns the DDL of the canonical tables in a schema: for PostgreSQL and Citus with a role that may only read; for Trino, where roles and
// layout are the catalogue's, the tables alone.
func Schema(kind Kind, schema string) (string, error) {
	if schema == "" {
		schema = DefaultSchema
	}
	if !plainName.MatchString(schema) {
		return "", fmt.Errorf("schema %.70q: want lower-case letters, digits and underscores", schema)
	}
	if !slices.Contains(Kinds(), kind) {
		return "", fmt.Errorf("%.40q is none of %v", kind, Kinds())
	}
	var b strings.Builder
	fmt.Fprintf(&b, "-- Node Input v1, schema version %d. Amounts are whole cents; derived columns are described in their comments.\n", store.SchemaVersion)
	fmt.Fprintf(&b, "CREATE SCHEMA IF NOT EXISTS %s;\n", schema)
	for _, t := range store.Tables() {
		b.WriteString("\n" + create(kind, schema, t))
	}
	if kind == Trino {
		return b.String(), nil
	}
	if kind == Citus {
		b.WriteString("\n-- Citus: everything by person_id, co-located; tables without it are copied to every worker.\n")
		first := ""
		for _, t := range store.Tables() {
			switch {
			case !byPerson(t):
				fmt.Fprintf(&b, "SELECT create_reference_table('%s.%s');\n", schema, t.Name)
			case first == "":
				first = t.Name
				fmt.Fprintf(&b, "SELECT create_distributed_table('%s.%s', 'person_id', colocate_with => 'none');\n", schema, t.Name)
			default:
				fmt.Fprintf(&b, "SELECT create_distributed_table('%s.%s', 'person_id', colocate_with => '%s.%s');\n", schema, t.Name, schema, first)
			}
		}
	}
	fmt.Fprintf(&b, "\n-- The node's role: reads these tables and nothing else. Give it a password or a certificate of its own.\n"+
		"-- CREATE ROLE tacet_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 4;\n"+
		"-- GRANT USAGE ON SCHEMA %s TO tacet_reader;\n-- GRANT SELECT ON ALL TABLES IN SCHEMA %s TO tacet_reader;\n", schema, schema)
	b.WriteString("\n-- After every load:\n")
	for _, t := range store.Tables() {
		fmt.Fprintf(&b, "ANALYZE %s.%s;\n", schema, t.Name)
	}
	return b.String(), nil
}

func byPerson(t store.Table) bool {
	return slices.ContainsFunc(t.Columns, func(c store.Column) bool { return c.Name == "person_id" })
}

// create is one table with what documents it. There is no UNIQUE constraint: Citus takes none without person_id, and a warehouse's own duplicates
// are for its quality checks to name; the indexes are those the measures use.
func create(kind Kind, schema string, t store.Table) string {
	var b strings.Builder
	name := schema + "." + t.Name
	fmt.Fprintf(&b, "CREATE TABLE %s (\n", name)
	for i, c := range t.Columns {
		fmt.Fprintf(&b, "  %s %s", c.Name, columnType(kind, c))
		if c.Required && kind != Trino {
			b.WriteString(" NOT NULL")
		}
		if kind == Trino {
			if text := describe(c); text != "" {
				b.WriteString(" COMMENT " + quote(text))
			}
		}
		if i < len(t.Columns)-1 {
			b.WriteString(",")
		}
		b.WriteString("\n")
	}
	b.WriteString(")")
	if kind == Trino {
		return b.String() + " COMMENT " + quote(t.Note) + ";\n"
	}
	fmt.Fprintf(&b, ";\nCOMMENT ON TABLE %s IS %s;\n", name, quote(t.Note))
	for _, c := range t.Columns {
		if text := describe(c); text != "" {
			fmt.Fprintf(&b, "COMMENT ON COLUMN %s.%s IS %s;\n", name, c.Name, quote(text))
		}
	}
	if byPerson(t) {
		fmt.Fprintf(&b, "CREATE INDEX %s_person ON %s (person_id);\n", t.Name, name)
	}
	for _, c := range []string{"claim_start_date", "dispensing_date", "year_month"} {
		if slices.ContainsFunc(t.Columns, func(x store.Column) bool { return x.Name == c }) {
			fmt.Fprintf(&b, "CREATE INDEX %s_%s ON %s (%s);\n", t.Name, c, name, c)
		}
	}
	return b.String()
}

func columnType(kind Kind, c store.Column) string {
	switch c.Kind {
	case store.Text, store.Month, store.NDC:
		if kind == Trino {
			return "VARCHAR"
		}
		return `text COLLATE "C"`
	case store.Date:
		return "DATE"
	case store.Timestamp:
		return "TIMESTAMP"
	}
	return "BIGINT"
}

// describe is a column's comment: what it counts, whether it must be there, and the note.
func describe(c store.Column) string {
	var parts []string
	if c.Kind == store.Cents {
		parts = append(parts, "whole cents")
	} else if c.Unit != "" {
		parts = append(parts, c.Unit)
	}
	if c.Required {
		parts = append(parts, "required")
	}
	if c.Kind == store.Micros {
		parts = append(parts, "millionths of "+c.From+" where that is a plain number of at most six decimals, else NULL")
	}
	if c.Note != "" {
		parts = append(parts, c.Note)
	}
	return strings.Join(parts, "; ")
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
