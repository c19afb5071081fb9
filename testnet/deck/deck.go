package deck

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node/intake"
	"github.com/tacet-health/tacet/node/store"
)

// Populations are the five of a proportion measure, in the order initial
// population, denominator, exclusion, exception, numerator.
type Populations [5]int64

// names of the populations in a case's expected object, in the order of
// Populations.
var names = [5]string{"initial-population", "denominator", "denominator-exclusion", "denominator-exception", "numerator"}

// String writes them as 1/1/0/0/1.
func (p Populations) String() string {
	return fmt.Sprintf("%d/%d/%d/%d/%d", p[0], p[1], p[2], p[3], p[4])
}

// Result is one case.
type Result struct {
	Case     string      `json:"case"`
	Got      Populations `json:"populations"`
	Expected Populations `json:"expected"`
	OK       bool        `json:"ok"`
	Problem  string      `json:"problem,omitempty"` // why the loader refused the case; it never names a value
}

// Options name what to run.
type Options struct {
	Cases     string // folder of case files
	ValueSets string // JSON file
	Measure   string // id in the library
	Period    int    // year
}

type testCase struct {
	ID        string            `json:"case"`
	Expected  map[string]int64  `json:"expected"`
	Resources []json.RawMessage `json:"resources"`
	person    string
	problem   string
}

// Run evaluates every case and returns them in order of file name.
func Run(ctx context.Context, o Options) ([]Result, error) {
	spec, err := library.Measure(o.Measure)
	if err != nil {
		return nil, err
	}
	slots, err := Slots(o.ValueSets, spec)
	if err != nil {
		return nil, err
	}
	cases, err := read(o.Cases)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "tacet-deck-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(ctx, filepath.Join(dir, "store"), store.Options{})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for i := range cases {
		err := load(ctx, s, dir, i, &cases[i], o.Period)
		if refused, ok := errors.AsType[*store.FileError](err); ok { // a verdict on this case, not on the deck
			p := refused.Problems[0]
			cases[i].problem = strings.TrimPrefix(p.String(), p.File+":")
		} else if err != nil {
			return nil, fmt.Errorf("case %s: %w", cases[i].ID, err)
		}
	}
	members, err := s.Members(ctx, spec, engine.Period{Year: o.Period}, slots...)
	if err != nil {
		return nil, err
	}
	got := map[string]Populations{}
	for _, m := range members {
		got[m.Person] = Populations{m.InitialPopulation, m.Denominator, m.Exclusion, m.Exception, m.Numerator}
	}
	out := make([]Result, len(cases))
	for i, c := range cases {
		r := Result{Case: c.ID, Got: got[c.person], Problem: c.problem}
		for k, name := range names {
			r.Expected[k] = c.Expected[name]
		}
		r.OK = r.Got == r.Expected && r.Problem == ""
		out[i] = r
	}
	return out, nil
}

// read takes the case files of a folder.
func read(dir string) ([]testCase, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no .json file; want one per case", dir)
	}
	slices.Sort(files)
	cases, persons := make([]testCase, len(files)), map[string]string{}
	for i, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		c := &cases[i]
		if err := json.Unmarshal(raw, c); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if c.ID == "" {
			c.ID = strings.TrimSuffix(filepath.Base(path), ".json")
		}
		for _, name := range names {
			if _, ok := c.Expected[name]; !ok {
				return nil, fmt.Errorf("%s: expected has no %q", path, name)
			}
		}
		if c.person, err = patient(c.Resources); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if other, twice := persons[c.person]; twice {
			return nil, fmt.Errorf("%s: its Patient has the id of the one in case %s", path, other)
		}
		persons[c.person] = c.ID
	}
	return cases, nil
}

