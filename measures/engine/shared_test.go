package engine

import (
	"slices"
	"strings"
	"testing"
)

func TestSharedIn(t *testing.T) {
	inputs := []string{"eligibility", "medical_claim", "provider_attribution", "practice_crosswalk"}
	end := `result AS (SELECT person_id, 'p' AS practice, 1 AS initial_population, 1 AS denominator, 0 AS exclusion, 0 AS exception, 1 AS numerator FROM eligibility)
{{summary_v1(1, 1)}}`
	period := Period{Year: 2024}
	for _, c := range []struct {
		blocks string
		inputs []string
		period Period
		want   []string
	}{
		{"{{cohort_v1(45, 18, 75)}},", inputs, period, []string{"assigned", "enrolled", "hospice"}},
		{"{{cohort_v1(30, 18, 75)}},", inputs, period, []string{"assigned", "hospice"}},
		{"{{panel_v1()}}, {{ed_visits_v1()}},", inputs, period, []string{"panel", "assigned", "ed_visits"}},
		{"{{panel_v1()}}, {{stays_v1({{prior_start}}, {{period_end}})}},", inputs, period, []string{"panel", "assigned", "stays"}},
		{"{{panel_v1()}}, {{stays_v1({{prior_start}}, {{days_after(period_end, 1)}})}},", inputs, period, []string{"panel", "assigned"}},
		{"{{panel_v1()}},", inputs, Period{Year: 2023}, nil},
		{"{{panel_v1()}},", inputs[:3], period, nil},
		{"{{panel_v1()}},", inputs[1:], period, []string{"assigned"}},
	} {
		query, err := Query(spec("WITH "+c.blocks+end, inputs...), period)
		if err != nil {
			t.Fatal(err)
		}
		shared, err := SharedIn(query, c.inputs, c.period)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, s := range shared {
			names = append(names, s.Name)
			if !strings.HasPrefix(s.Query, "WITH ") || !strings.HasSuffix(s.Query, "SELECT * FROM "+s.Name) {
				t.Errorf("%s: %s", s.Name, s.Query)
			}
			short := s.From(query, "elsewhere."+s.Name)
			if strings.Count(short, " AS (") != strings.Count(query, " AS (") || !strings.Contains(short, s.Name+" AS (SELECT * FROM elsewhere."+s.Name+")") || len(short) >= len(query) {
				t.Errorf("%s: %s", s.Name, short)
			}
			query = short
		}
		if !slices.Equal(names, c.want) {
			t.Errorf("%s of %v: %v, want %v", c.blocks, c.inputs, names, c.want)
		}
	}
}

// TestSharedBlocks: what is shared reads the tables that it says, and no other.
func TestSharedBlocks(t *testing.T) {
	for _, b := range sharedBlocks {
		name, _, _ := strings.Cut(b.call, "_v1(")
		sql := "WITH {{" + b.call + "}}\nSELECT 'p' AS practice, 'all' AS stratum, 0 AS num, COUNT(*) AS den FROM " + name
		if err := Check(spec(sql, b.reads...)); err != nil {
			t.Errorf("%s: %v", b.call, err)
		}
	}
}
