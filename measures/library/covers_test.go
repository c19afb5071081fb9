package library_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/fixture"
	"github.com/tacet-health/tacet/measures/library"
)

// A change makes one thing of every case otherwise. When a measure's cases come out the same all the same, none of them shows that thing.
type change struct {
	name string
	rows func(person []fixture.Row) []fixture.Row
	want int // cases of a measure that must come out otherwise
	but  map[string]string
}

// Births matter to the measures with an age, twice to those with a lower and an upper one.
var anyAge = map[string]string{
	"qa-coc": "people of any age", "qa-pcp": "people of any age", "qa-upc": "people of any age", "qk-pcs": "people of any age", "qk-tcoc": "people of any age",
	"qu-adm": "people of any age", "qu-aved": "people of any age", "qu-ed": "people of any age",
}

var changes = []change{
	{"nobody dies", drop("death_date", func(fixture.Row) bool { return true }), 1, map[string]string{"qp-dsf": "asks for no enrolment and no life"}},
	{"no gap in the cover", hull, 1, map[string]string{"qp-dsf": "asks for no enrolment"}},
	{"the second payer is not there", onePayer, 1, map[string]string{"qp-dsf": "asks for no enrolment"}},
	{"nothing is taken back", without(negative), 1, map[string]string{"qp-dsf": "reads no claims"}},
	{"born a day earlier", shift(-1, "birth_date"), 1, anyAge},
	{"born a day later", shift(1, "birth_date"), 1, anyAge},
	{"all a day earlier", shiftEvents(-1), 2, nil},
	{"all a day later", shiftEvents(1), 2, nil},
	{"nothing of a 29 February", without(onLeapDay), 1, map[string]string{
		"qp-dsf": "asks for 29 February by birth alone: born-on-a-leap-day", "qp-cis": "by birth: leap-second-birthday", "qp-ccs": "by birth: hpv-leap-birthday-30",
	}},
}

// What the cases of each measure have to show, by what changes when it is taken away: death, a gap, a change of payer, reversals, both sides of the
// birthday, both sides of every first and last day, the leap day.
func TestCasesShow(t *testing.T) {
	all := sets(t)
	var copies []*fixture.Set
	for _, set := range all {
		copies = append(copies, set)
		for i, c := range changes {
			copies = append(copies, changed(set, fmt.Sprintf("change-%d/", i), c.rows))
		}
	}
	s := loaded(t, copies...)
	for i, spec := range library.Measures() {
		t.Run(spec.ID, func(t *testing.T) {
			set := all[i]
			rows, err := s.Measure(t.Context(), spec, engine.Period{Year: set.Year}, set.Slots...)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]fixture.Pair{}
			for _, r := range rows {
				got[r.Practice] = fixture.Pair{Num: r.Num, Den: r.Den}
			}
			for k, c := range changes {
				var otherwise []string
				for practice, want := range set.Want {
					if got[fmt.Sprintf("change-%d/", k)+practice] != want {
						otherwise = append(otherwise, practice)
					}
				}
				switch n, exempt := len(otherwise), c.but[spec.ID] != ""; {
				case n < c.want && !exempt:
					t.Errorf("%s: %d cases come out otherwise, want %d", c.name, n, c.want)
				case n >= c.want && exempt && !strings.HasPrefix(c.but[spec.ID], "by "):
					t.Errorf("%s: %v come out otherwise, though the measure %s", c.name, otherwise, c.but[spec.ID])
				}
			}
			twice(t, set)
			overlap(t, set)
		})
	}
}

// changed is a copy of the cases under other names, with each person's rows changed.
func changed(set *fixture.Set, prefix string, change func([]fixture.Row) []fixture.Row) *fixture.Set {
	out := &fixture.Set{ID: set.ID, Year: set.Year}
	local := map[string]bool{}
	people := map[string][]fixture.Row{}
	for _, r := range set.Rows {
		if r.Table == "practice_crosswalk" {
			local[r.Values["local_practice_id"]] = true
		}
		people[r.Values["person_id"]] = append(people[r.Values["person_id"]], fixture.Row{Table: r.Table, Values: maps.Clone(r.Values)})
	}
	for person, rows := range people {
		if person != "" {
			rows = change(rows)
		}
		for _, r := range rows {
			for column, v := range r.Values {
				own := strings.HasSuffix(column, "_practice") || strings.HasSuffix(column, "practice_id") || column == "person_id" || column == "billing_npi" && local[v]
				if own || strings.HasSuffix(column, "_id") && r.Table != "drug_crosswalk" {
					r.Values[column] = prefix + v
				}
			}
			out.Rows = append(out.Rows, r)
		}
	}
	return out
}

