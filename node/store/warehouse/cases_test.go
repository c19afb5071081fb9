package warehouse

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/measures/risk"
	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/node/store/warehouse/throwaway"
)

const makeReader = "DO $$ BEGIN CREATE ROLE tacet_reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"

var prepared sync.Once

// whole is one server with all tables, filled once for all tests.
func whole(t *testing.T) *server {
	t.Helper()
	a, _ := twoServers(t)
	prepared.Do(func() {
		a.as(t, makeReader)
		if err := Make(t.Context(), a.dsn("owner", "tacet")); err != nil {
			t.Fatal(err)
		}
		filled(t, a, "tacet")
	})
	return a
}

// agree runs every measure's cases on a warehouse and on the embedded store and wants the same rows, the same people in the same populations, and what
// the cases say.
func agree(t *testing.T, w *Warehouse) {
	d, err := duck()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range library.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // as many as there are processors; the planner takes most of the time
			spec, err := library.Measure(name)
			if err != nil {
				t.Fatal(err)
			}
			set, err := library.Cases(name)
			if err != nil {
				t.Fatal(err)
			}
			period := engine.Period{Year: set.Year}
			got, err := w.Measure(t.Context(), spec, period, set.Slots...)
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range set.Check(got) {
				t.Error(problem)
			}
			want, err := d.Measure(t.Context(), spec, period, set.Slots...)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d rows differ from the embedded engine's %d", len(got), len(want))
			}
			people, err := w.Members(t.Context(), spec, period, set.Slots...)
			if err != nil {
				t.Fatal(err)
			}
			wantPeople, err := d.Members(t.Context(), spec, period, set.Slots...)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(people, wantPeople) {
				t.Error("the form by member differs from the embedded engine's")
			}
			for _, s := range set.Slots {
				if s.Model == nil {
					continue
				}
				seen, err := w.Observe(t.Context(), s.Model.Outcome(), period)
				if err != nil {
					t.Fatal(err)
				}
				wantSeen, err := d.Observe(t.Context(), s.Model.Outcome(), period)
				if err != nil {
					t.Fatal(err)
				}
				if len(seen) == 0 || !slices.EqualFunc(seen, wantSeen, sameObservation) {
					t.Errorf("%d observations of a model differ from the embedded engine's %d", len(seen), len(wantSeen))
				}
			}
		})
	}
}

// sameObservation compares without the order of the diagnoses.
func sameObservation(a, b risk.Person) bool {
	for _, p := range []*risk.Person{&a, &b} {
		p.Diagnoses = slices.SortedFunc(slices.Values(p.Diagnoses), func(x, y risk.Diagnosis) int {
			return cmp.Or(cmp.Compare(x.Day, y.Day), cmp.Compare(x.Code, y.Code))
		})
	}
	return reflect.DeepEqual(a, b)
}

func open(t *testing.T, dsn string) *Warehouse {
	t.Helper()
	w, err := Open(context.Background(), dsn, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func TestCasesOnPostgreSQL(t *testing.T) {
	agree(t, open(t, whole(t).dsn("tacet_reader", "tacet")))
}

// TestCasesOnTwoServers spreads every table with a person over two servers: half of the people are on this one, half on another behind postgres_fdw.
func TestCasesOnTwoServers(t *testing.T) {
	if os.Getenv(throwaway.Require) == "" {
		t.Skipf("NOT TESTED ON TWO SERVERS: takes minutes on a busy machine; .ci/postgres, or %s=1, runs it", throwaway.Require)
	}
	a := whole(t)
	_, b := twoServers(t)
	b.as(t, makeReader)
	if err := Make(t.Context(), b.dsn("owner", "far")); err != nil {
		t.Fatal(err)
	}
	b.as(t, "GRANT USAGE ON SCHEMA far TO tacet_reader", "GRANT SELECT ON ALL TABLES IN SCHEMA far TO tacet_reader")
	a.as(t, "CREATE EXTENSION postgres_fdw", "CREATE SCHEMA spread", fmt.Sprintf("CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '%s', dbname 'postgres')", b.Dir),
		"CREATE USER MAPPING FOR owner SERVER far OPTIONS (user 'owner')", "CREATE USER MAPPING FOR tacet_reader SERVER far OPTIONS (user 'tacet_reader', password_required 'false')")
	for _, table := range store.Tables() {
		n := table.Name
		if !byPerson(table) {
			a.as(t, fmt.Sprintf("CREATE TABLE spread.%s (LIKE tacet.%s)", n, n))
			continue
		}
		a.as(t, fmt.Sprintf("CREATE TABLE spread.%s (LIKE tacet.%s) PARTITION BY HASH (person_id)", n, n),
			fmt.Sprintf("CREATE TABLE spread.%s_near PARTITION OF spread.%s FOR VALUES WITH (MODULUS 2, REMAINDER 0)", n, n),
			fmt.Sprintf("CREATE FOREIGN TABLE spread.%s_far PARTITION OF spread.%s FOR VALUES WITH (MODULUS 2, REMAINDER 1) SERVER far OPTIONS (schema_name 'far', table_name '%s')", n, n, n))
	}
	filled(t, a, "spread")
	b.as(t, "ANALYZE", "DO $$ BEGIN IF (SELECT count(DISTINCT person_id) FROM far.eligibility) < 100 THEN RAISE 'almost nobody is on the second server'; END IF; END $$")
	agree(t, open(t, a.dsn("tacet_reader", "spread")))
}

// TestSchema: every table and column is there for every kind of warehouse, and whatever says what it is.
func TestSchema(t *testing.T) {
	for _, kind := range Kinds() {
		ddl, err := Schema(kind, "claims")
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range store.Tables() {
			_, body, ok := strings.Cut(ddl, "CREATE TABLE claims."+table.Name+" (\n")
			body, _, _ = strings.Cut(body, "\n)")
			if !ok || strings.Count(body, "\n") != len(table.Columns)-1 {
				t.Errorf("%s: table %s is not complete", kind, table.Name)
			}
			distributed := strings.Contains(ddl, "create_distributed_table('claims."+table.Name+"', 'person_id'")
			if distributed != (kind == Citus && byPerson(table)) {
				t.Errorf("%s: table %s: distributed %v", kind, table.Name, distributed)
			}
		}
	}
	for _, bad := range []string{"Claims", "a b", "x;", "a\"b"} {
		if _, err := Schema(PostgreSQL, bad); err == nil {
			t.Errorf("schema %q is taken", bad)
		}
	}
	if _, err := Schema("oracle", ""); err == nil {
		t.Error("a kind nobody knows is taken")
	}
}
