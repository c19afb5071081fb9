package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures"
)

var errNoMembers = errors.New("has no form by member: the SQL does not end in one {{summary_v1(…)}} over a CTE result")

// Member is what a measure says of one person at one practice: the five
// populations, as counts. It is member data: it stays on the node.
type Member struct {
	Person            string `json:"person"`
	Practice          string `json:"practice"`
	InitialPopulation int64  `json:"initial_population"`
	Denominator       int64  `json:"denominator"`
	Exclusion         int64  `json:"exclusion"`
	Exception         int64  `json:"exception"`
	Numerator         int64  `json:"numerator"`
}

// String is the member's populations, as its own payer may see them.
func (m Member) String() string {
	return fmt.Sprintf("practice %s: initial population %d, denominator %d, exclusion %d, exception %d, numerator %d",
		m.Practice, m.InitialPopulation, m.Denominator, m.Exclusion, m.Exception, m.Numerator)
}

// QueryMembers compiles the form of a measure that yields [Member] rows. Measures
// that do not end in summary_v1 have none.
func QueryMembers(dialect Dialect, spec *measures.Spec, period Period, slots ...Slot) (string, error) {
	return compileFor(form{dialect: dialect, members: true}, spec, period, slots)
}

// Members runs it on the embedded engine and returns the rows by person and practice. Excluded and excepted people are
// among them; whoever is not in the initial population is not.
func Members(ctx context.Context, db Conn, spec *measures.Spec, period Period, slots ...Slot) ([]Member, error) {
	return MembersOn(ctx, DuckDB, db, spec, period, slots...)
}

// MembersOn is Members for any engine.
func MembersOn(ctx context.Context, dialect Dialect, db Conn, spec *measures.Spec, period Period, slots ...Slot) ([]Member, error) {
	if err := checkSlots(spec, slots); err != nil {
		return nil, err
	}
	query, err := QueryMembers(dialect, spec, period, slots...)
	if err != nil {
		return nil, err
	}
	out, err := collectMembers(ctx, db, query)
	if err != nil {
		return nil, fmt.Errorf("measure %s %s, period %s: %w", spec.ID, spec.Version, period, err)
	}
	slices.SortFunc(out, func(a, b Member) int {
		if c := strings.Compare(a.Person, b.Person); c != 0 {
			return c
		}
		return strings.Compare(a.Practice, b.Practice)
	})
	return out, nil
}

func collectMembers(ctx context.Context, db Conn, query string) ([]Member, error) {
	rows, err := db.QueryContext(ctx, "SELECT CAST(m.person_id AS VARCHAR), CAST(m.practice AS VARCHAR), CAST(m.initial_population AS BIGINT), CAST(m.denominator AS BIGINT),\n"+
		"  CAST(m.exclusion AS BIGINT), CAST(m.exception AS BIGINT), CAST(m.numerator AS BIGINT)\nFROM (\n"+query+"\n) AS m")
	if err != nil {
		return nil, describe(ctx, err)
	}
	defer rows.Close()
	var out []Member
	for rows.Next() {
		var m Member
		if err := rows.Scan(&m.Person, &m.Practice, &m.InitialPopulation, &m.Denominator, &m.Exclusion, &m.Exception, &m.Numerator); err != nil {
			return nil, errors.New("the query returns a column of an unexpected type, or NULL, in the form by member")
		}
		out = append(out, m)
	}
	if err := rows.Err(); err != nil {
		return nil, describe(ctx, Withheld(ctx, err))
	}
	return out, nil
}
