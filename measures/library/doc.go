// Package library holds the measures that come with tacet: own specifications on public codes, one folder each with a header
// (measure.yaml), a query (measure.sql), a README for clinicians and hand-checked cases (cases.txt, see package measures/fixture).
//
//	prevention    qp-crc colorectal, qp-bcs breast, qp-ccs cervical cancer screening; qp-cis childhood immunisation; qp-flu influenza
//	              vaccination; qp-dsf depression screening and follow-up (CMS2)
//	chronic       qc-a1c9 HbA1c above 9 % or not tested; qc-cbp blood pressure; qc-stat statins; qc-pdc adherence; qc-amr asthma drugs
//	utilisation   qu-ed emergency visits; qu-aved avoidable ones; qu-adm admissions; qu-pqi preventable ones; qu-read readmission;
//	              qu-fu14 seen after discharge
//	cost          qk-tcoc total cost of care; qk-pcs primary care share
//	access        qa-pcp a primary care visit; qa-coc Bice-Boxerman continuity; qa-upc usual provider
//	kidney        qr-ked evaluation in diabetes; qr-opt optimal start; qr-home dialysis at home; qr-wait transplant list
//
// Later major versions of a measure have names of their own, and its id alone goes on meaning the version before (Names):
//
//	qu-read@2     readmissions over those that the joint model risk-readmission expects
//	qk-tcoc@2     cost over what the joint model risk-cost expects
//
// # What they have in common
//
// The building blocks of package measures/engine. A person of a yearly cohort (cohort_v1) is alive and enrolled on 31 December, without more than 45
// days in a row of no cover in the year (overlapping spans count once), of an age on that day, and attributed to a practice: what the person
// declared before the plan's assignment, in the last month that has either, else the practice of most visits. Hospice care excludes.
// Measures over member time (panel_v1) count months with cover on the 15th at the practice of the month; rates are per member-year, rounded
// half up per payer and practice, because months would not fit the release circuit. Claims that came twice count once, claims
// taken back not at all. Service dates are the claim's first day.
//
// Caps keep the thresholds of fifteen payers within what the wide parameter set can tell apart (2²⁶); a test computes it.
//
// The cases of every measure show death, a gap in the cover, a change of payer, two payers at once, claims that came twice or were taken back, both sides of
// the birthday and of the first and last day, the leap day, and both sides of every exclusion of its source text; tests say what is missing.
//
// Code lists are public (HCPCS Level II, ICD-10-CM and -PCS, LOINC, RxNorm, CVX, MS-DRG, revenue and place-of-service codes; three SNOMED CT
// concepts in qp-dsf). There is no CPT code and no text of HEDIS or of another organisation's measure in them; a payer fills slots with
// local codes under its own licence.
package library
