package store

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// older makes a store of an earlier version as its program made it: without the tables and columns that came later.
func older(t *testing.T, dir string, version int, later map[string][]string) {
	t.Helper()
	db, err := sql.Open("duckdb", filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ddl := []string{"CREATE SCHEMA node", "CREATE TABLE node.schema (version INTEGER NOT NULL)",
		"INSERT INTO node.schema VALUES (" + string(rune('0'+version)) + ")",
		"CREATE TABLE node.loaded (table_name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, source VARCHAR NOT NULL, row_count BIGINT NOT NULL, PRIMARY KEY (table_name, sha256))"}
	for _, table := range tables {
		columns, changed := later[table.Name]
		if changed && columns == nil {
			continue
		}
		table.Columns = slices.DeleteFunc(slices.Clone(table.Columns), func(c Column) bool { return slices.Contains(columns, c.Name) })
		table.Joined = nil // of version 5
		ddl = append(ddl, table.create())
	}
	ddl = append(ddl, "INSERT INTO medical_claim (claim_id, claim_line_number, person_id, paid_amount, diagnosis_code_1, diagnosis_code_7) VALUES ('007', 1, 'p', 1250, 'I10', 'E119'), ('008', 1, 'p', -7, NULL, NULL)")
	for _, q := range ddl {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(q, err)
		}
	}
}

// A store of an older version keeps its data and its keys, and takes what is new.
func TestUpgradeKeepsData(t *testing.T) {
	for version, later := range map[int]map[string][]string{
		2: {"medical_claim": {"paid_date"}, "deprivation_index": nil, "drug_crosswalk": {"dose_form_group"}, "eligibility": {"language"}},
		3: {"medical_claim": {"paid_date"}},
		4: {},
	} {
		dir := t.TempDir()
		older(t, dir, version, later)
		s, err := Open(t.Context(), dir, Options{MemoryMB: 128, Threads: 1})
		if err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		repeat := write(t, "medical_claim.csv", "claim_id,claim_line_number,person_id,paid_date\n007,1,p,2024-01-02\n")
		if _, err := s.Load(t.Context(), repeat); err == nil || !strings.Contains(err.Error(), "repeats the key") {
			t.Errorf("version %d: a key of before: %v", version, err)
		}
		fresh := write(t, "medical_claim.csv", "claim_id,claim_line_number,person_id,paid_date\n009,1,p,2024-01-02\n")
		if _, err := s.Load(t.Context(), fresh); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if s, err = Open(t.Context(), dir, Options{MemoryMB: 128, Threads: 1}); err != nil { // now it is of this version
			t.Fatal(err)
		}
		var cents, dated, now int64
		if err := s.db.QueryRow("SELECT sum(paid_amount), count(paid_date), (SELECT version FROM node.schema) FROM medical_claim").Scan(&cents, &dated, &now); err != nil {
			t.Fatal(err)
		}
		var joined string
		if err := s.db.QueryRow("SELECT diagnosis_codes FROM medical_claim WHERE claim_id = '007' AND procedure_codes IS NULL").Scan(&joined); err != nil || joined != "\x1fI10\x1fE119\x1f" {
			t.Errorf("version %d: joined diagnoses %q: %v", version, joined, err)
		}
		if cents != 1243 || dated != 1 || now != SchemaVersion {
			t.Errorf("version %d: %d cents, %d lines with paid_date, version %d", version, cents, dated, now)
		}
		for _, table := range TableNames() {
			if _, err := s.Count(t.Context(), table); err != nil {
				t.Error(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
