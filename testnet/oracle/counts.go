package oracle

// Pair is a numerator and a denominator of one practice.
type Pair struct{ Num, Den int64 }

// Counts are the plain figures of one measure: Payers[i] maps a practice id to payer i's own pair. A practice that is not in the map
// has none of that payer's people or stays.
type Counts struct {
	Measure string
	Payers  []map[string]Pair
	Strata  []string                     // of a stratified measure, those that are released, in order
	By      []map[string]map[string]Pair // of a stratified measure, per payer: by stratum, then practice
}

// of are the figures of a payer in a stratum, by practice.
func (c Counts) of(payer int, stratum string) map[string]Pair {
	if c.Strata == nil {
		return c.Payers[payer]
	}
	return c.By[payer][stratum]
}

// Pooled sums over all payers.
func (c Counts) Pooled() map[string]Pair {
	sum := make(map[string]Pair)
	for _, payer := range c.Payers {
		for practice, p := range payer {
			s := sum[practice]
			sum[practice] = Pair{s.Num + p.Num, s.Den + p.Den}
		}
	}
	return sum
}
