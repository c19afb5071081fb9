package deck

import (
	"strings"
	"testing"
)

func bundle(kind string, entries ...object) object {
	return object{"resourceType": "Bundle", "type": kind, "entry": entries}
}

// What follows a positive screening, who is excluded and who excepted, and the forms in which a case may come.
func TestFollowUpEdges(t *testing.T) {
	v := func(more ...any) object { return visit("2026-06-20", more...) }
	yes := func() object { return screening(adult, "2026-06-18T08:00:00Z", positive) }
	follow := func(name, want string, r ...object) edge { return edge{name, "", want, append(list(v(), yes()), r...)} }
	stay := func() object { return encounter("2026-06-20T08:00:00Z", "2026-06-25T10:00:00Z") }
	repeat := func(start, end string) []object {
		return []object{{"timing": object{"repeat": object{"boundsPeriod": span(start, end)}}}}
	}
	edges := []edge{
		follow("nothing", none),
		follow("referral that day, by date", met, referral("RA", "2026-06-20")),
		follow("referral the day before", none, referral("RA", "2026-06-19T23:59:59Z")),
		follow("referral on the second day", met, referral("RA", "2026-06-22T23:59:59Z")),
		follow("referral on the third day", none, referral("RA", "2026-06-23T00:00:00Z")),
		follow("an offset puts it on the third day", none, referral("RA", "2026-06-22T20:00:00-05:00")),
		follow("an offset puts it on the second day", met, referral("RA", "2026-06-23T01:00:00+02:00")),
		follow("referral of the other track", none, referral("RT", "2026-06-20")),
		follow("referral of both tracks", met, referral("RB", "2026-06-20")),
		follow("referral completed", met, referral("RA", "2026-06-20", "status", "completed")),
		follow("referral revoked", none, referral("RA", "2026-06-20", "status", "revoked")),
		follow("referral on hold", none, referral("RA", "2026-06-20", "status", "on-hold")),
		follow("referral in error", none, referral("RA", "2026-06-20", "status", "entered-in-error")),
		follow("referral a draft", none, referral("RA", "2026-06-20", "status", "draft")),
		follow("referral proposed", met, referral("RA", "2026-06-20", "intent", "proposal")),
		follow("not to refer", none, referral("RA", "2026-06-20", "doNotPerform", true)),
		follow("not to refer, by a modifier", none, referral("RA", "2026-06-20", "modifierExtension", notDone(true))),
		follow("referral without a date", none, referral("RA", "", "authoredOn", nil)),
		follow("procedure as it begins", met, followUp("FA", "performedDateTime", "2026-06-20T08:00:00Z")),
		follow("procedure as it ends", met, followUp("FA", "performedDateTime", "2026-06-20T08:15:00Z")),
		follow("procedure a second later", none, followUp("FA", "performedDateTime", "2026-06-20T08:15:01Z")),
		follow("procedure a second before", none, followUp("FA", "performedDateTime", "2026-06-20T07:59:59Z")),
		follow("procedure that begins in it", met, followUp("FA", "performedPeriod", span("2026-06-20T08:10:00Z", "2026-06-20T09:10:00Z"))),
		follow("procedure of that day, hour unknown", none, followUp("FA", "performedDateTime", "2026-06-20")),
		follow("procedure not done", none, followUp("FA", "performedDateTime", "2026-06-20T08:05:00Z", "status", "not-done", "statusReason", concept(snomed, "NO"))),
		follow("procedure in progress", none, followUp("FA", "performedDateTime", "2026-06-20T08:05:00Z", "status", "in-progress")),
		follow("procedure not done, by a modifier", none, followUp("FA", "performedDateTime", "2026-06-20T08:05:00Z", "modifierExtension", notDone(true))),
		follow("drug that day", met, drug("MA", "2026-06-20T08:10:00Z")),
		follow("drug of the other track", none, drug("MT", "2026-06-20T08:10:00Z")),
		follow("drug the day before", none, drug("MA", "2026-06-19T08:10:00Z")),
		follow("drug on the second day, begun then", none, drug("MA", "2026-06-22T08:00:00Z")),
		follow("drug on the second day, taken from the day on", met, drug("MA", "2026-06-22T08:00:00Z", "dosageInstruction", repeat("2026-06-20", ""))),
		follow("drug on the third day, taken from the day on", none, drug("MA", "2026-06-23T08:00:00Z", "dosageInstruction", repeat("2026-06-20", ""))),
		follow("drug for one day", none, drug("MA", "2026-06-20", "dispenseRequest", object{"expectedSupplyDuration": object{"value": 1, "code": "d"}})),
		follow("drug for two days", met, drug("MA", "2026-06-20", "dispenseRequest", object{"expectedSupplyDuration": object{"value": 2, "code": "d"}})),
		follow("drug for a day and a refill", met, drug("MA", "2026-06-20", "dispenseRequest", object{"expectedSupplyDuration": object{"value": 1, "unit": "days"}, "numberOfRepeatsAllowed": 1})),
		follow("drug for a week", met, drug("MA", "2026-06-20", "dispenseRequest", object{"expectedSupplyDuration": object{"value": 1, "unit": "wk"}})),
		follow("drug by quantity, two a day", met, drug("MA", "2026-06-20", "dispenseRequest", object{"quantity": object{"value": 4}}, "dosageInstruction",
			[]object{{"timing": object{"repeat": object{"frequency": 2, "period": 1, "periodUnit": "d"}}, "doseAndRate": []object{{"doseQuantity": object{"value": 1}}}}})),
		follow("drug by quantity, for one day", none, drug("MA", "2026-06-20", "dispenseRequest", object{"quantity": object{"value": 2}}, "dosageInstruction",
			[]object{{"timing": object{"repeat": object{"frequency": 2, "period": 1, "periodUnit": "d"}}, "doseAndRate": []object{{"doseQuantity": object{"value": 1}}}}})),
		follow("drug by bounds alone", met, drug("MA", "2026-06-20", "dispenseRequest", nil, "dosageInstruction", repeat("2026-06-20", "2026-06-21"))),
		follow("drug without an end", none, drug("MA", "2026-06-20", "dispenseRequest", nil)),
		follow("drug stopped", none, drug("MA", "2026-06-20", "status", "stopped")), follow("drug completed", met, drug("MA", "2026-06-20", "status", "completed")),
		follow("drug in error", none, drug("MA", "2026-06-20", "status", "entered-in-error")), follow("drug planned", none, drug("MA", "2026-06-20", "intent", "plan")),
		follow("drug proposed", none, drug("MA", "2026-06-20", "intent", "proposal")), follow("filler order", met, drug("MA", "2026-06-20", "intent", "filler-order")),
		follow("not to give a drug", none, drug("MA", "2026-06-20", "doNotPerform", true)),
		follow("drug by relative reference", met, object{"resourceType": "Medication", "id": "m", "code": concept(rxnorm, "MA")},
			drug("", "2026-06-20", "medicationCodeableConcept", nil, "medicationReference", object{"reference": "Medication/m"})),
		follow("drug by absolute reference", met, object{"resourceType": "Medication", "id": "m2", "code": concept(rxnorm, "X", "MA")},
			drug("", "2026-06-20", "medicationCodeableConcept", nil, "medicationReference", object{"reference": "https://fhir.example/r4/Medication/m2"})),
		follow("drug contained", met, drug("", "2026-06-20", "medicationCodeableConcept", nil, "medicationReference", object{"reference": "#c"},
			"contained", []object{{"resourceType": "Medication", "id": "c", "code": concept(rxnorm, "MA")}})),
		{"ordered within a stay", "", none, list(stay(), yes(), referral("RA", "2026-06-22"))}, {"ordered as a stay ends", "", met, list(stay(), yes(), referral("RA", "2026-06-27"))},
		{"after the period", "", none, list(visit("2026-12-31"), screening(adult, "2026-12-31", positive), referral("RA", "2027-01-01"))},
		{"at the encounter 14 days after", "", met, list(v(), visit("2026-07-02"), yes(), referral("RA", "2026-07-04"))},
		{"at the encounter 15 days after", "", none, list(v(), visit("2026-07-03"), yes(), referral("RA", "2026-07-04"))},
		{"at 16", "2009-06-01", met, list(v(), screening(teen, "2026-06-20", positive), followUp("FT", "performedDateTime", "2026-06-20T08:05:00Z"))},
		{"at 17, adult positive, adolescent's follow-up", "2009-01-01", none, list(v(), screening(adult, "2026-06-20", positive), referral("RT", "2026-06-20"))},
		{"bipolar the day before", "", excluded, list(v(), bipolar("BI", "onsetDateTime", "2026-06-19T23:59:59Z"))},
		{"bipolar that day", "", none, list(v(), bipolar("BI", "onsetDateTime", "2026-06-20T00:00:00Z"))},
		{"bipolar before the second encounter", "", excluded, list(v(), visit("2026-09-01"), bipolar("BI", "onsetDateTime", "2026-08-31"))},
		{"bipolar abated years ago", "", excluded, list(v(), bipolar("BI", "onsetDateTime", "2010-01-01", "abatementDateTime", "2012-01-01", "clinicalStatus", concept("", "resolved")))},
		{"bipolar by the month before", "", excluded, list(v(), bipolar("BI", "onsetDateTime", "2026-05"))}, {"bipolar in that month", "", none, list(v(), bipolar("BI", "onsetDateTime", "2026-06"))},
		{"bipolar in that year", "", none, list(v(), bipolar("BI", "onsetDateTime", "2026"))}, {"bipolar by period", "", excluded, list(v(), bipolar("BI", "onsetPeriod", span("2020", "")))},
		{"bipolar by age", "", excluded, list(v(), bipolar("BI", "onsetAge", object{"value": 46, "unit": "years", "code": "a"}))},
		{"bipolar by an age to come", "", none, list(v(), bipolar("BI", "onsetAge", object{"value": 47, "unit": "years", "code": "a"}))},
		{"bipolar by the second coding", "", excluded, list(v(), bipolar("", "code", object{"coding": []object{{"system": "urn:x", "code": "MDP"}, {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F31.9"}}}, "onsetDateTime", "2020-01-01"))},
		{"unipolar", "", none, list(v(), bipolar("DE", "onsetDateTime", "2020-01-01"))}, {"bipolar and negative", "", excluded, list(v(), bipolar("BI", "onsetDateTime", "2020-01-01"), screening(adult, "2026-06-20", negative))},
		{"declined", "", excepted, list(v(), refused(adult, "2026-06-20T08:00:00Z", declined))}, {"medical reason", "", excepted, list(v(), refused(adult, "2026-06-20T23:59:59Z", "NO"))},
		{"declined the day before", "", none, list(v(), refused(adult, "2026-06-19T23:59:59Z", declined))}, {"declined the day after", "", none, list(v(), refused(adult, "2026-06-21T00:00:00Z", declined))},
		{"declined within a stay", "", excepted, list(stay(), refused(adult, "2026-06-23T00:00:00Z", declined))},
		{"the reason among several codings", "", excepted, list(v(), refused(adult, "2026-06-20T08:00:00Z", "OTHER", declined))}, {"another reason", "", none, list(v(), refused(adult, "2026-06-20T08:00:00Z", "OTHER"))},
		{"declined and positive before", "", none, list(v(), yes(), refused(adult, "2026-06-20T08:00:00Z", declined))}, {"declined and negative before", "", met, list(v(), screening(adult, "2026-06-10", negative), refused(adult, "2026-06-20T08:00:00Z", declined))},
		{"declined and screened too early", "", excepted, list(v(), screening(adult, "2026-06-05", negative), refused(adult, "2026-06-20T08:00:00Z", declined))},
		{"declined by an adolescent, by the other instrument", "2009-06-01", excepted, list(v(), refused(adult, "2026-06-20T08:00:00Z", declined))},
	}
	all(t, edges)
}

// A bundle of any type, with references by UUID, is a case as well, and what is refused is a verdict on its case alone.
func TestForms(t *testing.T) {
	subject := object{"reference": "urn:uuid:0001"}
	entry := func(uuid string, r object) object {
		return object{"fullUrl": "urn:uuid:" + uuid, "resource": r, "request": object{"method": "POST", "url": r["resourceType"]}}
	}
	own := object{"resourceType": "Patient"}
	all(t, []edge{
		{"a transaction", "", met, list(own, bundle("transaction",
			entry("0002", visit("2026-06-20", "subject", subject)), entry("0001", object{"resourceType": "Patient", "birthDate": "1980-05-05"}),
			entry("0003", screening(adult, "2026-06-20", positive, "subject", subject)), entry("0005", object{"resourceType": "Medication", "code": concept(rxnorm, "MA")}),
			entry("0004", drug("", "2026-06-20", "subject", subject, "medicationCodeableConcept", nil, "medicationReference", object{"reference": "urn:uuid:0005"}))))},
		{"a collection", "", met, list(own, bundle("collection",
			object{"fullUrl": "https://fhir.example/Patient/b1", "resource": object{"resourceType": "Patient", "id": "b1", "birthDate": "1980-05-05"}},
			object{"resource": visit("2026-06-20", "id", "e", "subject", object{"reference": "https://fhir.example/Patient/b1"})},
			object{"resource": screening(adult, "2026-06-20", negative, "id", "s", "subject", object{"reference": "Patient/b1/_history/3"})}))},
	})
}

func TestRefusedCase(t *testing.T) {
	results := run(t, []edge{
		{"partial", "", none, list(encounter("2026-06", "2026-06-20T08:00:00Z"))},
		{"modified", "", none, list(visit("2026-06-20", "modifierExtension", []object{{"url": "https://example.org/SECRET", "valueBoolean": true}}))},
		{"whole", "", none, list(visit("2026-06-20"))},
	})
	for i, want := range []string{"period.start says the year or month only", "a modifier extension that is not known", ""} {
		if r := results[i]; r.OK != (want == "") || !strings.Contains(r.Problem, want) || want == "" && r.Problem != "" || strings.Contains(r.Problem, "SECRET") {
			t.Errorf("%s: %+v, want %q", r.Case, r, want)
		}
	}
}
