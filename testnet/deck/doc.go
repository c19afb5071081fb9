// Package deck runs the official test patients of an electronic clinical
// quality measure through what a payer's node uses: each case's FHIR resources
// as a bundle through node/intake into the canonical tables, then the library's
// measure in its form by member on DuckDB.
//
// A case is a JSON file {case, description, expected, resources}, expected
// naming the five populations; the value sets are a JSON file of name → {oid,
// codes: [[system, code], …]}, which fill the measure's slots of the same name
// in lower case with underscores. Neither is part of this repository.
//
// A case that the loader refuses differs, with the reason; the others are evaluated all the same. A resource may be a bundle of any type.
//
// Cases say nothing about cover and practices: everybody counts as covered, and
// all are attributed to one practice.
package deck
