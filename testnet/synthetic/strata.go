package synthetic

import (
	"crypto/sha256"
	"fmt"
)

// traits are the columns of eligibility that Options.Strata adds.
var traits = []string{"dual_status_code", "low_income_subsidy_indicator", "zip_code", "race", "ethnicity", "language"}

// quintiles are those of the zip codes in order; the index does not know the last two places that people live in.
var quintiles = []int{1, 2, 3, 4, 5, 5, 4, 3, 2, 1}

func zipCode(i int) string { return fmt.Sprintf("%05d", 501+i) }

// held is what a payer holds of a person in a span of enrolment, beside its days. About a third are dual or have the subsidy, some in their first span alone; some values
// are missing, written in capitals, or known from the first span alone.
func held(id string, span int) []any {
	h := sha256.Sum256([]byte("tacet/synthetic/strata/" + id))
	of := func(i int, weighted ...string) string { return weighted[int(h[i])%len(weighted)] }
	dual, subsidy := of(0, "", "", "", "", "", "02", "8", "09"), of(1, "", "0", "0", "0", "0", "1")
	race := of(2, "white", "white", "white", "White", "black", "black", "asian", "")
	if span > 0 {
		dual = of(3, dual, "")
		race = of(4, race, "")
	}
	return []any{dual, subsidy, zipCode(int(h[5]) % (len(quintiles) + 2)), race, of(6, "hispanic", "non-hispanic", "non-hispanic", ""), of(7, "en", "en", "EN", "es", "es", "")}
}
