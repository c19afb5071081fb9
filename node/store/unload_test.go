package store

import (
	"os"
	"path/filepath"
	"testing"
)

// A corrected file takes the place of the first one: the table is unloaded, both could be loaded again, and nothing of other tables is touched.
func TestUnload(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir(), Options{Threads: 1, MemoryMB: 128})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	file := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const head = "person_id,birth_date,enrollment_start_date,enrollment_end_date\n"
	first := file("eligibility.csv", head+"p1,1950-01-01,2024-01-01,2024-12-31\n")
	second := file("eligibility.csv", head+"p1,1950-01-02,2024-01-01,2024-12-31\n")
	cross := file("practice_crosswalk.csv", "local_practice_id,practice_id\na,PR-1\n")
	r, err := s.Load(t.Context(), first, cross, second)
	if err != nil || len(r.Files) != 3 || r.Files[0].Beside != 0 || r.Files[2].Beside != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if rows, err := s.Unload(t.Context(), "eligibility"); err != nil || len(rows) != 1 || rows["eligibility"] != 2 {
		t.Fatalf("%v, %v", rows, err)
	}
	if r, err = s.Load(t.Context(), second, cross); err != nil || r.Files[0].Loaded != 1 || r.Files[0].Beside != 0 || !r.Files[1].Already {
		t.Errorf("after it: %+v, %v", r, err)
	}
	if _, err := s.Unload(t.Context(), "eligibilty"); err == nil {
		t.Error("an unknown table was unloaded")
	}
	if _, _, err := s.LoadUnit(t.Context(), "fhir", []Source{{Name: "b.json", Digest: [32]byte{1}}}, []Layout{{"condition", []string{"condition_id", "source_code", "person_id"}}}, func(*Unit) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Unload(t.Context(), "eligibility"); err == nil {
		t.Error("a part of what was loaded together was unloaded")
	}
	if rows, err := s.Unload(t.Context()); err != nil || rows["eligibility"] != 1 || rows["practice_crosswalk"] != 1 {
		t.Errorf("all: %v, %v", rows, err)
	}
}
