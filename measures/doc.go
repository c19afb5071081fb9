// Package measures defines what a quality or cost measure is: its header, its
// query, its canonical bytes and the hash under which members approve it.
//
// # A measure on disk
//
// A measure is a folder with a YAML header, measure.yaml, and the SQL file the
// header names. The header is read strictly: an unknown key, a key given
// twice, a second YAML document or a value outside its range is refused with
// file and line.
//
//	id: qp-crc                  # [a-z0-9-], 1 to 32 characters
//	version: 1.0.0              # semantic: major.minor.patch
//	title: Colorectal cancer screening
//	type: proportion            # proportion | ratio | rate | rate_per_1000 | pmpm | observed_expected
//	direction: higher           # higher | lower: which way is better
//	grain: practice             # the namespace of the practice column; cells of one grain share a roster
//	inputs: [eligibility, medical_claim]
//	value_sets:                 # optional; {{codes(name)}} in the SQL
//	  colorectal_tests: {system: hcpcs, public: [G0105, G0121], slot: local_cpt}
//	  office_visits: {system: cpt, slot: local_cpt, slot_sha256: 9f2c…}   # a licensed list: the payer's own, of just this content
//	sql: measure.sql
//	model: risk-cost            # of observed_expected: the joint model that expected values come from, by the id of its sum in the log
//	stratify: dual                     # optional: by strata of a kind; the id then ends in -by-dual
//	cap: {num: 20000, den: 20000}      # most a payer may contribute to one cell
//	release:
//	  kind: benchmark-only             # optional: percentiles over the practices, no practice's value
//	  profile: quality-rate            # disclosure profile, by name
//	  unit: percent
//	  scale: {num: 100, den: 1}        # value = scale · num/den, in steps
//	  step: 1                          # released value = step × steps
//	  range: [0, 100]                  # in released units, both ends included
//	  min_den: 30                      # never below the profile's own
//	rationale: …
//	source: …
//	licence: …
//	clinical_notes: …
//
// Without kind a value is released for every practice that passes the
// disclosure rules. A benchmark-only measure releases P25, P50, P75 and P90 of
// those values (nearest rank, see measures/scoring) and nothing of any practice.
//
// For unit percent, scale and range may be left out: they are 100/step and
// 0…100. Everything else but value_sets, model, stratify, kind, min_den, step and clinical_notes
// is required.
//
// # What a measure yields
//
// The query returns one row per (practice, stratum) with two non-negative
// integers, num and den. Every type reduces to sums of these over the payers;
// what is released is
//
//	step × clamp(⌊(2·p·num + q·den) / (2·q·den)⌋, lo/step, hi/step)   with scale p/q,
//
// that is scale·num/den rounded half up. In a measure of type observed_expected num
// sums what happened and den what the model expected; it is released as an index, 100
// where both are the same. A run's manifest fixes the version of the model. An unstratified measure returns the
// stratum 'all'. A stratified one (stratify: dual, deprivation, race, ethnicity or
// language, see measures/engine) has the id of the measure it is a form of with
// "-by-" and the kind behind it; so whoever forbids to release both knows them.
//
// # Identity
//
// [Spec.Canonical] is the one accepted byte form: JSON without insignificant
// space, fields in a fixed order, maps sorted by key, the SQL text included.
// [Spec.Hash] is its SHA-256 and is what members vote on. [ParseCanonical]
// accepts a byte string only if encoding the result again gives the same bytes.
package measures
