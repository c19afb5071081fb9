package intake

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/node/store"
)

const explanation = `{"resourceType":"ExplanationOfBenefit","id":"e1","status":"active","use":"claim","type":{"coding":[{"code":"institutional"}]},"patient":{"reference":"Patient/p1"},
"claim":{"reference":"Claim/k1"},"billablePeriod":{"start":"2026-02-01","end":"2026-02-04"},"provider":{"reference":"Organization/o1"},"facility":{"identifier":{"system":"http://hl7.org/fhir/sid/us-npi","value":"1245319599"}},
"payment":{"date":"2026-03-09"},"careTeam":[{"sequence":1,"provider":{"reference":"Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893"},"role":{"coding":[{"code":"performing"}]}}],
"supportingInfo":[{"category":{"coding":[{"code":"admissionperiod"}]},"timingPeriod":{"start":"2026-02-01T22:00:00Z","end":"2026-02-04"}},{"category":{"coding":[{"code":"typeofbill"}]},"code":{"coding":[{"code":"0111"}]}},
{"category":{"coding":[{"code":"discharge-status"}]},"code":{"coding":[{"code":"01"}]}},{"category":{"coding":[{"code":"drg"}]},"code":{"coding":[{"code":"065"}]}}],
"diagnosis":[{"sequence":1,"diagnosisCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"I10"}]}},{"sequence":2,"diagnosisCodeableConcept":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"I63.9"}]},"type":[{"coding":[{"code":"principal"}]}]}],
"procedure":[{"sequence":1,"procedureCodeableConcept":{"coding":[{"system":"http://www.cms.gov/Medicare/Coding/ICD10","code":"B030ZZZ"}]}}],
"item":[{"sequence":1,"revenue":{"coding":[{"code":"0120"}]},"productOrService":{"coding":[{"code":"not-applicable"}]},"servicedDate":"2026-02-01","quantity":{"value":3.0},
"adjudication":[{"category":{"coding":[{"code":"eligible"}]},"amount":{"value":4100.10,"currency":"USD"}},{"category":{"coding":[{"code":"paidtoprovider"}]},"amount":{"value":4000.1,"currency":"USD"}},{"category":{"coding":[{"code":"paidtopatient"}]},"amount":{"value":0.05}}]},
{"sequence":2,"productOrService":{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"70551"}]},"modifier":[{"coding":[{"code":"26"}]}],"quantity":{"value":0.5}}]}`

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", "") + "\n" }

