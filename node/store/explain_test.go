package store

import (
	"slices"
	"testing"
	"time"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
)

// Rows that decide are named, redundant ones are not said to decide, other people's rows play no part, and the store is as it was.
func TestExplain(t *testing.T) {
	s := newStore(t)
	day := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	add := func(table string, columns []string, rows ...[]any) {
		t.Helper()
		if _, err := s.Append(t.Context(), table, columns, Rows(rows)); err != nil {
			t.Fatal(err)
		}
	}
	add("provider_attribution", []string{"person_id", "year_month", "custom_attributed_provider_practice"}, []any{"p", "202412", "A"}, []any{"q", "202412", "A"})
	add("procedure", []string{"procedure_id", "person_id", "source_code", "procedure_datetime"},
		[]any{"1", "p", "DEN", day}, []any{"2", "p", "NUM", day}, []any{"3", "p", "NUM", day}, []any{"4", "p", "OTHER", day}, []any{"5", "q", "DEN", day})
	spec := &measures.Spec{ID: "t-x", Version: "1.0.0", Title: "t", Type: measures.Proportion, Inputs: []string{"procedure", "provider_attribution"},
		ValueSets: map[string]measures.ValueSet{"den": {Public: []string{"DEN"}}, "num": {Public: []string{"NUM"}}}, Cap: measures.Cap{Num: 10, Den: 10},
		SQL: `WITH result AS (
  SELECT a.person_id, MIN(a.custom_attributed_provider_practice) AS practice, 1 AS initial_population, 1 AS denominator, 0 AS exclusion, 0 AS exception,
         MAX(CASE WHEN p.source_code IN {{codes(num)}} THEN 1 ELSE 0 END) AS numerator
  FROM provider_attribution a JOIN procedure p ON p.person_id = a.person_id
  GROUP BY a.person_id HAVING MAX(CASE WHEN p.source_code IN {{codes(den)}} THEN 1 ELSE 0 END) = 1
)
{{summary_v1(1, 1)}}`}
	e, err := s.Explain(t.Context(), spec, engine.Period{Year: 2024}, "p")
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Members) != 1 || e.Members[0].Numerator != 1 || len(e.Evidence) != 4 {
		t.Fatalf("%+v", e)
	}
	var decide []string
	for _, r := range e.Evidence {
		if r.Decides {
			decide = append(decide, r.Table+" "+r.Values[0])
		}
	}
	if !slices.Equal(decide, []string{"procedure 1", "provider_attribution 202412"}) {
		t.Errorf("decisive: %v", decide)
	}
	count(t, s, "procedure", 5)
	if _, err := s.Explain(t.Context(), spec, engine.Period{Year: 2024}, "nobody"); err == nil {
		t.Error("somebody without rows is explained")
	}
}
