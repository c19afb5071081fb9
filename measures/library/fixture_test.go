package library_test

import (
	"context"
	"testing"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/fixture"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node/store"
)

func sets(t *testing.T) []*fixture.Set {
	t.Helper()
	var out []*fixture.Set
	for _, id := range library.Names() {
		s, err := library.Cases(id)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func loaded(t *testing.T, sets ...*fixture.Set) *store.Store {
	t.Helper()
	dir := t.TempDir()
	if err := fixture.Write(dir, sets...); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), t.TempDir(), store.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.Load(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
	return s
}

// Every case of every measure in one database: each measure must return what its own cases say, whatever the other measures' people look like, and
// its form by member must add up to it.
func TestFixtures(t *testing.T) {
	all := sets(t)
	s := loaded(t, all...)
	for i, name := range library.Names() {
		t.Run(name, func(t *testing.T) {
			spec, err := library.Measure(name)
			if err != nil {
				t.Fatal(err)
			}
			set := all[i]
			if len(set.Cases) < 12 {
				t.Errorf("%d cases, want at least 12", len(set.Cases))
			}
			period := engine.Period{Year: set.Year}
			rows, err := s.Measure(context.Background(), spec, period, set.Slots...)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range set.Check(rows) {
				t.Error(d)
			}
			members, err := s.Members(context.Background(), spec, period, set.Slots...)
			if err != nil {
				t.Fatal(err)
			}
			checkMembers(t, set, rows, members)
		})
	}
}

// checkMembers holds the form by member against the sums, and against the five populations where a case states them.
func checkMembers(t *testing.T, set *fixture.Set, rows []measures.Row, members []engine.Member) {
	t.Helper()
	in := map[string]bool{}
	byPerson := map[string]engine.Member{}
	for _, m := range members {
		byPerson[m.Person] = m
		if m.Denominator != 0 && m.Exclusion == 0 && m.Exception == 0 {
			in[m.Practice] = true
		}
		if m.InitialPopulation < m.Denominator && m.Denominator == 1 || m.Exclusion < 0 || m.Exclusion > 1 || m.Exception < 0 || m.Exception > 1 ||
			m.Numerator != 0 && (m.Exclusion == 1 || m.Exception == 1) {
			t.Errorf("%s: populations %+v contradict each other", m.Person, m)
		}
	}
	for _, r := range rows {
		if !in[r.Practice] {
			t.Errorf("practice %s has a row and no member", r.Practice)
		}
		delete(in, r.Practice)
	}
	for practice := range in {
		t.Errorf("practice %s has members and no row", practice)
	}
	for _, c := range set.Cases {
		if c.Pops == nil {
			continue
		}
		m := byPerson[set.ID+"/"+c.Name]
		if got := [5]int64{m.InitialPopulation, m.Denominator, m.Exclusion, m.Exception, m.Numerator}; got != [5]int64(c.Pops) {
			t.Errorf("%s: populations %v, want %v", c.Name, got, c.Pops)
		}
	}
}

// A payer's own codes in a slot count like the public ones.
func TestSlot(t *testing.T) {
	spec, err := library.Measure("qa-pcp")
	if err != nil {
		t.Fatal(err)
	}
	set, err := library.Cases("qa-pcp")
	if err != nil {
		t.Fatal(err)
	}
	s := loaded(t, set)
	num := func(slots ...engine.Slot) int64 {
		rows, err := s.Measure(context.Background(), spec, engine.Period{Year: 2024}, slots...)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.Practice == "qa-pcp/another-code" {
				return r.Num
			}
		}
		t.Fatal("the case is not there")
		return 0
	}
	if num() != 0 || num(engine.Slot{Name: "local_primary_care_visits", Codes: []string{"G0008"}}) != 1 {
		t.Error("the slot's code makes no difference")
	}
}
