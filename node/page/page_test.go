package page

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/node/store"
)

func one(pops ...int64) []engine.Member {
	return []engine.Member{{Person: "p", Practice: "north", InitialPopulation: pops[0], Denominator: pops[1], Exclusion: pops[2], Exception: pops[3], Numerator: pops[4]}}
}

func example(t *testing.T) []byte {
	t.Helper()
	e := store.Explanation{Members: one(1, 1, 0, 0, 1), Evidence: []store.Evidence{
		{Table: "medical_claim", Columns: []string{"hcpcs_code"}, Values: []string{"<script>alert(1)</script>"}, Sets: []string{"colonoscopy"}, Decides: true, Without: one(1, 1, 0, 0, 0)},
		{Table: "eligibility", Decides: true},
		{Table: "medical_claim", Withheld: true},
	}}
	var b bytes.Buffer
	if err := Explain(&b, &measures.Spec{ID: "qp-crc", Version: "1.1.0", Title: "Screening"}, 2024, "person-1", e); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestExplain(t *testing.T) {
	text := string(example(t))
	for _, want := range []string{"Why qp-crc counts person-1", "puts the member into the numerator", "puts the member into the initial population", "withheld: no measure sees it", "default-src &#39;none&#39;", "&lt;script&gt;"} {
		if !strings.Contains(text, want) && !strings.Contains(text, strings.ReplaceAll(want, "&#39;", "'")) {
			t.Errorf("%q is not on the page", want)
		}
	}
	for _, bad := range []string{"<script", "http://", "https://", "src=", "href="} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
}

func TestEffect(t *testing.T) {
	for want, e := range map[string]store.Evidence{
		"takes the member out of the exclusions; puts the member into the numerator": {Decides: true, Without: one(1, 1, 1, 0, 0)},
		"alone it decides nothing": {},
	} {
		if got := Effect(one(1, 1, 0, 0, 1), e); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Effect(nil, store.Evidence{Decides: true, Without: one(1, 1, 0, 0, 0)}); !strings.Contains(got, "out of the initial population") {
		t.Error(got)
	}
}
