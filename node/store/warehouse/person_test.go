package warehouse

import (
	"reflect"
	"testing"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/measures/withhold"
	"github.com/tacet-health/tacet/node/store"
)

// TestExplainFromPostgreSQL: what a person's copy from the warehouse explains is what the embedded store with everybody's rows explains.
func TestExplainFromPostgreSQL(t *testing.T) {
	w := open(t, whole(t).dsn("tacet_reader", "tacet"))
	d, err := duck()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"qp-crc", "qc-pdc", "qk-tcoc@2"} {
		spec, err := library.Measure(id)
		if err != nil {
			t.Fatal(err)
		}
		set, err := library.Cases(id)
		if err != nil {
			t.Fatal(err)
		}
		person := set.ID + "/" + set.Cases[0].Name
		period := engine.Period{Year: set.Year}
		st, err := store.Open(t.Context(), t.TempDir(), store.Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer st.Close()
		if err := w.Person(t.Context(), st, append(spec.Inputs, withhold.Policy{}.Reads(spec.Inputs)...), person); err != nil {
			t.Fatal(err)
		}
		got, err := st.Explain(t.Context(), spec, period, person, set.Slots...)
		if err != nil {
			t.Fatal(err)
		}
		want, err := d.Explain(t.Context(), spec, period, person, set.Slots...)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Members) == 0 || !reflect.DeepEqual(got.Members, want.Members) || len(got.Evidence) != len(want.Evidence) {
			t.Errorf("%s of %s: %v with %d rows, the embedded store says %v with %d", id, person, got.Members, len(got.Evidence), want.Members, len(want.Evidence))
		}
	}
	if err := w.Person(t.Context(), d, []string{"no_table"}, "x"); err == nil {
		t.Error("a table that is none is read")
	}
}
