package measurebench

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/node/store"
)

// population is what is made: how many people, how many claim lines (four of five medical, one pharmacy), from which seed.
type population struct {
	members, lines int
	seed           uint64
}

// slots are the codes that a payer fills in under its own licence; those here are made up and stand in the generated data too.
var slots = []engine.Slot{
	{Name: "encounter_to_screen_for_depression", Codes: []string{"BENCH-VISIT"}}, {Name: "referral_for_adult_depression", Codes: []string{"BENCH-REFERRAL"}},
	{Name: "referral_for_adolescent_depression", Codes: []string{"BENCH-REFERRAL"}}, {Name: "adult_depression_medications", Codes: []string{"BENCH-DRUG"}},
	{Name: "adolescent_depression_medications", Codes: []string{"BENCH-DRUG"}}, {Name: "medical_reason", Codes: []string{"BENCH-REASON"}},
}

// generate writes one Parquet file a canonical table, in the layout that a node loads, and returns their bytes. The database itself makes the rows, set
// by set: every value is a hash of the seed, the row and the column's name.
func generate(ctx context.Context, dir string, p population, o Options, say func(string, ...any)) (int64, error) {
	db, err := store.Scratch(ctx, o.MemoryMB/2, o.Threads, filepath.Join(dir, "spill"))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	for _, q := range p.prepare() {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return 0, fmt.Errorf("make the population: %w", err)
		}
	}
	var size int64
	for _, t := range p.tables() {
		n, err := write(ctx, db, filepath.Join(dir, t.name+".parquet"), t.query)
		if err != nil {
			return 0, fmt.Errorf("make %s: %w", t.name, err)
		}
		var rows int64
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM read_parquet('"+filepath.Join(dir, t.name+".parquet")+"')").Scan(&rows); err != nil {
			return 0, fmt.Errorf("count %s: %w", t.name, err)
		}
		say("  %-22s %11d rows %9.1f MB", t.name, rows, float64(n)/1e6)
		size += n
	}
	return size, nil
}

func write(ctx context.Context, db *sql.DB, path, query string) (int64, error) {
	if strings.Contains(path, "'") {
		return 0, fmt.Errorf("the folder's name must not have a quote")
	}
	if _, err := db.ExecContext(ctx, "COPY ("+query+") TO '"+path+"' (FORMAT parquet, COMPRESSION zstd)"); err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

type table struct{ name, query string }

// prepare makes what the tables are drawn from: two macros, the codes and the people.
func (p population) prepare() []string {
	practices := max(12, p.members/700)
	return []string{
		fmt.Sprintf("CREATE MACRO below(i, what, n) AS CAST(hash(hash(i, what, %d)) %% n AS INTEGER)", p.seed),
		"CREATE MACRO one_of(list, i, what) AS list[1 + below(i, what, len(list))]",
		"CREATE TABLE usual AS SELECT " + list(usual) + " AS codes, " + list(inpatientReasons) + " AS inpatient, " + list(drgs) + " AS drgs",
		// Codes that no measure asks for and nobody withholds, ten thousand of them, so that dictionaries have the size they have.
		"CREATE MACRO rare(i, what) AS one_of(['R', 'S', 'W'], i, what || 'a') || lpad(CAST(below(i, what || 'b', 100) AS VARCHAR), 2, '0') || CAST(below(i, what || 'c', 40) AS VARCHAR)",
		fmt.Sprintf(`CREATE TABLE base AS SELECT i, 'M' || lpad(CAST(i AS VARCHAR), 9, '0') AS person_id,
  CASE WHEN g < 220 THEN below(i, 'age', 18) WHEN g < 540 THEN 18 + below(i, 'age', 27) WHEN g < 840 THEN 45 + below(i, 'age', 20) WHEN g < 950 THEN 65 + below(i, 'age', 11) ELSE 76 + below(i, 'age', 17) END AS age,
  CASE WHEN below(i, 'sex', 1000) < 515 THEN 'female' ELSE 'male' END AS gender,
  CAST(floor(%d * pow(below(i, 'practice', 1000000) / 1e6, 1.4)) AS INTEGER) AS practice
FROM (SELECT i, below(i, 'group', 1000) AS g FROM range(%d) AS r(i))`, practices, p.members),
		fmt.Sprintf(`CREATE TABLE person AS SELECT *, make_date(%d - age, 1, 1) + below(i, 'birth', 365) AS birth_date,
  below(i, 'dm', 1000) < CASE WHEN age >= 65 THEN 250 WHEN age >= 45 THEN 150 WHEN age >= 18 THEN 40 ELSE 4 END AS diabetes,
  below(i, 'ht', 1000) < CASE WHEN age >= 65 THEN 600 WHEN age >= 45 THEN 350 WHEN age >= 18 THEN 90 ELSE 0 END AS hypertension,
  below(i, 'va', 1000) < CASE WHEN age >= 65 THEN 200 WHEN age >= 45 THEN 60 ELSE 2 END AS vascular,
  below(i, 'as', 1000) < CASE WHEN age >= 5 THEN 60 ELSE 20 END AS asthma,
  below(i, 'co', 1000) < CASE WHEN age >= 55 THEN 90 ELSE 1 END AS copd,
  below(i, 'kf', 1000) < CASE WHEN age >= 18 THEN 6 ELSE 0 END AS kidney,
  CASE below(i, 'cover', 20) WHEN 0 THEN 1 WHEN 1 THEN 2 WHEN 2 THEN 3 ELSE 0 END AS cover
FROM base`, year),
	}
}

func list(codes string) string { return "['" + strings.Join(strings.Fields(codes), "', '") + "']" }
