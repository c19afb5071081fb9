package engine

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/risk"
)

// Observing is what a model of an outcome reads, in the form of a measure that nobody can propose: for a store, which asks what a query may read. An outcome
// whose observations no building block makes is refused.
func Observing(outcome string) (*measures.Spec, error) {
	o, ok := observations[outcome]
	if !ok {
		return nil, fmt.Errorf("no building block makes the observations of a model of outcome %.40q", outcome)
	}
	return &measures.Spec{ID: "observations of " + outcome, Inputs: slices.Clone(o.inputs)}, nil
}

// Observe reads the observations of a risk model for a period, with diagnoses and outcome: those of which [measures.ObservedExpected] measures of the same
// block expect something. They are member data and stay on the node. Their order, by person, practice and unit, is the same on all engines.
func Observe(ctx context.Context, dialect Dialect, db Conn, outcome string, period Period) ([]risk.Person, error) {
	people, _, err := observe(ctx, dialect, db, outcome, period)
	return people, err
}

// observed says whose an observation is.
type observed struct {
	person, practice string
	unit             int64
}

func observe(ctx context.Context, dialect Dialect, db Conn, outcome string, period Period) ([]risk.Person, []observed, error) {
	spec, err := Observing(outcome)
	if err != nil {
		return nil, nil, err
	}
	if err := period.Check(); err != nil {
		return nil, nil, err
	}
	var out []risk.Person
	var keys []observed
	at := map[observed]int{}
	read := func(text string, each func(rows *sql.Rows) error) error {
		e, err := newExpander(spec, period, nil)
		if err != nil {
			return err
		}
		e.dialect = dialect
		query, err := e.expand("WITH {{" + observations[outcome].block + "()}}" + text)
		if err != nil {
			return err
		}
		rows, err := db.QueryContext(ctx, "SELECT * FROM (\n"+query+"\n) AS m")
		if err != nil {
			return describe(ctx, err)
		}
		defer rows.Close()
		for rows.Next() {
			if err := each(rows); err != nil {
				return errors.New("the query returns a column of an unexpected type, or NULL")
			}
		}
		if err := rows.Err(); err != nil {
			return describe(ctx, err)
		}
		return nil
	}
	err = read(`
SELECT CAST(person_id AS VARCHAR) AS person_id, CAST(practice AS VARCHAR) AS practice, unit, age, CAST(female AS BIGINT) AS female, CAST(exposure AS BIGINT) AS exposure, observed
FROM units`, func(rows *sql.Rows) error {
		var k observed
		var p risk.Person
		var female, age int64
		if err := rows.Scan(&k.person, &k.practice, &k.unit, &age, &female, &p.Exposure, &p.Outcome); err != nil {
			return err
		}
		p.Age, p.Female = int(age), female == 1
		at[k], keys, out = len(out), append(keys, k), append(out, p)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", spec.ID, err)
	}
	err = read(`,
{{coded_days_v1()}}
SELECT CAST(u.person_id AS VARCHAR) AS person_id, CAST(u.practice AS VARCHAR) AS practice, u.unit, CAST({{days_between({{days_before(period_start, 1000)}}, d.day)}} AS BIGINT) AS day, d.code
FROM units u
JOIN coded_days d ON d.person_id = u.person_id AND d.day BETWEEN u.first_day AND u.last_day`, func(rows *sql.Rows) error {
		var k observed
		var d risk.Diagnosis
		if err := rows.Scan(&k.person, &k.practice, &k.unit, &d.Day, &d.Code); err != nil {
			return err
		}
		i, ok := at[k]
		if !ok {
			return errors.New("of nobody")
		}
		out[i].Diagnoses = append(out[i].Diagnoses, d)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", spec.ID, err)
	}
	return inOrder(out, keys)
}

// inOrder sorts observations, so that those of one person stand together, and numbers the people.
func inOrder(people []risk.Person, keys []observed) ([]risk.Person, []observed, error) {
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := keys[a], keys[b]
		return cmp.Or(cmp.Compare(x.person, y.person), cmp.Compare(x.practice, y.practice), cmp.Compare(x.unit, y.unit))
	})
	out, sorted := make([]risk.Person, len(people)), make([]observed, len(keys))
	who := 0
	for i, from := range order {
		out[i], sorted[i] = people[from], keys[from]
		switch {
		case i == 0 || sorted[i].person != sorted[i-1].person:
			who++
		case sorted[i] == sorted[i-1]:
			return nil, nil, errors.New("an observation comes twice")
		}
		out[i].Who = who
	}
	return out, sorted, nil
}
