// Package synpuf reads the CMS 2008–2010 Data Entrepreneurs' Synthetic Public Use File (DE-SynPUF) as the data of a
// network of payers, and holds the five measures (sp-read, sp-los, sp-diab, sp-adm, sp-pmpm) that it can feed.
//
// # Files
//
// A folder holds, for sample number n = 1, 2, … (written without leading zeros) and year y,
//
//	b_y_n.csv or b_y_n.csv.gz   beneficiary summary of year y: one row a beneficiary
//	ip_n.csv  or ip_n.csv.gz    inpatient claims of all years: one row a claim segment
//
// Each sample is a disjoint set of people: one sample = one payer. The payers of a network of N are the N lowest
// sample numbers found in the folder, by number and not by text; other names in the folder are not looked at.
//
// # Strictness
//
// [Find] reads every row of every file it selects before it answers, so that nothing else (no key, no store) exists when a file
// is bad. Columns are found by name. Refused, each as an [InputError] with file and line: a missing file; the same file
// compressed and not; a truncated or corrupt gzip stream; a column name that is not of the published layout, twice there or missing;
// a row with another number of fields; a date that is not a calendar day YYYYMMDD (blank is allowed for death,
// discharge and the claim's from and thru dates, and for the admission date of segments other than 1); an amount, a count of months or
// days or a segment that is not a number in range; a condition flag other than 1 and 2; a beneficiary or a (claim, segment) twice
// in a file; a file without rows. A blank CLM_UTLZTN_DAY_CNT is 0 days. Error texts name the place and never repeat the value.
//
// Text (DESYNPUF_ID, CLM_ID, PRVDR_NUM, state and county codes) is kept as it stands in the file, leading zeros included. A claim
// with a blank PRVDR_NUM is a stay of its person but of no practice.
//
// # As a payer's own data
//
// [LoadFolder] is `tacet node load --format synpuf`: one sample, all of its years, each file in one transaction.
//
// # Mapping to the canonical tables
//
//	medical_claim   one row a claim segment: CLM_ID, SEGMENT as line number, institutional, bill type 11x (111), admission, discharge,
//	                facility = PRVDR_NUM as text, days = CLM_UTLZTN_DAY_CNT, paid amount, DRG, ICD-9-CM diagnoses and procedures
//	annual_summary  one row a beneficiary of the period: region = SP_STATE_CODE-BENE_COUNTY_CD, months of Part A cover, condition
//	                flags, costs a setting in cents = MEDREIMB + BENRES + PPPYMT
//	eligibility     one row a beneficiary of the period: birth, death, sex; a span of the larger number of months of Part A or
//	                Part B cover from 1 January (the file gives a number of months, not which ones)
//
// Source: CMS, "DE-SynPUF User Manual" and codebook (2013). All persons in it are synthetic.
package synpuf
