package intake

import "encoding/json"

// The parts of FHIR R4 resources that are read. Elements that are not listed
// are passed over; one of another JSON type than listed is an error.

type coding struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

type concept struct {
	Coding []coding `json:"coding"`
	Text   string   `json:"text"`
}

type period struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

type reference struct {
	Reference string `json:"reference"`
	Display   string `json:"display"`
}

type quantity struct {
	Value json.Number `json:"value"`
	Unit  string      `json:"unit"`
	Code  string      `json:"code"`
}

type extension struct {
	URL       string      `json:"url"`
	Coding    *coding     `json:"valueCoding"`
	Concept   *concept    `json:"valueCodeableConcept"`
	Boolean   *bool       `json:"valueBoolean"`
	Extension []extension `json:"extension"`
}

// value holds the choices of Observation.value[x].
type value struct {
	ValueConcept  *concept     `json:"valueCodeableConcept"`
	ValueQuantity *quantity    `json:"valueQuantity"`
	ValueString   *string      `json:"valueString"`
	ValueBoolean  *bool        `json:"valueBoolean"`
	ValueInteger  *json.Number `json:"valueInteger"`
	ValueDateTime *string      `json:"valueDateTime"`
}

type dosage struct {
	Timing struct {
		Repeat struct {
			Bounds       *period      `json:"boundsPeriod"`
			Frequency    *json.Number `json:"frequency"`
			FrequencyMax *json.Number `json:"frequencyMax"`
			Period       *json.Number `json:"period"`
			PeriodUnit   string       `json:"periodUnit"`
			TimeOfDay    []string     `json:"timeOfDay"`
		} `json:"repeat"`
	} `json:"timing"`
	DoseAndRate []struct {
		Quantity *quantity `json:"doseQuantity"`
		Range    *struct {
			High *quantity `json:"high"`
		} `json:"doseRange"`
	} `json:"doseAndRate"`
}

// resource is the union of the resource types that are mapped.
type resource struct {
	raw json.RawMessage

	Type      string            `json:"resourceType"`
	ID        string            `json:"id"`
	Contained []json.RawMessage `json:"contained"`
	Extension []extension       `json:"extension"`
	Modifiers []extension       `json:"modifierExtension"`
	Status    string            `json:"status"`
	Intent    string            `json:"intent"`
	Subject   reference         `json:"subject"`
	Patient   reference         `json:"patient"`
	Category  json.RawMessage   `json:"category"`

	// Patient
	Gender   string `json:"gender"`
	Birth    string `json:"birthDate"`
	Deceased string `json:"deceasedDateTime"`
	Dead     bool   `json:"deceasedBoolean"`
	Address  []struct {
		PostalCode string `json:"postalCode"`
		District   string `json:"district"`
	} `json:"address"`
	Communication []struct {
		Language  concept `json:"language"`
		Preferred bool    `json:"preferred"`
	} `json:"communication"`

	// Coverage
	Beneficiary reference       `json:"beneficiary"`
	Payor       []reference     `json:"payor"`
	Period      *period         `json:"period"` // and Encounter
	Class       json.RawMessage `json:"class"`

	// Encounter.type is a list of concepts, as is nothing else's
	Kind json.RawMessage `json:"type"`

	// Condition, Observation, Procedure, ServiceRequest, Medication
	Code               concept   `json:"code"`
	ClinicalStatus     concept   `json:"clinicalStatus"`
	VerificationStatus concept   `json:"verificationStatus"`
	Recorded           string    `json:"recordedDate"`
	Onset              string    `json:"onsetDateTime"`
	OnsetPeriod        *period   `json:"onsetPeriod"`
	OnsetAge           *quantity `json:"onsetAge"`
	Abatement          string    `json:"abatementDateTime"`
	AbatementPeriod    *period   `json:"abatementPeriod"`

	Effective        string  `json:"effectiveDateTime"`
	EffectiveInstant string  `json:"effectiveInstant"`
	EffectivePeriod  *period `json:"effectivePeriod"`
	Issued           string  `json:"issued"`
	value
	Component []struct {
		Code concept `json:"code"`
		value
	} `json:"component"`

	Performed       string  `json:"performedDateTime"`
	PerformedPeriod *period `json:"performedPeriod"`

	Authored     string `json:"authoredOn"`
	DoNotPerform bool   `json:"doNotPerform"`

	Medication    *concept   `json:"medicationCodeableConcept"`
	MedicationRef *reference `json:"medicationReference"`
	Dosage        []dosage   `json:"dosageInstruction"`
	Dispense      struct {
		Validity *period      `json:"validityPeriod"`
		Refills  *json.Number `json:"numberOfRepeatsAllowed"`
		Quantity *quantity    `json:"quantity"`
		Supply   *quantity    `json:"expectedSupplyDuration"`
	} `json:"dispenseRequest"`

	Vaccine    concept `json:"vaccineCode"`
	Occurrence string  `json:"occurrenceDateTime"`
}
