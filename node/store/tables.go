package store

import "slices"

const (
	tuva = "Tuva input layer (Apache-2.0), column names kept"
	own  = "tacet"
)

// bookkeeping are columns every table of the Tuva input layer may carry.
var bookkeeping = []string{"data_source", "file_name", "file_date", "ingest_datetime", "member_id", "patient_id", "encounter_id"}

// tables is Node Input v1.
var tables = []Table{
	{
		Name: "eligibility", Source: tuva,
		Note: "One row per person and span of cover under one plan. Spans may overlap or touch; an open end is 9999-12-31.",
		Columns: []Column{
			{Name: "person_id", Required: true, Note: "the payer's stable id of a person"},
			{Name: "payer"}, {Name: "plan"},
			{Name: "gender", Unit: "female | male | unknown"},
			{Name: "birth_date", Kind: Date, Required: true},
			{Name: "death_date", Kind: Date},
			{Name: "enrollment_start_date", Kind: Date, Required: true},
			{Name: "enrollment_end_date", Kind: Date, Required: true, Note: "last day covered"},
			{Name: "dual_status_code", Unit: "CMS dual status; 2.0, as Tuva writes it, is 2"},
			{Name: "zip_code", Unit: "ZIP code, five or nine digits where it is one"}, {Name: "county", Unit: "FIPS or the payer's own"},
			{Name: "funding", Unit: "self | full"},
			{Name: "low_income_subsidy_indicator", Unit: "1 | 0, as in the source", Note: "Part D low income subsidy"},
			{Name: "race", Note: "as held"}, {Name: "ethnicity", Note: "as held"},
			{Name: "language", Note: "preferred language as held, such as BCP 47; not in the Tuva layer"},
		},
		Ignored: slices.Concat(bookkeeping, []string{"subscriber_id", "death_flag", "payer_type", "original_reason_entitlement_code",
			"medicare_status_code", "group_id", "group_name", "name_suffix", "first_name", "middle_name", "last_name", "social_security_number",
			"subscriber_relation", "address", "city", "state", "phone", "email", "enrollment_status", "hospice_flag", "snp_type",
			"medicaid_indicator", "long_term_institutional_flag", "part_d_raf_type", "metal_level", "csr_indicator",
			"enrollment_duration_months", "esrd_status", "transplant_duration_months"}),
	},
	{
		Name: "medical_claim", Source: tuva, Key: []string{"claim_id", "claim_line_number"},
		Note: "One row per claim line. Header fields repeat on every line of a claim.",
		Columns: slices.Concat([]Column{
			{Name: "claim_id", Required: true}, {Name: "claim_line_number", Kind: Integer, Required: true},
			{Name: "claim_type", Unit: "professional | institutional | dental | vision"},
			{Name: "person_id", Required: true},
			{Name: "claim_start_date", Kind: Date}, {Name: "claim_end_date", Kind: Date},
			{Name: "claim_line_start_date", Kind: Date}, {Name: "claim_line_end_date", Kind: Date},
			{Name: "admission_date", Kind: Date}, {Name: "discharge_date", Kind: Date},
			{Name: "discharge_disposition_code", Unit: "NUBC FL 17, two digits; a shorter one gets its leading zeros back"},
			{Name: "place_of_service_code", Unit: "CMS POS, two digits, likewise"}, {Name: "bill_type_code", Unit: "NUBC FL 4, three or four digits"},
			{Name: "drg_code", Unit: "MS-DRG unless the payer says otherwise, three digits, likewise"}, {Name: "revenue_center_code", Unit: "NUBC FL 42, four digits, likewise"},
			{Name: "service_unit_quantity", Kind: Integer, Unit: "service units of the line; days for accommodation and for whole inpatient stays"},
			{Name: "hcpcs_code", Unit: "HCPCS level I or II"},
			{Name: "hcpcs_modifier_1"}, {Name: "hcpcs_modifier_2"}, {Name: "hcpcs_modifier_3"}, {Name: "hcpcs_modifier_4"}, {Name: "hcpcs_modifier_5"},
			{Name: "rendering_npi"}, {Name: "billing_npi"}, {Name: "facility_npi", Note: "NPI, or the facility's id in the source"},
			{Name: "paid_amount", Kind: Cents, Unit: "cents"}, {Name: "allowed_amount", Kind: Cents, Unit: "cents"},
			{Name: "paid_date", Kind: Date, Note: "when the claim was paid: says how much of a period is still to come"},
			{Name: "diagnosis_code_type", Unit: "icd-10-cm | icd-9-cm"},
		}, numbered("diagnosis_code", 25, "without dot"), []Column{{Name: "procedure_code_type", Unit: "icd-10-pcs | icd-9-pcs"}},
			numbered("procedure_code", 25, "without dot")),
		Ignored: slices.Concat(bookkeeping, []string{"payer", "plan", "admit_source_code", "admit_type_code", "drg_code_type", "rendering_tin",
			"billing_tin", "charge_amount", "coinsurance_amount", "copayment_amount", "deductible_amount", "total_cost_amount",
			"in_network_flag"}, ignoredNumbered("diagnosis_poa", 25), ignoredNumbered("procedure_date", 25)),
		Joined: []Joined{joined("diagnosis_code"), joined("procedure_code")},
	},
	{
		Name: "pharmacy_claim", Source: tuva, Key: []string{"claim_id", "claim_line_number"},
		Note: "One row per dispensed line.",
		Columns: []Column{
			{Name: "claim_id", Required: true}, {Name: "claim_line_number", Kind: Integer, Required: true}, {Name: "person_id", Required: true},
			{Name: "prescribing_provider_npi"}, {Name: "dispensing_provider_npi"},
			{Name: "dispensing_date", Kind: Date, Required: true}, {Name: "ndc_code", Kind: NDC, Unit: "NDC, 11 digits"},
			{Name: "days_supply", Kind: Integer, Unit: "days"},
			{Name: "paid_amount", Kind: Cents, Unit: "cents"}, {Name: "allowed_amount", Kind: Cents, Unit: "cents"},
		},
		Ignored: slices.Concat(bookkeeping, []string{"payer", "plan", "quantity", "refills", "paid_date", "charge_amount", "coinsurance_amount",
			"copayment_amount", "deductible_amount", "in_network_flag"}),
	},
	{
		Name: "lab_result", Source: tuva, Key: []string{"lab_result_id"},
		Note: "One row per resulted component.",
		Columns: []Column{
			{Name: "lab_result_id", Required: true}, {Name: "person_id", Required: true},
			{Name: "source_component_type", Unit: "loinc | local"}, {Name: "source_component_code"},
			{Name: "status", Unit: "as in the source: final, F, …"}, {Name: "result", Note: "as in the source"},
			{Name: "result_micros", Kind: Micros, From: "result", Unit: "millionths of result"},
			{Name: "result_datetime", Kind: Timestamp}, {Name: "collection_datetime", Kind: Timestamp}, {Name: "source_units", Unit: "UCUM"},
		},
		Ignored: slices.Concat(bookkeeping, []string{"accession_number", "source_order_type", "source_order_code", "source_order_description",
			"source_component_description", "normalized_order_type", "normalized_order_code", "normalized_order_description",
			"normalized_component_type", "normalized_component_code", "normalized_component_description", "normalized_units",
			"source_reference_range_low", "source_reference_range_high", "normalized_reference_range_low", "normalized_reference_range_high",
			"source_abnormal_flag", "normalized_abnormal_flag", "specimen", "ordering_practitioner_id"}),
	},
	{
		Name: "observation", Source: tuva, Key: []string{"observation_id"},
		Note: "One row per observation: vital signs, screenings, assessments.",
		Columns: []Column{
			{Name: "observation_id", Required: true}, {Name: "person_id", Required: true}, {Name: "observation_date", Kind: Date},
			{Name: "observation_type"}, {Name: "source_code_type", Unit: "loinc | snomed-ct | local"}, {Name: "source_code"}, {Name: "result"},
			{Name: "result_micros", Kind: Micros, From: "result", Unit: "millionths of result"}, {Name: "source_units", Unit: "UCUM"},
			{Name: "status", Unit: "FHIR observation status", Note: "own column"},
			{Name: "status_reason_code", Note: "own column: why a cancelled observation was not done"},
			{Name: "observation_datetime", Kind: Timestamp, Note: "own column: effective time, where the time of day is known"},
			{Name: "issued_datetime", Kind: Timestamp, Note: "own column"},
			{Name: "observation_end_datetime", Kind: Timestamp, Note: "own column: end of the effective time, where it is a period"},
		},
		Ignored: slices.Concat(bookkeeping, []string{"panel_id", "source_description", "normalized_code_type", "normalized_code",
			"normalized_description", "normalized_units", "source_reference_range_low", "source_reference_range_high",
			"normalized_reference_range_low", "normalized_reference_range_high"}),
	},
	{
		Name: "immunization", Source: tuva, Key: []string{"immunization_id"},
		Note: "One row per vaccine given or refused.",
		Columns: []Column{
			{Name: "immunization_id", Required: true}, {Name: "person_id", Required: true}, {Name: "occurrence_date", Kind: Date},
			{Name: "source_code_type", Unit: "cvx"}, {Name: "source_code"}, {Name: "status", Unit: "completed | not-done | …"},
		},
		Ignored: slices.Concat(bookkeeping, []string{"source_description", "normalized_code_type", "normalized_code", "normalized_description",
			"status_reason", "source_dose", "normalized_dose", "lot_number", "body_site", "route", "location_id", "practitioner_id"}),
	},
	{
		Name: "provider_attribution", Source: tuva, Key: []string{"person_id", "year_month"},
		Note: "One row per person and month. Custom is the payer's own choice under the programme's rules and goes before the payer's assignment.",
		Columns: []Column{
			{Name: "person_id", Required: true}, {Name: "year_month", Kind: Month, Required: true, Unit: "YYYYMM"},
			{Name: "payer_attributed_provider_practice", Unit: "local practice id"}, {Name: "custom_attributed_provider_practice", Unit: "local practice id"},
		},
		Ignored: slices.Concat(bookkeeping, []string{"payer", "plan", "payer_attributed_provider", "payer_attributed_provider_organization",
			"payer_attributed_provider_lob", "custom_attributed_provider", "custom_attributed_provider_organization", "custom_attributed_provider_lob"}),
	},
	encounterTable, conditionTable, procedureTable, serviceRequestTable, medicationRequestTable, drugCrosswalkTable, deprivationTable,
	{
		Name: "practice_crosswalk", Source: own, Key: []string{"local_practice_id"},
		Note: "From the payer's practice id to the one in the shared roster.",
		Columns: []Column{
			{Name: "local_practice_id", Required: true}, {Name: "practice_id", Required: true, Unit: "roster id"},
		},
	},
	{
		Name: "annual_summary", Source: "CMS beneficiary summary file; a plan's own annual member extract", Key: []string{"person_id", "year"},
		Note: "One row per person and calendar year: cover, region, chronic conditions, cost by setting.",
		Columns: slices.Concat([]Column{
			{Name: "person_id", Required: true}, {Name: "year", Kind: Integer, Required: true},
			{Name: "region", Required: true, Unit: "the county namespace in use, such as SSA state-county"},
			{Name: "birth_date", Kind: Date}, {Name: "death_date", Kind: Date}, {Name: "gender", Unit: "female | male | unknown"},
			{Name: "member_months", Kind: Integer, Required: true, Unit: "months of hospital cover in the year, 0–12"},
			{Name: "medical_months", Kind: Integer, Unit: "months of medical cover in the year, 0–12"},
		}, conditions, []Column{
			{Name: "inpatient_cost", Kind: Cents, Unit: "cents paid by all: plan, member, other payers"},
			{Name: "outpatient_cost", Kind: Cents, Unit: "cents, as inpatient"},
			{Name: "professional_cost", Kind: Cents, Unit: "cents, as inpatient"},
		}),
	},
	{
		Name: "measure_result", Source: own, Key: []string{"measure_id", "person_id", "practice_id"},
		Note: "Member-level results of the payer's own certified engine.",
		Columns: []Column{
			{Name: "measure_id", Required: true}, {Name: "person_id", Required: true}, {Name: "practice_id", Required: true, Unit: "local practice id"},
			{Name: "initial_population", Kind: Flag, Required: true}, {Name: "denominator", Kind: Flag, Required: true},
			{Name: "exclusion", Kind: Flag, Required: true}, {Name: "numerator", Kind: Flag, Required: true},
		},
	},
}

// conditions are the chronic conditions of the CMS beneficiary summary, and end-stage renal disease.
var conditions = []Column{
	{Name: "alzheimers", Kind: Flag}, {Name: "heart_failure", Kind: Flag}, {Name: "chronic_kidney_disease", Kind: Flag},
	{Name: "cancer", Kind: Flag}, {Name: "copd", Kind: Flag}, {Name: "depression", Kind: Flag}, {Name: "diabetes", Kind: Flag},
	{Name: "ischemic_heart_disease", Kind: Flag}, {Name: "osteoporosis", Kind: Flag}, {Name: "arthritis", Kind: Flag},
	{Name: "stroke", Kind: Flag}, {Name: "esrd", Kind: Flag},
}
