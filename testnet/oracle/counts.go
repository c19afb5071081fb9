package oracle

// Pair is a numerator and a denominator of one practice.
type Pair struct{ Num, Den int64 }

// Counts are the plain figures of one measure: Payers[i] maps a practice id to payer i's own pair. A practice that is not in the map
// has none of that payer's people or stays.
type Counts struct {
	Measure string
	Payers  []map[string]Pair
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
