package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func newStore(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir(), Options{MemoryMB: 256, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func count(t *testing.T, s *Store, table string, want int64) {
	t.Helper()
	if n, err := s.Count(t.Context(), table); err != nil || n != want {
		t.Fatalf("%s has %d rows (%v), want %d", table, n, err, want)
	}
}

func TestReopenKeepsData(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	file := write(t, "practice_crosswalk.csv", "local_practice_id,practice_id\n007,PR-1\n")
	if _, err := s.Load(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), dir, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	report, err := s.Load(t.Context(), file)
	if err != nil || !report.Files[0].Already || report.Files[0].Loaded != 0 || report.Files[0].Read != 1 {
		t.Fatalf("second load: %+v, %v", report, err)
	}
	var id string
	if err := s.db.QueryRow("SELECT local_practice_id FROM practice_crosswalk").Scan(&id); err != nil || id != "007" {
		t.Fatalf("id %q, %v: leading zeros are part of an id", id, err)
	}
	info, err := os.Stat(filepath.Join(dir, FileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
}

func TestOpenRefusesOtherSchema(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.Exec("UPDATE node.schema SET version = 99"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err := Open(t.Context(), dir, Options{}); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("schema version 99, this program knows 2 to %d", SchemaVersion)) {
		t.Fatal(err)
	}
}

func TestAppendIsAllOrNothing(t *testing.T) {
	s := newStore(t)
	born := time.Date(1950, 2, 3, 0, 0, 0, 0, time.UTC)
	columns := []string{"person_id", "year", "region", "member_months", "diabetes", "inpatient_cost", "birth_date"}
	good := []any{"p1", 2008, "39-230", int64(12), 1, int64(94000), born}
	if n, err := s.Append(t.Context(), "annual_summary", columns, Rows([][]any{good})); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	for name, bad := range map[string][]any{
		"is empty but required":        {"", 2008, "39-230", 1, 0, 0, born},
		"is neither 0 nor 1":           {"p2", 2008, "39-230", 1, 2, 0, born},
		"has a Go type the column doe": {"p2", 2008, 39, 1, 1, 0, born},
		"values for 7 columns":         {"p2"},
		"repeats the key":              {"p1", 2008, "40-001", 1, 0, 0, born},
	} {
		ok := []any{"p9", 2009, "39-230", 1, 0, nil, nil}
		_, err := s.Append(t.Context(), "annual_summary", columns, Rows([][]any{ok, bad}))
		if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "row 2") {
			t.Errorf("%s: %v", name, err)
		}
		count(t, s, "annual_summary", 1)
	}
	failing := func(yield func([]any, error) bool) {
		_ = yield([]any{"p3", 2008, "r", 1, 0, 0, nil}, nil) && yield(nil, errors.New("line 7 of the source"))
	}
	if _, err := s.Append(t.Context(), "annual_summary", columns, failing); err == nil || !strings.Contains(err.Error(), "line 7 of the source") {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Append(ctx, "annual_summary", columns, Rows([][]any{good})); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	count(t, s, "annual_summary", 1)
	if _, err := s.Append(t.Context(), "annual_summary", columns[1:], Rows(nil)); err == nil || !strings.Contains(err.Error(), `required column "person_id" is missing`) {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), "node.loaded", nil, Rows(nil)); err == nil || !strings.Contains(err.Error(), "not a canonical table") {
		t.Fatal(err)
	}
}

func TestAppendOnce(t *testing.T) {
	s := newStore(t)
	src := Source{Name: "roster", Digest: [32]byte{1}}
	columns := []string{"local_practice_id", "practice_id"}
	for i, want := range []bool{true, false} {
		_, loaded, err := s.AppendOnce(t.Context(), src, "practice_crosswalk", columns, Rows([][]any{{"a", "b"}}))
		if err != nil || loaded != want {
			t.Fatalf("time %d: loaded %v, %v", i, loaded, err)
		}
	}
	count(t, s, "practice_crosswalk", 1)
}