// patient is the id of the case's one Patient, among its resources or in a bundle of them.
func patient(resources []json.RawMessage) (id string, err error) {
	for _, raw := range resources {
		var r struct {
			Type  string `json:"resourceType"`
			ID    string `json:"id"`
			Entry []struct {
				URL      string          `json:"fullUrl"`
				Resource json.RawMessage `json:"resource"`
			} `json:"entry"`
		}
		if err := json.Unmarshal(raw, &r); err != nil {
			return "", err
		}
		found := ""
		switch r.Type {
		case "Patient":
			found = r.ID
		case "Bundle":
			for _, e := range r.Entry {
				var p struct {
					Type string `json:"resourceType"`
					ID   string `json:"id"`
				}
				if err := json.Unmarshal(e.Resource, &p); len(e.Resource) > 0 && err != nil {
					return "", err
				}
				if p.Type == "Patient" && found != "" {
					return "", errors.New("more than one Patient")
				}
				if p.Type == "Patient" {
					found = cmp.Or(p.ID, strings.TrimPrefix(e.URL, "urn:uuid:"))
				}
			}
		}
		if found != "" && id != "" {
			return "", errors.New("more than one Patient")
		}
		id = cmp.Or(id, found)
	}
	if id == "" {
		return "", errors.New("no Patient with an id")
	}
	return id, nil
}

// load writes the case as a bundle and takes it through the loader, and bundles among its resources as they are. Ids of
// resources may come again in another case, so each case has its namespace.
func load(ctx context.Context, s *store.Store, dir string, i int, c *testCase, year int) error {
	type entry struct {
		Resource json.RawMessage `json:"resource"`
	}
	bundle := struct {
		Type  string  `json:"resourceType"`
		Kind  string  `json:"type"`
		Entry []entry `json:"entry"`
	}{Type: "Bundle", Kind: "collection"}
	var paths []string
	write := func(raw []byte) error {
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("case-%d-%d.json", i+1, len(paths)+1)))
		return os.WriteFile(paths[len(paths)-1], raw, 0o600)
	}
	for _, r := range c.Resources {
		var head struct {
			Type string `json:"resourceType"`
		}
		if err := json.Unmarshal(r, &head); err != nil {
			return err
		}
		if head.Type != "Bundle" {
			bundle.Entry = append(bundle.Entry, entry{r})
		} else if err := write(r); err != nil {
			return err
		}
	}
	if len(bundle.Entry) > 0 {
		raw, err := json.Marshal(bundle)
		if err != nil {
			return err
		}
		if err := write(raw); err != nil {
			return err
		}
	}
	if _, err := intake.FHIR(ctx, s, intake.Options{AssumeCover: true, Namespace: fmt.Sprintf("%d/", i+1)}, paths...); err != nil {
		return err
	}
	_, err := s.Append(ctx, "provider_attribution", []string{"person_id", "year_month", "custom_attributed_provider_practice"},
		store.Rows([][]any{{c.person, fmt.Sprintf("%04d12", year), "deck"}}))
	return err
}

// SlotsFrom fills the slots of measures from a file of value sets; without one they are empty.
func SlotsFrom(path string) func(*measures.Spec) ([]engine.Slot, error) {
	return func(spec *measures.Spec) ([]engine.Slot, error) {
		if path == "" {
			return nil, nil
		}
		return Slots(path, spec)
	}
}

// Slots fills the measure's slots from a file of value sets. A slot without a
// value set of its name is an error. Codes of ICD-10-CM come with and without
// their dot.
func Slots(path string, spec *measures.Spec) ([]engine.Slot, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var sets map[string]struct {
		Codes [][2]string `json:"codes"`
	}
	if err := json.Unmarshal(raw, &sets); err != nil {
		return nil, fmt.Errorf("%s: want an object of name → {oid, codes: [[system, code], …]}: %w", path, err)
	}
	byName := map[string][]string{}
	for name, set := range sets {
		var codes []string
		for _, c := range set.Codes {
			codes = append(codes, c[1])
			if strings.Contains(c[0], "icd-10") {
				codes = append(codes, strings.ReplaceAll(c[1], ".", ""))
			}
		}
		slices.Sort(codes)
		byName[strings.ReplaceAll(strings.ToLower(name), " ", "_")] = slices.Compact(codes)
	}
	var out []engine.Slot
	for _, name := range slices.Sorted(maps.Keys(spec.ValueSets)) {
		slot := spec.ValueSets[name].Slot
		if slot == "" || slices.ContainsFunc(out, func(s engine.Slot) bool { return s.Name == slot }) {
			continue
		}
		codes, ok := byName[slot]
		if !ok {
			return nil, fmt.Errorf("%s: no value set for the slot %s of %s", path, slot, spec.ID)
		}
		out = append(out, engine.Slot{Name: slot, Codes: codes})
	}
	return out, nil
}