func drop(column string, where func(fixture.Row) bool) func([]fixture.Row) []fixture.Row {
	return func(rows []fixture.Row) []fixture.Row {
		for _, r := range rows {
			if where(r) {
				delete(r.Values, column)
			}
		}
		return rows
	}
}

func without(what func(fixture.Row) bool) func([]fixture.Row) []fixture.Row {
	return func(rows []fixture.Row) []fixture.Row { return slices.DeleteFunc(rows, what) }
}

func negative(r fixture.Row) bool {
	for _, column := range []string{"allowed_amount", "paid_amount", "service_unit_quantity", "days_supply"} {
		if strings.HasPrefix(r.Values[column], "-") {
			return true
		}
	}
	return false
}

func onLeapDay(r fixture.Row) bool {
	if r.Table == "eligibility" {
		return false
	}
	for _, v := range r.Values {
		if len(v) >= 10 && v[4:10] == "-02-29" {
			return true
		}
	}
	return false
}

// shift moves the dates of a column by days.
func shift(days int, columns ...string) func([]fixture.Row) []fixture.Row {
	return func(rows []fixture.Row) []fixture.Row {
		for _, r := range rows {
			for _, column := range columns {
				if v := r.Values[column]; len(v) >= 10 {
					if d, err := time.Parse(time.DateOnly, v[:10]); err == nil {
						r.Values[column] = d.AddDate(0, 0, days).Format(time.DateOnly) + v[10:]
					}
				}
			}
		}
		return rows
	}
}

// shiftEvents moves everything but birth, death and cover.
func shiftEvents(days int) func([]fixture.Row) []fixture.Row {
	return func(rows []fixture.Row) []fixture.Row {
		for i, r := range rows {
			if r.Table != "eligibility" {
				shift(days, slices.Collect(maps.Keys(r.Values))...)(rows[i : i+1])
			}
		}
		return rows
	}
}

// spans are the rows of eligibility in order of their first day.
func spans(rows []fixture.Row) []fixture.Row {
	var out []fixture.Row
	for _, r := range rows {
		if r.Table == "eligibility" {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b fixture.Row) int {
		return strings.Compare(a.Values["enrollment_start_date"], b.Values["enrollment_start_date"])
	})
	return out
}

// hull covers everybody from the first day to the last.
func hull(rows []fixture.Row) []fixture.Row {
	if c := spans(rows); len(c) > 0 {
		last := c[0].Values["enrollment_end_date"]
		for _, r := range c {
			last = max(last, r.Values["enrollment_end_date"])
		}
		c[0].Values["enrollment_end_date"] = last
	}
	return rows
}

// onePayer leaves of two payers that follow each other without a day between the first.
func onePayer(rows []fixture.Row) []fixture.Row {
	c := spans(rows)
	for i := 1; i < len(c); i++ {
		before, err := time.Parse(time.DateOnly, c[i-1].Values["enrollment_end_date"])
		if err == nil && before.AddDate(0, 0, 1).Format(time.DateOnly) == c[i].Values["enrollment_start_date"] && c[i-1].Values["payer"] != c[i].Values["payer"] {
			gone := c[i].Values["enrollment_start_date"]
			return slices.DeleteFunc(rows, func(r fixture.Row) bool {
				return r.Table == "eligibility" && r.Values["enrollment_start_date"] == gone
			})
		}
	}
	return rows
}

// twice asks for a case with a row that came twice, under another id or not.
func twice(t *testing.T, set *fixture.Set) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range set.Rows {
		if strings.HasPrefix(r.Table, "drug") || strings.HasPrefix(r.Table, "eligib") || strings.HasPrefix(r.Table, "practice") {
			continue
		}
		text := r.Table
		for _, column := range slices.Sorted(maps.Keys(r.Values)) {
			if !strings.HasSuffix(column, "_id") || column == "person_id" {
				text += "|" + column + "=" + r.Values[column]
			}
		}
		if seen[text] {
			return
		}
		seen[text] = true
	}
	t.Error("no case has a row twice")
}

// overlap asks for a member who has two payers on one day.
func overlap(t *testing.T, set *fixture.Set) {
	t.Helper()
	people := map[string][]fixture.Row{}
	for _, r := range set.Rows {
		people[r.Values["person_id"]] = append(people[r.Values["person_id"]], r)
	}
	for _, c := range set.Cases {
		if c.Want.Den == 0 {
			continue
		}
		s := spans(people[set.ID+"/"+c.Name])
		for i := 1; i < len(s); i++ {
			if s[i].Values["enrollment_start_date"] <= s[i-1].Values["enrollment_end_date"] && s[i].Values["payer"] != s[i-1].Values["payer"] {
				return
			}
		}
	}
	t.Error("no member of a case has two payers at once")
}
