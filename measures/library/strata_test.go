package library_test

import (
	"testing"
	"testing/fstest"

	"github.com/tacet-health/tacet/measures/fixture"
)

const strataText = `year 2024
case dual-in-spring 0/1  # dual in one of two spans of the year; the later span says Asian, Spanish, and the fifth quintile
  cover 2020-01-01 2024-04-30 dual=02 race=White language=en zip=00001
  cover 2024-05-01 2024-12-31 race=Asian language=ES zip=00005
  row deprivation_index zip_code=00005 quintile=5
case low-income 0/1  # the low income subsidy; Black or Hispanic as held; the first quintile
  cover 2020-01-01 2024-12-31 lis=Y race=Black ethnicity=Hispanic zip=00001
  row deprivation_index zip_code=00001 quintile=1
case qualified-only-last-year 0/1  # dual until the end of the year before; nothing else held; a place without an index
  cover 2020-01-01 2023-12-31 dual=02
  cover 2024-01-01 2024-12-31 zip=99999
case neither 0/1  # a span of the next year does not count
  cover 2020-01-01 2024-12-31 race=White language=en
  cover 2025-01-01 2025-12-31 dual=02 race=Other language=fr zip=00005
`

func strataCases(t *testing.T) *fixture.Set {
	t.Helper()
	set, err := fixture.Parse(fstest.MapFS{"strata/cases.txt": {Data: []byte(strataText)}}, "strata")
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range set.Rows {
		if r.Table == "deprivation_index" {
			delete(set.Rows[i].Values, "person_id")
		}
	}
	return set
}
