// Package oracle computes what a run must release, from the pooled plain data, in a way of its own: it shares no code with the nodes' SQL,
// the disclosure compiler, the circuit or the raw readers, so that an error in one of them shows as a difference. It exists on a
// test network only, where one machine may see every payer's rows.
//
// # Steps
//
//	SynPUF, Canonical   raw files → per measure and payer: practice → (num, den)      (plain Go over CSV)
//	Roster              the practices of the run
//	Expect              per cell: released or suppressed, value and bound             (the rules in plain arithmetic)
//	BenchmarkOnly       percentiles in place of the cells of a measure that releases no other  (by counting)
//	Compare             the cells of a release that differ
//
// # Roster
//
// A measure has a grain: the kind of practice it is about (facility, county, practice). n practices are split evenly between the
// grains in use, in the order in which they first appear among the measures; what does not divide goes one each to the earlier
// grains. A grain takes its practices with the largest pooled denominator of its first measure, ties by id as text ascending;
// only practices with a pooled denominator above 0. In the roster they stand by id as text, so that the order of a roster, which is
// public, tells nobody whose denominator is larger. A grain with fewer practices than its part leaves the rest unused.
//
// # Release
//
// A cell is released when all hold: at least c payers with den ≥ 1; no payer's den above s percent of the sum; den ≥ the larger
// of the profile's and the measure's minimum; den without any one contributor ≥ r; and for a proportion num ≥ 11 or
// num = 0, and den − num ≥ 11 or den − num = 0. value = step × ⌊(2·scale·num + den) / (2·den)⌋, in exact integers, then clamped to the
// measure's range. A percentage is clamped to 5…95 and its bound is le at 5 and ge at 95; other measures have no bound.
//
// # Strata
//
// A measure with "-by-" and a kind behind its id is counted in each stratum apart (strata.go); the rules are those of the measure, cell by cell.
//
// # Benchmark
//
// Of a measure that releases a benchmark only, P p is the least good value that is no worse than at least p percent of the values of its
// cells that pass; with fewer of them than the profile asks for it is suppressed.
package oracle
