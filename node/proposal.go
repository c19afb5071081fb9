package node

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node/admin"
)

// A Proposal is an entry's kind and body, made from what an operator names on the command line.
type Proposal struct {
	Kind string
	Body any
	What string // for people: "measure qp-crc 1.0.0"

	Advice []string // what a reader should look at, with file and line
}

// ProposeMeasure makes the proposal of a measure: the id of one in the library, a folder with measure.yaml and its SQL, or a file with a measure's
// canonical JSON. A definition that the nodes would refuse to run is not proposed.
func ProposeMeasure(arg string) (Proposal, error) {
	spec, err := readMeasure(arg)
	if err != nil {
		return Proposal{}, err
	}
	return measureProposal(arg, spec)
}

// ProposeStratified makes the proposal of a measure by strata of a kind: a definition of its own, with the id of the measure, "-by-" and the kind.
func ProposeStratified(arg, kind string) (Proposal, error) {
	spec, err := readMeasure(arg)
	if err == nil {
		spec, err = engine.Stratified(spec, kind)
	}
	if err != nil {
		return Proposal{}, err
	}
	return measureProposal(arg, spec)
}

func measureProposal(arg string, spec *measures.Spec) (Proposal, error) {
	advice, err := lint(arg, spec)
	return Proposal{rules.KindMeasurePropose, rules.NewMeasurePropose(spec), fmt.Sprintf("measure %s %s", spec.ID, spec.Version), advice}, err
}

func readMeasure(arg string) (*measures.Spec, error) {
	if slices.Contains(library.Names(), arg) {
		return library.Measure(arg)
	}
	st, err := os.Stat(arg)
	if err != nil {
		return nil, fmt.Errorf("%q is neither a measure of the library (%s) nor a file or folder: %w", arg, strings.Join(library.Names(), ", "), err)
	}
	if st.IsDir() {
		spec, err := measures.Parse(os.DirFS(arg), ".")
		if err != nil {
			return nil, fmt.Errorf("in %s: %w", arg, err)
		}
		return spec, nil
	}
	if st.Size() > 1<<20 {
		return nil, fmt.Errorf("%s is too long for a measure", arg)
	}
	b, err := os.ReadFile(arg)
	if err != nil {
		return nil, err
	}
	spec, err := measures.ParseCanonical(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", arg, err)
	}
	return spec, nil
}

// ProposeProfile makes the entry of a disclosure profile: the name of a default one, or a JSON file.
func ProposeProfile(arg string) (Proposal, error) {
	var names []string
	for _, p := range disclosure.Defaults() {
		if names = append(names, p.Name); p.Name == arg {
			return profileProposal(p), nil
		}
	}
	b, err := os.ReadFile(arg)
	if err != nil {
		return Proposal{}, fmt.Errorf("%q is neither a default profile (%s) nor a file: %w", arg, strings.Join(names, ", "), err)
	}
	p, err := disclosure.Parse(b)
	if err != nil {
		return Proposal{}, fmt.Errorf("%s: %w", arg, err)
	}
	return profileProposal(p), nil
}

func profileProposal(p disclosure.Profile) Proposal {
	return Proposal{rules.KindProfileSet, rules.NewProfileSet(p), fmt.Sprintf("profile %s version %d", p.Name, p.Version), nil}
}

// ProposeRoster makes the entry of a roster file.
func ProposeRoster(path string) (Proposal, error) {
	practices, err := ReadRoster(path)
	if err != nil {
		return Proposal{}, err
	}
	body, named := rules.RosterSet{}, false
	for _, p := range practices {
		body.Practices, body.Regions = append(body.Practices, p.ID), append(body.Regions, p.Region)
		named = named || p.Region != ""
	}
	if !named {
		body.Regions = nil
	}
	body.Hash = rules.RegionalHash(body.Practices, body.Regions)
	return Proposal{rules.KindRosterSet, body, fmt.Sprintf("roster of %d practices, %.16s", len(body.Practices), body.Hash), nil}, nil
}

// ReadRoster reads a roster: CSV with the header grain,practice_id, and region after it where totals by region are wanted, and one practice a line, in the order that
// the log and the cells keep. A grain is the kind of practice that a measure is about.
func ReadRoster(path string) ([]admin.Practice, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read roster: %w", err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = 0 // as the header
	var out []admin.Practice
	for line := 1; ; line++ {
		rec, err := r.Read()
		switch {
		case errors.Is(err, io.EOF) && line > 1 && len(out) > 0:
			return out, nil
		case errors.Is(err, io.EOF):
			return nil, fmt.Errorf("%s holds no practice", path)
		case err != nil:
			return nil, fmt.Errorf("read roster %s: %w", path, err)
		case line == 1:
			if h := strings.Join(rec, ","); h != "grain,practice_id" && h != "grain,practice_id,region" {
				return nil, fmt.Errorf("%s:1: the header is not grain,practice_id, or grain,practice_id,region", path)
			}
		case len(out) >= rules.MaxPractices:
			return nil, fmt.Errorf("%s:%d: a roster has at most %d practices", path, line, rules.MaxPractices)
		default:
			p := admin.Practice{Grain: rec[0], ID: rec[1]}
			if len(rec) > 2 {
				p.Region = rec[2]
			}
			out = append(out, p)
		}
	}
}
