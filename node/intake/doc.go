// Package intake takes other formats into the canonical tables of node/store:
//
//	fhir      FHIR R4 resources: bundles (JSON) and NDJSON, plain or gzip
//	tuva      Tuva input layer seeds as published: eligibility_seed.csv, …
//	synthea   Synthea CSV export
//
// A reader of another package comes in as Options.Reader, as that of DE-SynPUF samples does (testnet/synpuf).
//
// # Promises
//
// What node/store promises for canonical files holds here for everything given
// in one call: all of it is loaded in one transaction or none; giving the same
// content again changes nothing; whatever cannot be read is refused with file,
// line and reason and never guessed; no error text contains a value.
//
// # FHIR
//
// Patient and Coverage become eligibility; Encounter, Condition, Observation,
// Procedure, ServiceRequest, MedicationRequest and Immunization the tables of
// their names, one row per resource and coding; an Observation of category
// laboratory becomes lab_result. ExplanationOfBenefit (as CARIN Blue Button has
// it) and Claim become medical_claim, or pharmacy_claim, a row per item. Other resource types are counted and left
// alone. Rules:
//
//   - Instants are brought to one time zone, Options.Zone, by default UTC;
//     times without zone do not exist in FHIR, and a bare date stays that date.
//   - A date to the year or the month only is refused where the measure of a
//     day matters (birth, encounter, observation, order). For the onset, abatement
//     and recording of a condition it becomes its last day, so that nothing is
//     said to have begun earlier than it may have.
//   - The onset of a condition given as an age in whole years counts from the birth date. A reason why something was not done makes
//     a row per coding. Modifier extensions: QI-Core's notDone makes an order one not to perform, an observation cancelled, a procedure or vaccination
//     not done; a resource with any other is refused, as FHIR has it.
//   - Text is UTF-8; a file in another encoding is refused.
//   - A resource without an id in an entry of a bundle whose full URL is a UUID goes by that.
//   - Code systems are known by their URI; any other is "local". Dots of ICD codes stay.
//   - A MedicationRequest's drug is its code or that of the Medication it
//     refers to. The time in which it is taken is what CMS's cumulative
//     medication duration says: from the start of the dosage bounds, else the day
//     of the order, else the start of the dispense validity; for expected supply,
//     or quantity ÷ (dose × doses a day), times one plus the refills; else to the end of
//     the bounds; else its end is NULL.
//   - A Patient without a Coverage that has a period start is refused, unless
//     Options.AssumeCover says that everybody in the data is covered throughout.
//   - Of ExplanationOfBenefit and Claim only what is active and a claim; a Claim that an ExplanationOfBenefit of the same load refers to is left to that one.
//     Allowed is the adjudication "eligible"; paid is "benefit", else what was paid to provider and patient; amounts of the whole claim
//     go to its first line. Amounts are exact cents of US dollars, or refused. Codes of diagnoses and procedures lose their dot; the
//     principal diagnosis is the first. Providers are NPIs: by identifier, or of the Practitioner or Organization referred to.
//   - An open period of Coverage ends on 9999-12-31.
//
// [Source: FHIR R4 (hl7.org/fhir/R4), US Core and QI-Core extensions for race,
// ethnicity and the reason why an observation was not done.]
package intake
