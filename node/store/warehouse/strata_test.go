package warehouse

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/fixture"
	"github.com/tacet-health/tacet/measures/library"
)

// strataText is people who differ in what strata are made of: what is held, where, in which span, and how it is written.
const strataText = `year 2024
case dual-in-spring 0/0  # dual in one of two spans of the year; the later span says Asian, Spanish, the fifth quintile
  cover 2020-01-01 2024-04-30 dual=02 race=White language=en zip=00001
  cover 2024-05-01 2024-12-31 race=Asian language=ES zip=00005
case low-income 0/0  # the low income subsidy; the first quintile
  cover 2020-01-01 2024-12-31 lis=Y race=Black ethnicity=Hispanic zip=00001
case qualified-only-last-year 0/0  # dual until the end of the year before; a place without an index
  cover 2020-01-01 2023-12-31 dual=02
  cover 2024-01-01 2024-12-31 zip=99999
case neither 0/0  # a span of the next year does not count
  cover 2020-01-01 2024-12-31 race=White language=en
  cover 2025-01-01 2025-12-31 dual=02 race=Other language=fr zip=00005
case two-spans-of-a-day 0/0  # two spans of the same days: the lower by bytes, which is the upper case
  cover 2024-01-01 2024-12-31 race=asian language=de zip=00005
  cover 2024-01-01 2024-12-31 race=White language=ZH zip=00001
case spaced 0/0  # values with spaces, capitals, letters of other alphabets: held by a payer as they are
  cover 2020-01-01 2024-12-31
case spelt 0/0  # the same in another spelling
  cover 2020-01-01 2024-12-31
case nothing 0/0  # nothing held
  cover 2020-01-01 2024-12-31
`

// held are the values that the format of the cases has no room for: they have spaces.
var held = map[string]map[string]string{
	"strata/spaced": {"race": "Two or More Races", "ethnicity": "Not  Hispanic", "language": "Español"},
	"strata/spelt":  {"race": "two or MORE races", "ethnicity": "not hispanic", "language": "ESPAÑOL"},
}

func strataSet() (*fixture.Set, error) {
	set, err := fixture.Parse(fstest.MapFS{"strata/cases.txt": {Data: []byte(strataText)}}, "strata")
	if err != nil {
		return nil, err
	}
	for i, r := range set.Rows {
		for column, value := range held[r.Values["person_id"]] {
			if r.Table == "eligibility" {
				set.Rows[i].Values[column] = value
			}
		}
	}
	for _, q := range []string{"1", "5"} {
		set.Rows = append(set.Rows, fixture.Row{Table: "deprivation_index", Values: map[string]string{"zip_code": "0000" + q, "quintile": q}})
	}
	return set, nil
}

// agreeByStrata runs measures by every kind of strata on a warehouse and on the embedded store and wants the same rows; of a measure that counts everybody with
// cover, those that a reader of the people above counts.
func agreeByStrata(t *testing.T, w *Warehouse) {
	d, err := duck()
	if err != nil {
		t.Fatal(err)
	}
	everybody := spec(`WITH result AS (
  SELECT DISTINCT person_id, SUBSTRING(person_id, 1, 7) AS practice, 1 AS initial_population, 1 AS denominator, 0 AS exclusion, 0 AS exception, 1 AS numerator FROM eligibility
  WHERE SUBSTRING(person_id, 1, 7) = 'strata/'
)
{{summary_v1(1, 1)}}`, "eligibility")
	crc, err := library.Measure("qp-crc")
	if err != nil {
		t.Fatal(err)
	}
	*everybody = measures.Spec{ID: "t-one", Version: crc.Version, Title: crc.Title, Type: crc.Type, Direction: crc.Direction, Grain: crc.Grain, Inputs: everybody.Inputs, SQL: everybody.SQL,
		Cap: crc.Cap, Release: crc.Release, Rationale: crc.Rationale, Source: crc.Source, Licence: crc.Licence}
	want := map[string]map[string]int64{
		"dual":        {"dual-or-lis": 2, "neither": 6},
		"deprivation": {"quintile-1": 2, "quintile-5": 1, "unknown": 5},
		"race":        {"asian": 1, "black": 1, "white": 2, "two-or-more-races": 2, "unknown": 2},
		"ethnicity":   {"hispanic": 1, "not-hispanic": 2, "unknown": 5},
		"language":    {"es": 1, "en": 1, "zh": 1, "espa-ol": 2, "unknown": 3},
	}
	for _, kind := range engine.Strata() {
		for _, base := range []*measures.Spec{everybody, crc} {
			t.Run(kind+"/"+base.ID, func(t *testing.T) {
				t.Parallel()
				by, err := engine.Stratified(base, kind)
				if err != nil {
					t.Fatal(err)
				}
				got, err := w.Measure(t.Context(), by, engine.Period{Year: 2024})
				if err != nil {
					t.Fatal(err)
				}
				embedded, err := d.Measure(t.Context(), by, engine.Period{Year: 2024})
				if err != nil {
					t.Fatal(err)
				}
				if len(got) == 0 || !slices.Equal(got, embedded) {
					t.Errorf("%v, the embedded engine says %v", got, embedded)
				}
				for _, r := range got {
					if base == everybody && (r.Den != want[kind][r.Stratum] || r.Num != r.Den) || base == everybody && len(got) != len(want[kind]) {
						t.Errorf("%s: %d of %d, want %v", r.Stratum, r.Num, r.Den, want[kind])
					}
				}
			})
		}
	}
}

func TestStrataOnPostgreSQL(t *testing.T) {
	agreeByStrata(t, open(t, whole(t).dsn("tacet_reader", "tacet")))
}
