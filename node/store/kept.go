package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
)

// What the measures of a period have in common (engine.Shared: who belongs to which practice, who is enrolled, in hospice, in hospital) is computed by the
// first measure that asks for it and kept in a table for the next ones. The tables hold what withhold leaves; like withheld_claim they are believed by the
// process that filled them only, and no longer than until a load.

// mostKept is how many results are kept: those of three periods. One more takes the place of the oldest.
const mostKept = 24

// kept is the result of a query in the table of its place.
type kept struct {
	query string
	table string // "" where nothing is kept
}

func keptTable(place int) string { return fmt.Sprintf("node.kept_%d", place) }

// share finds what a measure has in common with others and sees to it that it is kept. A query that does not compile shares nothing; running it says why.
func (s *Store) share(ctx context.Context, spec *measures.Spec, period engine.Period, slots []engine.Slot) ([]engine.Shared, error) {
	query, err := engine.Query(spec, period, slots...)
	if err != nil {
		return nil, nil
	}
	parts, err := engine.SharedIn(query, spec.Inputs, period)
	if err != nil {
		return nil, err
	}
	done, err := s.findWithheld(ctx)
	if err != nil {
		return nil, err
	}
	missing := slices.ContainsFunc(parts, func(p engine.Shared) bool { return s.keptOf(p) == "" })
	done()
	if !missing {
		return parts, nil
	}
	s.load.Lock()
	defer s.load.Unlock()
	if !s.found { // a load came between: this measure computes everything itself
		return parts, nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, fmt.Errorf("it took longer than %v", s.timeout))
	defer cancel()
	for _, p := range slices.Backward(parts) { // those that others hold first
		if err := s.keep(ctx, p, parts); err != nil {
			return nil, fmt.Errorf("compute %s: %w", p.Name, cmp.Or(context.Cause(ctx), err))
		}
	}
	return parts, nil
}

// keep fills a table with the rows of p. It is called under load, for writing. A crash leaves a table that nobody believes.
func (s *Store) keep(ctx context.Context, p engine.Shared, parts []engine.Shared) error {
	if s.keptOf(p) != "" {
		return nil
	}
	query, err := s.withhold.Before(p.Reads, s.fromKept(p.Query, slices.DeleteFunc(slices.Clone(parts), func(o engine.Shared) bool { return o.Query == p.Query })), true, true)
	if err != nil {
		return err
	}
	place := s.oldest
	s.kept[place] = kept{} // until the table is whole
	if _, err := s.db.ExecContext(ctx, "CREATE OR REPLACE TABLE "+keptTable(place)+" AS "+query); err != nil {
		return engine.Withheld(ctx, err)
	}
	s.kept[place], s.oldest = kept{query: p.Query, table: keptTable(place)}, (place+1)%mostKept
	return nil
}

// keptOf is the table that holds the rows of p, if there is one; under load.
func (s *Store) keptOf(p engine.Shared) string {
	for _, k := range s.kept {
		if k.table != "" && k.query == p.Query {
			return k.table
		}
	}
	return ""
}

// fromKept is a query that reads what is kept of parts; under load.
func (s *Store) fromKept(query string, parts []engine.Shared) string {
	for _, p := range parts {
		if table := s.keptOf(p); table != "" {
			query = p.From(query, table)
		}
	}
	return query
}

// forget drops all that is kept, whoever filled it; under load, for writing.
func (s *Store) forget() (drop []string) {
	s.kept, s.oldest = [mostKept]kept{}, 0
	for place := range mostKept {
		drop = append(drop, "DROP TABLE IF EXISTS "+keptTable(place))
	}
	return drop
}
