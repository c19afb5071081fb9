// Package output writes the files of a test network's run and its table for people.
//
//	release.csv      one row a cell, in the order given: practice_id, measure_id, measure_version, period, stratum, status (released or
//	                 suppressed), value (empty when suppressed), bound (le, ge or empty), unit, benchmark_p25, benchmark_p50,
//	                 benchmark_p75, benchmark_p90 (empty without benchmarks), percentile_band, run_id
//	                 The one row of a measure that releases a benchmark only has an empty practice_id, no value, and its benchmarks
//	release.parquet  the same rows; value and benchmarks are 64-bit integers or NULL, the rest text, NULL where release.csv is empty
//	oracle.csv       practice_id, measure_id, stratum, num, den, one column den_<payer> a payer, expected_status, expected_value, expected_bound:
//	                 plain figures of every payer, on a test network only. The cells of a measure that releases a benchmark only are counted
//	                 or suppressed; a row without a practice has their sums and the four percentiles
//
// CSV is RFC 4180 with LF line ends and a header. Every file is written beside its name, flushed to disk and renamed, so that a file
// that is there is complete.
package output
