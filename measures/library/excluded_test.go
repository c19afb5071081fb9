package library_test

import (
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures/fixture"
	"github.com/tacet-health/tacet/measures/library"
)

// outside is one exclusion of a measure: a word of its source text, a case that it takes out, and one just beside it that stays in.
type outside struct{ word, on, off string }

var hospice = outside{"hospice", "hospice", "hospice-year-before"}

var exclusions = map[string][]outside{
	"qa-coc":  {hospice},
	"qa-pcp":  {{"hospice", "hospice-by-bill", "not-hospice"}},
	"qa-upc":  {hospice},
	"qc-a1c9": {{"hospice", "hospice-in-year", "hospice-year-before"}},
	"qc-amr": {{"chronic obstructive", "copd", "copd-next-year"}, {"emphysema", "emphysema-long-ago", "acute-bronchitis"},
		{"cystic fibrosis", "cystic-fibrosis", "copd-next-year"}, {"acute respiratory failure", "acute-respiratory-failure", "chronic-respiratory-failure"}, hospice},
	"qc-cbp": {{"kidney failure", "kidney-failure", "kidney-failure-next-year"}, {"kidney failure", "stage-5", "stage-4"}, {"dialysis", "dialysis", "reversed-dialysis"},
		{"transplant", "transplant-long-ago", "kidney-failure-next-year"}, {"pregnancy", "pregnant-on-the-first-day", "pregnant-year-before"},
		{"pregnancy", "pregnant", "pregnant-next-year"}, hospice},
	"qc-pdc": {{"kidney failure", "kidney-failure", "stage-5"}, {"dialysis", "dialysis", "dialysis-year-before"}, hospice},
	"qc-stat": {{"cirrhosis", "cirrhosis-first-day-of-prior-year", "cirrhosis-day-before"}, {"muscle disease", "muscle-disease-first-day-of-prior-year", "muscle-disease-day-before"},
		{"kidney failure", "stage-5-long-ago", "stage-4"}, {"pregnancy", "pregnancy-first-day-of-prior-year", "pregnancy-day-before"}, hospice},
	"qp-bcs": {{"both breasts", "one-then-the-other", "only-left"}, {"both breasts", "bilateral-mastectomy", "other-side-next-year"}, hospice},
	"qp-ccs": {{"no cervix", "no-cervix", "uterus-only"}, {"no cervix", "cervix-removed", "removed-next-year"}, hospice},
	"qp-cis": {{"immune deficiency", "immune-deficiency", "leukaemia-next-year"}, {"HIV", "hiv", "other-cancer"}, {"lymphatic", "lymphoma", "other-cancer"},
		{"blood cancer", "leukaemia", "leukaemia-next-year"}, hospice},
	"qp-crc": {{"colorectal cancer", "cancer", "anal-cancer"}, {"colorectal cancer", "cancer-on-the-last-day", "cancer-next-year"},
		{"colectomy", "colectomy", "other-cancer"}, {"hospice", "hospice-in-year", "hospice-year-before"}},
	"qp-dsf":  {{"bipolar disorder", "bipolar", "bipolar-that-day"}, {"declined", "declined", "declined-another-day"}, {"medically not indicated", "medical-reason", "no-reason"}},
	"qp-flu":  {{"anaphylaxis", "anaphylaxis", "anaphylaxis-next-year"}, {"contraindication", "allergy-recorded", "refusal-recorded"}, hospice},
	"qr-ked":  {{"stage 5", "stage-5-long-ago", "stage-4"}, {"kidney failure", "kidney-failure", "kidney-failure-next-year"}, {"dialysis", "dialysis-on-the-last-day", "kidney-failure-next-year"}, hospice},
	"qr-wait": {hospice},
	"qu-fu14": {{"alive", "died-in-hospital", "sent-home"}, {"transferred", "transferred-and-lost", "transferred"}, {"against advice", "against-advice", "nursing-home"},
		{"maternity", "delivery", "pneumonia-by-drg"}, {"newborn", "newborn", "pneumonia-by-drg"}, {"chemotherapy", "chemotherapy", "pneumonia-by-drg"},
		{"radiotherapy", "radiotherapy", "pneumonia-by-drg"}, {"rehabilitation", "rehabilitation", "nursing-home"}},
	"qu-read": {{"alive", "died-in-hospital", "sent-home"}, {"transferred", "transferred-and-lost", "transferred"}, {"against advice", "against-advice", "nursing-home"},
		{"maternity", "delivery", "pneumonia-by-drg"}, {"newborn", "newborn", "pneumonia-by-drg"}, {"chemotherapy", "chemotherapy", "pneumonia-by-drg"},
		{"radiotherapy", "radiotherapy", "pneumonia-by-drg"}, {"rehabilitation", "rehabilitation", "nursing-home"}},
}

// Every exclusion of a measure's source text has a case on it and one beside it. What the numbers of the cases are worth, TestFixtures says.
func TestExclusions(t *testing.T) {
	for _, spec := range library.Measures() {
		set, err := library.Cases(spec.ID)
		if err != nil {
			t.Fatal(err)
		}
		cases := map[string]fixture.Case{}
		for _, c := range set.Cases {
			cases[c.Name] = c
		}
		text := strings.Join(strings.Fields(spec.Source), " ")
		for _, x := range exclusions[spec.ID] {
			on, ok1 := cases[x.on]
			off, ok2 := cases[x.off]
			switch {
			case !ok1 || !ok2:
				t.Errorf("%s: cases %s and %s are not both there", spec.ID, x.on, x.off)
			case on.Want.Den != 0 || off.Want.Den == 0:
				t.Errorf("%s, %s: %s is not out, or %s is not in", spec.ID, x.word, x.on, x.off)
			case !strings.Contains(strings.ToLower(text), strings.ToLower(x.word)):
				t.Errorf("%s: the source text says nothing of %q", spec.ID, x.word)
			}
		}
		_, out, _ := strings.Cut(text, "Out: ")
		out, _, _ = strings.Cut(out, ". ")
		for _, part := range strings.FieldsFunc(strings.ReplaceAll(out, " or ", ","), func(r rune) bool { return r == ',' }) {
			if !named(part, exclusions[spec.ID]) {
				t.Errorf("%s: the exclusion %q has no pair of cases", spec.ID, strings.TrimSpace(part))
			}
		}
	}
}

// named reports whether a part of the text is of one of the exclusions; what only says when is of the one before it.
func named(part string, list []outside) bool {
	for _, x := range list {
		for _, word := range strings.Fields(x.word) {
			if strings.Contains(part, word) {
				return true
			}
		}
	}
	return strings.TrimSpace(part) == "the year before"
}
