// Package synthetic makes the built-in population of a test network: people, their enrolment, attribution, claims and labs, spread over
// payers and practices, as canonical CSV files that go through the ordinary loader. Nobody in it exists; practice ids (PR-001 …)
// and provider numbers (which begin with 9, as no NPI does) name no real provider.
//
// # Promise
//
// The files are a function of [Options] alone: the same bytes on every machine and Go version. Randomness is PCG-64 (math/rand/v2,
// whose generator algorithm is fixed) read as raw 64-bit words; bounded numbers are made here, with integers only, and no map is
// walked. A test holds the hash of a small population.
//
// # What is in it
//
// Payers have skewed sizes. Most practices are shared by all payers, each practice with true rates of its own for the three library
// measures (qp-crc, qc-a1c9, qa-pcp). Besides these ordinary practices there are, at random places in the list (at least one of
// each kind):
//
//	small       12…28 people: below every minimum denominator
//	few         110…150 people and extreme rates: numerators or complements of 1…10
//	dominated   one payer has about 80 % of the people
//	sole        one payer has all
//	pair        two payers have all
//
// With Options.Strata every payer also holds what people are stratified by (dual status, low income subsidy, zip code, race, ethnicity, language, and a
// deprivation_index), drawn from a hash of the person's id: all other fields of all files stay as they are without.
//
// Besides there is an even feed of claim lines and blood tests that no measure reads, as every payer has, in the period and the year before.
//
// No row carries a result. Whether a person counts follows from dates, ages and codes: enrolment with short and long gaps, overlaps, joiners
// and leavers, deaths; screening codes inside and outside of their look-back; diabetes claims on one day and on two; tests with
// no result, several results, a result of exactly 9.0; people whose attribution moves during the year.
package synthetic
