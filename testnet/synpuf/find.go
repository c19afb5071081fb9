package synpuf

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// Sample is one payer's data: the two files of a sample that a period needs.
type Sample struct {
	Number      int
	Period      int    // year of the beneficiary file
	Beneficiary string // path of b_<period>_<number>.csv[.gz]
	Inpatient   string // path of ip_<number>.csv[.gz]
}

// Paths returns the paths of both files.
func (s Sample) Paths() (beneficiary, inpatient string) { return s.Beneficiary, s.Inpatient }

// Beneficiaries streams the beneficiary file of the period. The first bad row ends it with an *InputError; an error of yield ends it too.
func (s Sample) Beneficiaries(yield func(*Beneficiary) error) error {
	return readBeneficiaries(s.Beneficiary, yield)
}

// Claims streams the inpatient file: every year and segment that it has.
func (s Sample) Claims(yield func(*Claim) error) error { return readClaims(s.Inpatient, yield) }

// Check reads both files to their end and returns the first fault as an *InputError.
func (s Sample) Check() error {
	if err := s.Beneficiaries(func(*Beneficiary) error { return nil }); err != nil {
		return err
	}
	return s.Claims(func(*Claim) error { return nil })
}

var fileName = regexp.MustCompile(`^(?:b_([0-9]{4})|ip)_([1-9][0-9]{0,5})\.csv(?:\.gz)?$`)

// Find selects the samples with the payers lowest numbers among the DE-SynPUF files of dir and checks every row of the files that the
// period needs. Every fault is an *InputError. About 0.1 s a sample.
func Find(dir string, payers, period int) ([]Sample, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &InputError{File: dir, Reason: "cannot be read as a folder of DE-SynPUF files: " + err.Error()}
	}
	names := make(map[string]bool)
	numbers := make(map[int]bool)
	periods := make(map[int]bool)
	for _, e := range entries {
		m := fileName.FindStringSubmatch(e.Name())
		if m == nil || e.IsDir() {
			continue
		}
		names[e.Name()] = true
		n, _ := strconv.Atoi(m[2]) // at most six digits
		numbers[n] = true
		if m[1] != "" {
			y, _ := strconv.Atoi(m[1])
			periods[y] = true
		}
	}
	if len(numbers) == 0 {
		return nil, &InputError{File: dir, Reason: "holds no DE-SynPUF file (b_YEAR_N.csv or ip_N.csv, .gz allowed)"}
	}
	if !periods[period] {
		return nil, &InputError{File: dir, Reason: fmt.Sprintf("no data for period %d: there is no file b_%d_N.csv; years found: %v", period, period, ascending(periods))}
	}
	if len(numbers) < payers {
		return nil, &InputError{File: dir, Reason: fmt.Sprintf("%d payers asked for, files of %d samples found", payers, len(numbers))}
	}
	var samples []Sample
	for _, n := range ascending(numbers)[:max(payers, 0)] {
		s := Sample{Number: n, Period: period}
		if s.Beneficiary, err = choose(dir, fmt.Sprintf("b_%d_%d.csv", period, n), names); err != nil {
			return nil, err
		}
		if s.Inpatient, err = choose(dir, fmt.Sprintf("ip_%d.csv", n), names); err != nil {
			return nil, err
		}
		samples = append(samples, s)
	}
	for _, s := range samples {
		if err := s.Check(); err != nil {
			return nil, err
		}
	}
	return samples, nil
}

// choose finds one file, compressed or not. Both at once is refused: nobody could say which of them the payer meant.
func choose(dir, name string, names map[string]bool) (string, error) {
	plain, packed := names[name], names[name+".gz"]
	switch {
	case plain && packed:
		return "", &InputError{File: filepath.Join(dir, name), Reason: "there both with and without .gz: take one away"}
	case plain:
		return filepath.Join(dir, name), nil
	case packed:
		return filepath.Join(dir, name+".gz"), nil
	}
	return "", &InputError{File: filepath.Join(dir, name), Reason: "no such file, compressed or not"}
}

func ascending(set map[int]bool) []int {
	var all []int
	for n := range set {
		all = append(all, n)
	}
	slices.Sort(all)
	return all
}
