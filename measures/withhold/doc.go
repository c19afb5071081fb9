// Package withhold says which rows of a payer's data no measure may see: records of substance use disorder treatment under 42 CFR Part 2, and members of
// self-funded plans whose sponsors have not agreed. It is one text in front of a measure's query: each input that
// the query names is, within that query, the input without those rows. On Trino alone the codes of a system are one pattern instead of lists (its planner
// looks at every literal many times); the same people are tested against on every engine (package cases).
//
//	WITH withheld_span AS (…), eligibility AS (SELECT … FROM eligibility …), medical_claim AS (SELECT … FROM medical_claim …)
//	SELECT … the measure's own query …
//
// A common table expression goes before the table of its name, and within its own definition the name is still the table's. The stores put the
// text in front of everything they run for a measure (its sums, its form by member and by stratum, an explanation), so there is no way for a measure
// around it; the lint and the database's guard, which see the measure's own text, leave it no other name for a table. A table of persons that
// this package has no rule for is refused.
//
// # 42 CFR Part 2
//
// The list of codes is a versioned file, part2-v1.txt, whose SHA-256 ([Policy.Digest]) is part of a run's manifest: payers whose programs hold another list,
// or whose configuration keeps such records, do not take part. What falls under it is dropped, and the member stays: in medical_claim the whole
// claim when any of its lines has one of the codes in any of its columns, in the other tables the row. Members whose other care is unchanged are
// in every denominator that they were in. A payer may add the NPIs of programmes it knows; that takes out more, and nobody else needs to know.
//
// annual_summary and measure_result hold no record of treatment, only counts and flags over a year; nothing is dropped from them here.
//
// # Self-funded plans
//
// A span of eligibility whose funding is self is dropped unless its plan is in the payer's list of sponsors that opted in. So is whatever happened
// in it: rows of a person whose dates touch such a span, by day, month or year as the table has it, and rows without a date of a person who has
// any such span. A member who was self-funded for a time stays with the rest. Spans without funding count as fully insured.
//
// # Cost
//
// Which claims fall under Part 2 is looked up, not tested line by line, where the engine has room for a table of its own ([ClaimTable]); on a payer's
// warehouse, where the node may only read, the query finds them itself, in one scan of medical_claim.
package withhold
