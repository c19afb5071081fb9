package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// list returns the codes of a value set and of its filled slot, sorted.
func (e *expander) list(name string, line int) ([]string, error) {
	v, ok := e.spec.ValueSets[name]
	if !ok {
		return nil, refuse(line, "value set %.60q is not in the header", name)
	}
	all := slices.Concat(v.Public, e.slots[v.Slot])
	slices.Sort(all)
	return slices.Compact(all), nil
}

func (e *expander) codes(name string, line int) (string, error) {
	all, err := e.list(name, line)
	if err != nil {
		return "", err
	}
	return inList(all), nil
}

func inList(codes []string) string {
	if len(codes) == 0 {
		return "(NULL)" // an unfilled slot without public codes: matches nothing
	}
	return "('" + strings.Join(codes, "','") + "')"
}

// anyOf asks whether one of the 25 numbered columns is a code of the set.
func (e *expander) anyOf(column, set string, line int) (string, error) {
	list, err := e.codes(set, line)
	if err != nil {
		return "", err
	}
	switch all, _ := e.list(set, line); {
	case e.dialect == DuckDB && searchable(all):
		return e.searched(numbered(column), all, true), nil
	case e.dialect == Trino:
		return matched(numbered(column), element+" IN "+list), nil
	}
	var terms []string
	for _, c := range numbered(column) {
		terms = append(terms, c+" IN "+list)
	}
	return "(" + strings.Join(terms, " OR ") + ")", nil
}

// begins asks whether one of the columns begins with a code of the set, as a
// subcategory of ICD-10-CM begins with its category.
func (e *expander) begins(columns []string, set string, line int) (string, error) {
	all, err := e.list(set, line)
	if err != nil {
		return "", err
	}
	if e.dialect == DuckDB && len(columns) > 1 && searchable(all) {
		return e.searched(columns, all, false), nil
	}
	lengths := map[int][]string{}
	longest := 0
	for _, c := range all {
		lengths[len(c)] = append(lengths[len(c)], c)
		longest = max(longest, len(c))
	}
	over := columns
	if e.dialect == Trino && len(columns) > 1 {
		over = []string{element}
	}
	var terms []string
	for _, column := range over {
		for n := 1; n <= longest; n++ {
			if len(lengths[n]) > 0 {
				terms = append(terms, fmt.Sprintf("SUBSTRING(%s, 1, %d) IN %s", column, n, inList(lengths[n])))
			}
		}
	}
	if len(terms) == 0 {
		return "(1 = 0)", nil
	}
	if len(over) < len(columns) {
		return matched(columns, strings.Join(terms, " OR ")), nil
	}
	return "(" + strings.Join(terms, " OR ") + ")", nil
}

// numbered are the 25 columns of a kind in medical_claim.
func numbered(column string) []string {
	out := make([]string, 25)
	for i := range out {
		out[i] = column + "_" + strconv.Itoa(i+1)
	}
	return out
}

// date is a day of the period's year or of the one before.
func (e *expander) date(args []string, line int) (string, error) {
	year := map[string]int{"year": e.period.Year, "prior_year": e.period.Year - 1}[args[0]]
	month, err1 := strconv.Atoi(args[1])
	day, err2 := strconv.Atoi(args[2])
	if d := time.Date(2001, time.Month(month), day, 0, 0, 0, 0, time.UTC); year == 0 || err1 != nil || err2 != nil || int(d.Month()) != month || d.Day() != day {
		return "", refuse(line, "date takes year or prior_year, a month, and a day that every year has")
	}
	return fmt.Sprintf("DATE '%04d-%02d-%02d'", year, month, day), nil
}
