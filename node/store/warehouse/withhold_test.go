package warehouse

import (
	"testing"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/withhold/cases"
)

// leaves holds a warehouse that has the cases of package withhold against them.
func leaves(t *testing.T, dsn string) {
	t.Helper()
	set, err := cases.Set()
	if err != nil {
		t.Fatal(err)
	}
	w, err := Open(t.Context(), dsn, Options{Withhold: cases.Policy()})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	rows, err := w.Measure(t.Context(), cases.Measure(), engine.Period{Year: 2024})
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range set.Check(rows) {
		t.Error(problem)
	}
}

func TestWithheldOnPostgreSQL(t *testing.T) { leaves(t, whole(t).dsn("tacet_reader", "tacet")) }
