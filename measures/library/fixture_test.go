package library_test

import (
	"context"
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node/store"
)

// In the fixtures every case is one person, or two, attributed to a practice of the case's name, so that expected.csv reads as a list of cases:
// the one who is in counts 1 in den, the one who is out has no line. The measurement year is 2024.
func TestFixtures(t *testing.T) {
	for _, spec := range library.Measures() {
		t.Run(spec.ID, func(t *testing.T) {
			want := expected(t, filepath.Join(spec.ID, "expected.csv"))
			s, err := store.Open(context.Background(), t.TempDir(), store.Options{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if _, err := s.Load(context.Background(), filepath.Join(spec.ID, "fixture")); err != nil {
				t.Fatal(err)
			}
			rows, err := s.Measure(context.Background(), spec, engine.Period{Year: 2024})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]measures.Row{}
			for _, r := range rows {
				got[r.Practice] = r
			}
			for _, name := range slices.Sorted(maps.Keys(want)) {
				if got[name] != want[name] {
					t.Errorf("%s: num %d, den %d; want %d, %d", name, got[name].Num, got[name].Den, want[name].Num, want[name].Den)
				}
				delete(got, name)
			}
			for name := range got {
				t.Errorf("%s: counted, and should not be", name)
			}
		})
	}
}

func expected(t *testing.T, path string) map[string]measures.Row {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]measures.Row{}
	for _, r := range records[1:] {
		num, err1 := strconv.ParseInt(r[1], 10, 64)
		den, err2 := strconv.ParseInt(r[2], 10, 64)
		if err1 != nil || err2 != nil {
			t.Fatalf("%s: line of %s: %v %v", path, r[0], err1, err2)
		}
		want[r[0]] = measures.Row{Practice: r[0], Stratum: measures.Unstratified, Num: num, Den: den}
	}
	return want
}

// A payer's own codes in a slot count like the public ones.
func TestSlot(t *testing.T) {
	spec, err := library.Measure("qa-pcp")
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), t.TempDir(), store.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Load(context.Background(), "qa-pcp/fixture"); err != nil {
		t.Fatal(err)
	}
	num := func(slots ...engine.Slot) int64 {
		rows, err := s.Measure(context.Background(), spec, engine.Period{Year: 2024}, slots...)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.Practice == "another-code" {
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
