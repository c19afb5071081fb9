// Package cases holds hand-checked people against whom every engine's withholding is tested, in the format of package fixture.
package cases

import (
	"embed"
	"io/fs"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/fixture"
	"github.com/tacet-health/tacet/measures/withhold"
)

//go:embed testdata/withheld/cases.txt
var files embed.FS

// Set is the people: of each practice, which is a person, the rows and the spans of cover that are left under [Policy], as [Measure] counts them.
func Set() (*fixture.Set, error) {
	sub, err := fs.Sub(files, "testdata")
	if err != nil {
		return nil, err
	}
	return fixture.Parse(sub, "withheld")
}

// Policy is what the cases go by.
func Policy() withhold.Policy {
	return withhold.Policy{OptedIn: []string{"plan-7"}, Programmes: []string{"1234567893"}}
}

// Measure counts rows.
func Measure() *measures.Spec {
	return &measures.Spec{
		ID: "withheld", Version: "1.0.0", Title: "Rows that are left", Type: measures.Ratio, Direction: measures.Higher, Grain: "practice",
		Inputs: []string{"eligibility", "medical_claim", "pharmacy_claim", "lab_result", "observation", "immunization", "encounter", "condition", "procedure",
			"service_request", "medication_request", "annual_summary", "measure_result"},
		SQL: `WITH events AS (
  SELECT person_id, 1 AS num, 0 AS den FROM medical_claim UNION ALL SELECT person_id, 1, 0 FROM pharmacy_claim UNION ALL SELECT person_id, 1, 0 FROM lab_result
  UNION ALL SELECT person_id, 1, 0 FROM observation UNION ALL SELECT person_id, 1, 0 FROM immunization UNION ALL SELECT person_id, 1, 0 FROM encounter
  UNION ALL SELECT person_id, 1, 0 FROM condition UNION ALL SELECT person_id, 1, 0 FROM procedure UNION ALL SELECT person_id, 1, 0 FROM service_request
  UNION ALL SELECT person_id, 1, 0 FROM medication_request UNION ALL SELECT person_id, 1, 0 FROM annual_summary UNION ALL SELECT person_id, 1, 0 FROM measure_result
  UNION ALL SELECT person_id, 0, 1 FROM eligibility
)
SELECT person_id AS practice, 'all' AS stratum, SUM(num) AS num, SUM(den) AS den FROM events GROUP BY person_id`,
		Cap:     measures.Cap{Num: 1000, Den: 1000},
		Release: measures.Release{Profile: "quality-rate", Unit: "rows", Scale: measures.Scale{Num: 1, Den: 1}, Step: 1, Range: [2]int64{0, 100}, MinDen: 30},
	}
}
