package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
)

// Explanation says why a measure counts somebody as it does. It is member data
// and stays on the node.
type Explanation struct {
	Members  []engine.Member `json:"members"`  // one per practice; none when not in the initial population
	Evidence []Evidence      `json:"evidence"` // in the order of the measure's inputs
	More     bool            `json:"more"`     // there are more rows than were tried
}

// Evidence is a row of the person that the measure may read: one whose code is
// in a value set, or one of eligibility or attribution.
type Evidence struct {
	Table   string          `json:"table"`
	Columns []string        `json:"columns"` // the columns that say what the row is: key, codes, dates, status, result
	Values  []string        `json:"values"`
	Sets    []string        `json:"value_sets"` // value sets that a code of the row is in
	Decides bool            `json:"decides"`    // without this row alone the populations are others, namely Without
	Without []engine.Member `json:"without"`    // none: not in the initial population
	// Withheld rows no measure sees (package withhold).
	Withheld bool `json:"withheld"`
}

// maxEvidence bounds how many rows are tried.
const maxEvidence = 400

// Explain runs the measure over the rows of one person alone, then again
// without each row that it may have counted: rows whose absence changes a
// population are the ones that decide. It works on temporary tables that end
// with the call, through the same sandbox as [Store.Measure].
func (s *Store) Explain(ctx context.Context, spec *measures.Spec, period engine.Period, person string, slots ...engine.Slot) (Explanation, error) {
	var out Explanation
	for _, in := range spec.Inputs {
		if _, ok := Lookup(in); !ok {
			return out, fmt.Errorf("measure %s: input %q is not a canonical table", spec.ID, in)
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, fmt.Errorf("explaining took longer than %v", s.timeout))
	defer cancel()
	done, err := s.findWithheld(ctx)
	if err != nil {
		return out, fmt.Errorf("explain %s: %w", spec.ID, err)
	}
	defer done()
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return out, fmt.Errorf("explain %s: %w", spec.ID, err)
	}
	defer conn.Close()
	defer conn.Raw(func(any) error { return driver.ErrBadConn }) // the temporary tables go with the connection
	members := func() ([]engine.Member, error) {
		return engine.Members(ctx, &guard{conn: conn, inputs: spec.Inputs, withhold: s.withhold}, spec, period, slots...)
	}
	found := 0
	for _, in := range spec.Inputs {
		n, err := isolate(ctx, conn, in, person)
		if err != nil {
			return out, fmt.Errorf("explain %s: %s: %w", spec.ID, in, err)
		}
		found += n
	}
	if found == 0 {
		return out, fmt.Errorf("explain %s: the store has no row of this person in the tables that the measure reads: is the id written as in person_id, and is the data loaded?", spec.ID)
	}
	if out.Members, err = members(); err != nil {
		return out, err
	}
	sets := codesOf(spec, slots)
	for _, in := range spec.Inputs {
		rows, err := evidence(ctx, conn, in, sets)
		if err != nil {
			return out, fmt.Errorf("explain %s: %s: %w", spec.ID, in, err)
		}
		seen, err := s.visible(ctx, conn, in)
		if err != nil {
			return out, fmt.Errorf("explain %s: %s: %w", spec.ID, in, err)
		}
		for _, r := range rows {
			r.Withheld = seen != nil && !seen[r.key]
			if len(out.Evidence) == maxEvidence {
				out.More = true
				return out, nil
			}
			if r.Without, err = without(ctx, conn, in, r.row, members); err != nil {
				return out, err
			}
			r.Decides = !slices.Equal(r.Without, out.Members)
			out.Evidence = append(out.Evidence, r.Evidence)
		}
	}
	return out, nil
}

// catalog is DuckDB's name for the store's file. A bare "main" would be the
// temporary one, which goes first.
var catalog = strings.TrimSuffix(FileName, ".duckdb")

