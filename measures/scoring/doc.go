// Package scoring computes, from released values alone, where a practice stands
// among the others. It sees no numerator, no denominator and no payer. Pure:
// integers in, integers and fixed texts out.
//
// # Benchmarks
//
// P25, P50, P75 and P90 are nearest-rank percentiles: of n released values
// ordered from worst to best, P p is the one at rank ⌈p·n/100⌉. A percentile is
// therefore always a value some practice has. "Better" follows the measure's
// direction: with lower-is-better, P90 is the low value that nine in ten
// practices do not beat, as quality reporting does it, so that a higher
// percentile is better for every measure. Fewer than [MinPractices] released
// values give no benchmarks: with fewer, a quartile is somebody's value.
//
// A measure that releases a benchmark only has the same percentiles computed on
// ciphertext, over the same values, of which none is released (crypto/predicate).
//
// Values are as released, in steps or units alike: percentiles commute with the
// factor. A coded end (≤5, ≥95) counts as its limit.
//
// # Bands
//
// A practice's band names the best benchmark its value reaches:
//
//	p90+ · p75-p90 · p50-p75 · p25-p50 · <p25
//
// Equal values have equal bands.
package scoring
