package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures"
)

// released holds the hash of every building block. A measure's hash covers the name and version of the blocks it uses and not their text, so a
// block that members have voted with must never change: write a new version beside it instead of a new hash here.
var released = map[string]string{
	"assigned_v1":           "920e8f0498c3cc08",
	"attributed_v1":         "bb4ce59e1a7f5a26",
	"cohort_v1":             "9a2e23e2abb77bd9",
	"ed_visits_v1":          "898a511c040f4aec",
	"enrolled_v1":           "f1179c3d14c1456d",
	"fills_v1":              "62e17146b6ddc4f8",
	"hospice_v1":            "365db4821362ac7c",
	"lines_v1":              "8cc4125c1c878815",
	"members_v1":            "b2f608224c4cd03a",
	"panel_v1":              "c8b04a081be6e400",
	"people_v1":             "7d08ffa3d926d1bd",
	"results_v1":            "deec580aa13cab5a",
	"spend_v1":              "02ab6db4a288114c",
	"stays_v1":              "2293756a05afbcc8",
	"strata_deprivation_v1": "0289bd7d52a89af2",
	"strata_dual_v1":        "b531c7f48efc3a2e",
	"strata_ethnicity_v1":   "6b509c4ee11d9eed",
	"strata_language_v1":    "4d1abd5ec029c302",
	"strata_race_v1":        "47ebd2380acf1e9b",
	"summary_v1":            "5992e17edda76194",
	"coded_days_v1":         "c850eed2f55fdb70",
	"covered_v1":            "5f5c5336d18e2ade",
	"costs_v1":              "4c76126887ca6ef3",
	"expected_v1":           "d352d8b29877aa13",
	"patients_v1":           "d992ca8147d93584",
	"readmissions_v1":       "f34e23050ff7ce43",
}

func TestBlocksDoNotChange(t *testing.T) {
	found := 0
	for _, b := range Blocks() {
		h := sha256.Sum256([]byte(blocks[b.Name]))
		if got := hex.EncodeToString(h[:8]); released[b.Name] != got {
			t.Errorf("%q: %q,", b.Name, got)
		}
		found++
		if _, named := blockArguments[b.Name]; !named && b.Name != "members_v1" && !strings.HasPrefix(b.Name, "strata_") {
			t.Errorf("block %s cannot be named by a measure", b.Name)
		}
		if strings.Contains(blocks[b.Name], "--") {
			t.Errorf("block %s keeps a comment", b.Name)
		}
	}
	if found != len(released) {
		t.Errorf("%d blocks, %d hashes", found, len(released))
	}
}

const plain = `WITH {{attributed_v1()}},
result AS (
  SELECT person_id, practice, 1 AS initial_population, 1 AS denominator, 0 AS exclusion, 0 AS exception, 1 AS numerator
  FROM attributed
)
{{summary_v1(1, 1)}}`