// isolate puts a temporary table of the person's rows before the real one.
func isolate(ctx context.Context, conn *sql.Conn, table, person string) (int, error) {
	t, _ := Lookup(table)
	if t.index("person_id") < 0 {
		return 0, nil
	}
	if _, err := conn.ExecContext(ctx, "CREATE TEMP TABLE "+table+" AS SELECT * FROM "+catalog+".main."+table+" LIMIT 0"); err != nil {
		return 0, err
	}
	if _, err := conn.ExecContext(ctx, "INSERT INTO temp."+table+" SELECT * FROM "+catalog+".main."+table+" WHERE person_id = ?", person); err != nil {
		return 0, err
	}
	var n int
	err := conn.QueryRowContext(ctx, "SELECT count(*) FROM temp."+table).Scan(&n)
	return n, err
}

func without(ctx context.Context, conn *sql.Conn, table string, row int64, members func() ([]engine.Member, error)) ([]engine.Member, error) {
	if _, err := conn.ExecContext(ctx, "BEGIN TRANSACTION"); err != nil {
		return nil, err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	if _, err := conn.ExecContext(ctx, "DELETE FROM temp."+table+" WHERE rowid = ?", row); err != nil {
		return nil, err
	}
	return members()
}

// codesOf maps value sets to their codes, filled slots included.
func codesOf(spec *measures.Spec, slots []engine.Slot) map[string][]string {
	out := map[string][]string{}
	for name, v := range spec.ValueSets {
		codes := slices.Clone(v.Public)
		for _, s := range slots {
			if s.Name == v.Slot && v.Slot != "" {
				codes = append(codes, s.Codes...)
			}
		}
		out[name] = codes
	}
	return out
}

type candidate struct {
	Evidence
	row int64
	key string // as keyOf the table's visible rows
}

func evidence(ctx context.Context, conn *sql.Conn, table string, sets map[string][]string) ([]candidate, error) {
	t, _ := Lookup(table)
	if t.index("person_id") < 0 {
		return nil, nil
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	rows, err := conn.QueryContext(ctx, "SELECT rowid, "+strings.Join(names, ", ")+" FROM temp."+table+" ORDER BY rowid")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []candidate
	for rows.Next() {
		c, values := candidate{Evidence: Evidence{Table: table}}, make([]any, len(names))
		into := []any{&c.row}
		for i := range values {
			into = append(into, &values[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		c.describe(t, values, sets)
		c.key = fmt.Sprint(values...)
		if len(c.Sets) > 0 || table == "eligibility" || table == "provider_attribution" {
			out = append(out, c)
		}
	}
	return out, rows.Err()
}

// describe keeps the columns that say what the row is, and finds its codes in
// the value sets; a set with categories holds what begins with one of them.
func (c *candidate) describe(t Table, values []any, sets map[string][]string) {
	for i, col := range t.Columns {
		text := ""
		switch v := values[i].(type) {
		case string:
			text = v
		case time.Time:
			text = strings.TrimSuffix(v.Format(time.DateTime), " 00:00:00")
		case int64:
			text = fmt.Sprint(v)
		}
		if text == "" || col.Name == "person_id" {
			continue
		}
		hit := false
		for name, codes := range sets {
			if col.Kind == Text && slices.ContainsFunc(codes, func(code string) bool {
				return text == code || len(code) >= 3 && strings.HasPrefix(text, code) && strings.Contains(col.Name, "code")
			}) {
				hit = true
				if !slices.Contains(c.Sets, name) {
					c.Sets = append(c.Sets, name)
				}
			}
		}
		if hit || slices.Contains(t.Key, col.Name) || col.Kind == Date || col.Kind == Timestamp || col.Name == "status" || col.Name == "result" ||
			t.Name == "provider_attribution" || t.Name == "eligibility" && (col.Name == "gender" || col.Name == "payer") {
			c.Columns, c.Values = append(c.Columns, col.Name), append(c.Values, text)
		}
	}
	slices.Sort(c.Sets)
}
