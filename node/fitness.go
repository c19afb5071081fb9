package node

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/node/quality"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/protocol/run"
)

// CheckQuality holds the data of a payer that is not running to the thresholds of its configuration, for a year and the tables that the measures
// read; nil measures are all tables. The report is the payer's own and stays here.
func CheckQuality(ctx context.Context, dir string, year int, specs []*measures.Spec) (report quality.Report, err error) {
	c, err := readConfig(dir)
	if err != nil {
		return report, err
	}
	if c.Role != Payer {
		return report, fmt.Errorf("%s is a %s and holds no member data", c.Name, c.Role)
	}
	d, err := vault.Open(dir)
	if err != nil {
		return report, fmt.Errorf("open the data of %s: %w", c.Name, err)
	}
	defer d.Close()
	source, err := openData(ctx, d, c)
	if err != nil {
		return report, fmt.Errorf("open the data of %s: %w", c.Name, err)
	}
	report, err = quality.Check(ctx, source, year, inputsOf(specs), c.Quality)
	return report, errors.Join(err, source.Close())
}

// fit is the gate before a run: the data against the member's own thresholds and the floors of the run's profiles, the stricter of each. What fails
// is in the member's own log; the run learns that it did, and no more.
func (s *Service) fit(ctx context.Context, a *agreed) error {
	thresholds := s.cfg.Quality
	for _, p := range a.profiles {
		thresholds = thresholds.Stricter(p.Quality)
	}
	if thresholds == (disclosure.Quality{}) {
		return nil
	}
	report, err := quality.Check(ctx, s.store, a.year.Year, inputsOf(a.specs), thresholds)
	if err != nil {
		return err
	}
	if report.Pass {
		return nil
	}
	for _, c := range report.Checks {
		if !c.Pass {
			s.log.Warn("quality gate: check failed; tacet node check shows the figures", "run", a.run, "check", c.Check, "of", c.Of)
		}
	}
	return fmt.Errorf("%w: %w", run.ErrQuality, quality.ErrFailed)
}

// inputsOf are the tables that measures read; nil, for all, when none is given.
func inputsOf(specs []*measures.Spec) []string {
	var out []string
	for _, s := range specs {
		out = append(out, s.Inputs...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
