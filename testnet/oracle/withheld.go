package oracle

import (
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures/withhold"
)

// withheld is what no measure counts of a payer's files: claims with a code of the list of 42 CFR Part 2, and what happened while a person was in a
// self-funded plan. The list is the nodes'; who reads it and how is this package's own.
type withheld struct {
	codes  map[string][]string // by system; those that end in * begin a code
	drugs  map[string]bool
	claims map[[2]string]bool     // by person and claim
	spans  map[string][][2]string // by person, as YYYYMMDD
}

func newWithheld() *withheld {
	w := &withheld{codes: map[string][]string{}, drugs: map[string]bool{}, claims: map[[2]string]bool{}, spans: map[string][][2]string{}}
	for line := range strings.Lines(withhold.Part2.Text()) {
		if f := strings.Fields(line); len(f) > 1 && f[0] != "#" {
			w.codes[f[0]] = append(w.codes[f[0]], f[1:]...)
		}
	}
	return w
}

func (w *withheld) lists(system, code string) bool {
	return code != "" && slices.ContainsFunc(w.codes[system], func(c string) bool {
		head, open := strings.CutSuffix(c, "*")
		return code == head || open && strings.HasPrefix(code, head) || system == "revenue" && "0"+code == head
	})
}

func (w *withheld) drug(field func(string) string) error {
	if w.lists("ingredient", field("ingredient_rxcui")) {
		w.drugs[field("ndc_code")] = true
	}
	return nil
}

func selfFunded(field func(string) string) bool {
	return strings.HasPrefix(strings.ToLower(field("funding")), "self")
}

func (w *withheld) span(field func(string) string) error {
	if selfFunded(field) {
		id := field("person_id")
		w.spans[id] = append(w.spans[id], [2]string{day(field("enrollment_start_date")), day(field("enrollment_end_date"))})
	}
	return nil
}

func (w *withheld) claim(field func(string) string) error {
	listed := w.lists("hcpcs", field("hcpcs_code")) || w.lists("place", field("place_of_service_code")) ||
		w.lists("revenue", field("revenue_center_code")) || w.lists("drg", field("drg_code"))
	for _, n := range numbered {
		listed = listed || w.lists("diagnosis", field(n[0])) || w.lists("procedure", field(n[1]))
	}
	if listed {
		w.claims[[2]string{field("person_id"), field("claim_id")}] = true
	}
	return nil
}

// during says whether a time touches a span of the person's. Days are YYYY-MM-DD or YYYYMMDD.
func (w *withheld) during(field func(string) string, from, to string) bool {
	return slices.ContainsFunc(w.spans[field("person_id")], func(s [2]string) bool { return s[0] <= day(to) && s[1] >= day(from) })
}

func day(s string) string { return strings.ReplaceAll(s, "-", "") }
