// Package measurebench measures the data side of a node: Parquet in, all measures out.
//
// # Data
//
// Members with ages, conditions, cover with gaps, deaths and practices; three years of claims in the order of their dates, four medical lines for each
// pharmacy line, most of the care with few of the people; duplicates and reversals; laboratory results, readings, visits, orders, vaccines. Every value is a
// hash of the seed, the row and the column's name, made by the database set by set, so that 50,000,000 lines take minutes. Codes are public ones where a
// measure looks for them, else made up. The slots of qp-dsf are filled with made-up codes. Same options and same version of DuckDB, same data.
//
// # What is measured
//
//	load        store.Load on the folder: what tacet node load does
//	measures    store.Measure for each of the library, in a store opened anew
//	memory      the largest resident memory of the process while loading and measuring
//	by hand     three measures beside queries written for DuckDB alone, by processor time; they must give the same rows. Both are as fast as the fastest of
//	            three runs, ours with what measures have in common kept from the first (node/store), as in a run of several measures
//	PostgreSQL  the same data and all measures there, when asked for; they must give the same rows
//
// Times are of the wall and are judged as such: the machine must be idle. Processor seconds stand beside them.
package measurebench
