package store

import "slices"

// The clinical tables hold one row per resource and code: a FHIR resource with two codings is two rows with the same id. Times are kept to the
// second, in one time zone per load, so that "during the encounter" can be asked.

var encounterTable = Table{
	Name: "encounter", Source: tuva + "; times and codes own", Key: []string{"encounter_id", "source_code"},
	Note: "One row per encounter and type code.",
	Columns: []Column{
		{Name: "encounter_id", Required: true}, {Name: "person_id", Required: true}, {Name: "status", Unit: "FHIR encounter status"},
		{Name: "source_code_type", Unit: "snomed-ct | hcpcs | cpt | local"}, {Name: "source_code", Required: true},
		{Name: "encounter_start_datetime", Kind: Timestamp}, {Name: "encounter_end_datetime", Kind: Timestamp},
	},
	Ignored: slices.Concat(bookkeeping, []string{"encounter_type", "encounter_start_date", "encounter_end_date"}),
}

var conditionTable = Table{
	Name: "condition", Source: tuva, Key: []string{"condition_id", "source_code"},
	Note: "One row per condition and code.",
	Columns: []Column{
		{Name: "condition_id", Required: true}, {Name: "person_id", Required: true},
		{Name: "status", Unit: "FHIR clinical status"},
		{Name: "verification_status", Unit: "FHIR verification status", Note: "refuted and entered-in-error are no condition"},
		{Name: "source_code_type", Unit: "icd-10-cm | snomed-ct | local"}, {Name: "source_code", Required: true},
		{Name: "recorded_date", Kind: Date}, {Name: "onset_date", Kind: Date}, {Name: "resolved_date", Kind: Date},
	},
	Ignored: slices.Concat(bookkeeping, []string{"payer", "claim_id", "condition_type", "source_description", "normalized_code_type", "normalized_code",
		"normalized_description", "condition_rank", "present_on_admit_code", "present_on_admit_description"}),
}

var procedureTable = Table{
	Name: "procedure", Source: tuva + "; time own", Key: []string{"procedure_id", "source_code"},
	Note: "One row per procedure and code.",
	Columns: []Column{
		{Name: "procedure_id", Required: true}, {Name: "person_id", Required: true}, {Name: "status", Unit: "FHIR procedure status"},
		{Name: "source_code_type", Unit: "snomed-ct | hcpcs | icd-10-pcs | local"}, {Name: "source_code", Required: true},
		{Name: "procedure_datetime", Kind: Timestamp, Note: "start"},
	},
	Ignored: slices.Concat(bookkeeping, []string{"claim_id", "procedure_date", "source_description", "normalized_code_type", "normalized_code",
		"normalized_description", "modifier_1", "modifier_2", "modifier_3", "modifier_4", "modifier_5", "practitioner_id"}),
}

var serviceRequestTable = Table{
	Name: "service_request", Source: "FHIR R4 ServiceRequest", Key: []string{"service_request_id", "source_code"},
	Note: "One row per order or referral and code.",
	Columns: []Column{
		{Name: "service_request_id", Required: true}, {Name: "person_id", Required: true}, {Name: "status", Unit: "FHIR request status"},
		{Name: "intent", Unit: "FHIR request intent"}, {Name: "do_not_perform", Kind: Flag},
		{Name: "source_code_type", Unit: "snomed-ct | hcpcs | local"}, {Name: "source_code", Required: true},
		{Name: "authored_datetime", Kind: Timestamp},
	},
}

var medicationRequestTable = Table{
	Name: "medication_request", Source: "FHIR R4 MedicationRequest", Key: []string{"medication_request_id", "source_code"},
	Note: "One row per order of a drug and code.",
	Columns: []Column{
		{Name: "medication_request_id", Required: true}, {Name: "person_id", Required: true}, {Name: "status", Unit: "FHIR medication request status"},
		{Name: "intent", Unit: "FHIR medication request intent"}, {Name: "do_not_perform", Kind: Flag},
		{Name: "source_code_type", Unit: "rxnorm | ndc | local"}, {Name: "source_code", Required: true},
		{Name: "authored_datetime", Kind: Timestamp},
		{Name: "start_datetime", Kind: Timestamp, Note: "of the time the drug is taken: validity period or dosage bounds, else authored"},
		{Name: "end_datetime", Kind: Timestamp, Note: "its end: validity period or dosage bounds, else start and expected supply; NULL when nothing says"},
	},
}

var drugCrosswalkTable = Table{
	Name: "drug_crosswalk", Source: "RxNorm (NLM), public", Key: []string{"ndc_code", "ingredient_rxcui"},
	Note: "One row per drug package and active ingredient, so that measures can name ingredients and not hundreds of packages.",
	Columns: []Column{
		{Name: "ndc_code", Kind: NDC, Required: true, Unit: "NDC, 11 digits"}, {Name: "ingredient_rxcui", Required: true, Unit: "RxNorm concept of term type IN"},
		{Name: "dose_form_group", Unit: "RxNorm dose form group, such as Inhalant Product or Oral Product"},
	},
}

var deprivationTable = Table{
	Name: "deprivation_index", Source: "supplied by the payers together, such as an area deprivation index", Key: []string{"zip_code"},
	Note: "Deprivation quintile of a place of residence.",
	Columns: []Column{
		{Name: "zip_code", Required: true, Note: "as in eligibility"}, {Name: "quintile", Kind: Integer, Required: true, Unit: "1 least … 5 most deprived"},
	},
}