func TestBlocks(t *testing.T) {
	inputs := []string{"provider_attribution", "practice_crosswalk", "medical_claim"}
	good := spec(plain, inputs...)
	if err := Check(good); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"attributed_v1()", "attributed_v2()", "unknown macro"},
		{"attributed_v1()", "attributed_v1(3)", "takes 0 arguments, not 1"},
		{"attributed_v1()", "members_v1()", "unknown macro"},
		{"{{attributed_v1()}}", "{{attributed_v1()}}, {{attributed_v1()}}", "defined twice"},
		{"{{attributed_v1()}}", "{{attributed_v1()}}, {{hospice_v1()}}, {{lines_v1(Lines, 1 = 1)}}", "is not a lower-case name"},
		{"{{attributed_v1()}}", "{{attributed_v1()}}, {{lines_v1(lines, 1 = 1) UNION (SELECT 1)}}", "not balanced"},
		{"{{attributed_v1()}}", "{{attributed_v1()}}, {{lines_v1(x, person_id IN (SELECT person_id FROM secrets))}}", `"secrets"`},
		{"summary_v1(1, 1)", "summary_v1(1, 0)", "from 1"},
		{"summary_v1(1, 1)", "summary_v1(1, x)", "is not a whole number"},
		{"1 AS numerator", "avg(1) AS numerator", `"avg"`},
		{"1 AS numerator", "greatest(1, 2) AS numerator", `"greatest"`},
		{"1 AS numerator", "CAST(1 AS DOUBLE) AS numerator", `"double"`},
		{"1 AS numerator", "{{date(year, 2, 29)}} AS numerator", "a day that every year has"},
		{"1 AS numerator", "{{date(today, 2, 2)}} AS numerator", "takes year or prior_year"},
		{"1 AS numerator", "{{begins(person_id, none)}} AS numerator", "not in the header"},
	} {
		sql := strings.Replace(plain, c.old, c.new, 1)
		_, err := Query(spec(sql, inputs...), Period{Year: 2024})
		var se *SyntaxError
		if err == nil || !errors.As(err, &se) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.new, err, c.want)
		}
	}
	// A block keeps the lines of the measure.
	_, err := Query(spec(strings.Replace(plain, "1 AS numerator", "now() AS numerator", 1), inputs...), Period{Year: 2024})
	if err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Error(err)
	}
}

func TestMembersForm(t *testing.T) {
	inputs := []string{"provider_attribution", "practice_crosswalk", "medical_claim"}
	q, err := QueryMembers(PostgreSQL, spec(plain, inputs...), Period{Year: 2024})
	if err != nil || strings.Contains(q, "SUM(r.numerator)") || !strings.Contains(q, "r.initial_population") {
		t.Error(err, q)
	}
	if _, err := QueryMembers(DuckDB, spec("SELECT a FROM t", "t"), Period{Year: 2024}); !errors.Is(err, errNoMembers) {
		t.Error(err)
	}
	old := spec("SELECT a FROM t", "t")
	old.Stratify = "race"
	if _, err := Query(old, Period{Year: 2024}); !errors.Is(err, errNoMembers) {
		t.Error("stratified a measure that cannot be:", err)
	}
	if _, err := Stratified(&measures.Spec{ID: "t"}, "shoe-size"); err == nil {
		t.Error("stratified by nothing known")
	}
}

// What differs between the engines is in the macros, and nowhere else.
func TestDialects(t *testing.T) {
	sql := "SELECT {{div(a, 2)}}, {{days_between(a, b)}}, {{add_days(a, 3)}}, {{text_order(a)}} FROM t"
	for d, want := range map[Dialect]string{
		DuckDB:     "SELECT ((a) // (2)), (CAST(b AS DATE) - CAST(a AS DATE)), (CAST(a AS DATE) + CAST(3 AS INTEGER)), (a) FROM t",
		PostgreSQL: `SELECT DIV(CAST(a AS NUMERIC), CAST(2 AS NUMERIC)), (CAST(b AS DATE) - CAST(a AS DATE)), (CAST(a AS DATE) + CAST(3 AS INTEGER)), (a) COLLATE "C" FROM t`,
		Trino:      "SELECT (CAST(a AS BIGINT) / CAST(2 AS BIGINT)), date_diff('day', CAST(a AS DATE), CAST(b AS DATE)), date_add('day', CAST(3 AS BIGINT), CAST(a AS DATE)), (a) FROM t",
	} {
		if got, err := QueryFor(d, spec(sql, "t"), Period{Year: 2024}); err != nil || got != want {
			t.Errorf("%v: %v\n%s\nwant\n%s", d, err, got, want)
		}
	}
	for _, stray := range []string{"SELECT date_diff('day', a, b) FROM t", "SELECT tacet_quotient FROM t", "SELECT a tacet_quotient b FROM t", "SELECT DIV(a, b) FROM t"} {
		if q, err := QueryFor(Trino, spec(stray, "t"), Period{Year: 2024}); err == nil {
			t.Errorf("an author wrote %q and got %q", stray, q)
		}
	}
}
