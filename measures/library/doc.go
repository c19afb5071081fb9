// Package library holds the measures that come with tacet: own specifications on public codes, one folder each with a header
// (measure.yaml), a query (measure.sql) and fixtures (fixture/*.csv in the canonical layout, expected.csv counted by hand).
//
//	qp-crc   colorectal cancer screening                      higher is better
//	qc-a1c9  diabetes with HbA1c above 9 % or not tested      lower is better
//	qa-pcp   at least one primary care visit in the year      higher is better
//
// # What they have in common
//
// A person counts when alive and enrolled on 31 December, without more than 45 days in a row of no cover in the year (overlapping spans count
// once), not in hospice care in the year, and attributed to a practice: that of the last attributed month of the year, by the payer's
// choice under the programme or else by its own assignment, translated to the roster's id by practice_crosswalk where it has
// the local one. Ages are those of 31 December. Service dates are the claim's first day.
//
// Caps are 10,000 a payer and practice: with percent steps up to 95 the thresholds of fifteen payers then stay within 2·189·15·10,000 < 2²⁶, what
// the wide parameter set can tell apart.
//
// Code lists are public (HCPCS Level II, ICD-10-CM, ICD-10-PCS, LOINC, place of service). There is no CPT code and no text of HEDIS or of another
// organisation's measure in them; a payer fills slots with local codes under its own licence.
package library