// A bill in full: header on every line, exact cents, NPIs by three ways, the principal diagnosis first, and the Claim behind it left alone.
func TestExplanationOfBenefit(t *testing.T) {
	s := newStore(t)
	pharmacy := `{"resourceType":"ExplanationOfBenefit","id":"e2","status":"active","use":"claim","type":{"coding":[{"code":"pharmacy"}]},"patient":{"reference":"Patient/p1"},"billablePeriod":{"start":"2026-05-05"},
"supportingInfo":[{"category":{"coding":[{"code":"dayssupply"}]},"valueQuantity":{"value":30}}],"item":[{"sequence":1,"productOrService":{"coding":[{"system":"http://hl7.org/fhir/sid/ndc","code":"0002-3227-30"}]}}],
"total":[{"category":{"coding":[{"code":"benefit"}]},"amount":{"value":12.5}}]}`
	old := strings.NewReplacer(`"e1"`, `"e9"`, `"active"`, `"cancelled"`).Replace(explanation)
	alone := `{"resourceType":"Claim","id":"k2","status":"active","use":"claim","type":{"coding":[{"code":"professional"}]},"patient":{"reference":"Patient/p1"},"billablePeriod":{"start":"2026-06-06"},"item":[{"sequence":1,"productOrService":{"coding":[{"system":"http://www.ama-assn.org/go/cpt","code":"99213"}]}}]}`
	file := write(t, "all.ndjson", people+oneLine(explanation)+oneLine(pharmacy)+oneLine(old)+oneLine(alone)+
		`{"resourceType":"Claim","id":"k1","status":"active","use":"claim","type":{"coding":[{"code":"institutional"}]},"patient":{"reference":"Patient/p1"}}`+"\n"+
		`{"resourceType":"Organization","id":"o1","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1679576722"}]}`+"\n")
	r, err := FHIR(t.Context(), s, Options{}, file)
	if err != nil {
		t.Fatal(err)
	}
	if r.Skipped["ExplanationOfBenefit that is not active"] != 1 || r.Skipped["Claim with an ExplanationOfBenefit"] != 1 || r.Skipped["quantities that are no whole number"] != 1 {
		t.Error(r.Skipped)
	}
	got := map[string]bool{}
	for table, columns := range map[string][]string{
		"medical_claim": {"claim_id", "claim_line_number", "claim_type", "admission_date", "discharge_date", "bill_type_code", "drg_code", "discharge_disposition_code", "revenue_center_code", "service_unit_quantity",
			"hcpcs_code", "hcpcs_modifier_1", "rendering_npi", "billing_npi", "facility_npi", "paid_amount", "allowed_amount", "paid_date", "diagnosis_code_type", "diagnosis_code_1", "diagnosis_code_2", "procedure_code_1"},
		"pharmacy_claim": {"claim_id", "ndc_code", "days_supply", "dispensing_date", "paid_amount", "allowed_amount"},
	} {
		t1, _ := store.Lookup(table)
		for row, err := range s.Export(t.Context(), table) {
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			for _, name := range columns {
				for i, c := range t1.Columns {
					if c.Name == name {
						text += strings.TrimSuffix(fmt.Sprint(row[i]), " 00:00:00 +0000 UTC") + "|"
					}
				}
			}
			got[text] = true
		}
	}
	for _, want := range []string{
		"e1|1|institutional|2026-02-01|2026-02-04|0111|065|01|0120|3|<nil>|<nil>|1234567893|1679576722|1245319599|400015|410010|2026-03-09|icd-10-cm|I639|I10|B030ZZZ|",
		"e1|2|institutional|2026-02-01|2026-02-04|0111|065|01|<nil>|<nil>|70551|26|1234567893|1679576722|1245319599|<nil>|<nil>|2026-03-09|icd-10-cm|I639|I10|B030ZZZ|",
		"k2|1|professional|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|99213|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|",
		"e2|00002322730|30|2026-05-05|1250|<nil>|",
	} {
		if !got[want] {
			t.Errorf("missing %s", want)
		}
	}
	if len(got) != 4 {
		t.Errorf("%d lines: %v", len(got), got)
	}
}

// Amounts that are no exact cents of dollars, and kinds that are not known, end the load; nothing of it stays.
func TestExplanationRefused(t *testing.T) {
	s := newStore(t)
	for change, want := range map[string]string{
		`4100.10|4100.105`:            "adjudication.amount",
		`4100.10|4.1e3`:               "adjudication.amount",
		`"USD"|"EUR"`:                 "not in US dollars",
		`institutional|dreaming`:      "is none of institutional",
		`2026-03-09|2026-03`:          "payment.date",
		`"sequence":2,"prod|"prod`:    "claim_line_number",
		`Patient/p1|Group/p1`:         "the subject",
		`"item":[|"item":7,"items":[`: "cannot be read",
	} {
		old, replaced, _ := strings.Cut(change, "|")
		_, err := FHIR(t.Context(), s, Options{}, write(t, "all.ndjson", people+oneLine(strings.Replace(explanation, old, replaced, 1))))
		if _, refused := errors.AsType[*store.FileError](err); !refused || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "4100") {
			t.Errorf("%s: %v, want %s", change, err, want)
		}
		count(t, s, map[string]int64{"medical_claim": 0, "eligibility": 0})
	}
}
