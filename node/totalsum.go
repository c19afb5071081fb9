package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/protocol/run/lockstep"
)

// totalling is what a run of exact totals adds up: practices that a certified release shows, by group.
type totalling struct {
	release *agreed
	groups  []audit.Group // of the manifest, in its order
	bound   string        // this payer's commitment to its vector of the release, as it put it on record
}

// release reads the certified release that totals are of, and its table from this member's own folder, which must be the one that was certified.
func (s *Service) releaseOf(st *rules.State, name string) (r rules.Run, t audit.Table, err error) {
	r, ok := st.Run(name)
	if !ok || r.Sum != nil || r.Result == nil {
		return r, t, fmt.Errorf("run %s is no certified release", name)
	}
	raw, err := os.ReadFile(s.dir.Path("runs", name, tableFile))
	if err != nil {
		return r, t, fmt.Errorf("the table of run %s, whose practices are added up, is not here; copy table.json from a recipient's runs/%s: %w", name, name, err)
	}
	if h := sha256.Sum256(raw); hex.EncodeToString(h[:]) != r.Result.Table {
		return r, t, fmt.Errorf("the table of run %s here is not the one that was certified", name)
	}
	if t, err = audit.ReadTable(raw); err != nil {
		return r, t, fmt.Errorf("table of run %s: %w", name, err)
	}
	return r, t, nil
}

// totalling holds the manifest's groups against the table of the release. The log has that table's hash alone, so this is where a wrong number is refused, by
// every member for itself.
func (s *Service) totalling(st *rules.State, b rules.RunAggregate, def rules.SumRecord) (*totalling, error) {
	if b.Total == nil {
		return nil, nil
	}
	r, t, err := s.releaseOf(st, b.Total.Run)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", b.Run, err)
	}
	x := &totalling{}
	if x.groups, err = audit.CheckTotal(b.Total, t, r, st, def); err != nil {
		return nil, fmt.Errorf("%w: run %s: %w", errDeclines, b.Run, err)
	}
	if x.release, err = resolve(st, b.Total.Run); err != nil {
		return nil, err
	}
	if own, ok := r.Binding(s.cfg.Name, rules.BindSteps[0]); ok {
		x.bound = own.Digest
	}
	return x, nil
}

// totalSum adds the numerators and denominators of shown practices up.
type totalSum struct{ measure string }

func (k totalSum) length(a *aggregation) (int64, error) {
	if a.body.Stage != rules.StageTotals || a.total == nil {
		return 0, fmt.Errorf("totals have one stage, %s, and name their release; not %q", rules.StageTotals, a.body.Stage)
	}
	return 2 * int64(len(a.total.groups)), nil
}

// vector makes this payer's vector of the release again, which must be the very one that it was bound to when the circuit tested it: a total of other data was not
// tested, and two totals of one group would show the difference.
func (k totalSum) vector(ctx context.Context, a *aggregation, s *Service) ([]int64, error) {
	x := a.total.release
	num, den, err := s.vector(ctx, x)
	if err != nil {
		return nil, err
	}
	defer clear(num)
	defer clear(den)
	salt, err := os.ReadFile(s.dir.Path("runs", x.run, "salt"))
	if err != nil {
		return nil, fmt.Errorf("%w: run %s: what opens this member's commitment in run %s is not here: %w", errDeclines, a.run, x.run, err)
	}
	if c := lockstep.Commitment(x.manifest, s.cfg.Name, salt, num, den); c.String() != a.total.bound {
		return nil, fmt.Errorf("%w: run %s: the data here is not what it was in run %s any more; the circuit has not tested it", errDeclines, a.run, x.run)
	}
	out := make([]int64, 2*len(a.total.groups))
	for i, g := range a.total.groups {
		in := make(map[string]bool, len(g.Practices))
		for _, p := range g.Practices {
			in[p] = true
		}
		for at, c := range x.cells {
			if x.hashes[c.measure] == k.measure && in[c.practice] {
				out[2*i], out[2*i+1] = out[2*i]+num[at], out[2*i+1]+den[at]
			}
		}
	}
	return out, nil
}

func (k totalSum) model(*aggregation, audit.SumTable) ([]byte, error) { return nil, nil }

func (k totalSum) report(_ *aggregation, t audit.SumTable) (any, error) { return totalRows(t), nil }

// TotalRow is one exact total, for people.
type TotalRow struct {
	Group       string `json:"group"` // a region, or all
	Measure     string `json:"measure_id"`
	Version     string `json:"measure_version"`
	Period      string `json:"period"`
	Practices   int64  `json:"practices"` // that are shown with a value within the range, and added up
	Numerator   int64  `json:"numerator"`
	Denominator int64  `json:"denominator"`
	Release     string `json:"release_run_id"`
	Run         string `json:"run_id"`
}

func totalRows(t audit.SumTable) (out []TotalRow) {
	if t.Total == nil || len(t.Values) != 2*len(t.Total.Groups) {
		return nil
	}
	for i, g := range t.Total.Groups {
		out = append(out, TotalRow{g.Name, t.Total.Measure, t.Total.Version, t.Period, g.Practices, t.Values[2*i], t.Values[2*i+1], t.Total.Release, t.Run})
	}
	return out
}

// ReadTotals are the rows of totals.csv, its header first; nil of a table that has no totals.
func ReadTotals(t audit.SumTable) [][]string {
	rows := totalRows(t)
	if rows == nil {
		return nil
	}
	out := [][]string{{"group", "measure_id", "measure_version", "period", "practices", "numerator", "denominator", "release_run_id", "run_id"}}
	for _, r := range rows {
		out = append(out, []string{r.Group, r.Measure, r.Version, r.Period, fmt.Sprint(r.Practices), fmt.Sprint(r.Numerator), fmt.Sprint(r.Denominator), r.Release, r.Run})
	}
	return out
}

// draftTotal fills in what a run of exact totals is of: the groups named, or all that may be opened together.
func (s *Service) draftTotal(st *rules.State, b *rules.RunAggregate, def rules.SumRecord, release string, names []string) error {
	r, t, err := s.releaseOf(st, release)
	if err != nil {
		return err
	}
	groups, err := audit.TotalGroups(t, r, st, def)
	if err != nil {
		return err
	}
	p, _ := st.Profile(def.Profile)
	least := max(p.Profile.MinTotalPractices, 1)
	b.Total = &rules.Total{Run: release, Groups: []rules.TotalGroup{}}
	for _, name := range names {
		if !slices.ContainsFunc(groups, func(g audit.Group) bool { return g.Name == name }) {
			return fmt.Errorf("run %s shows no practice in region %s that could be added up", release, name)
		}
	}
	regions, chosen := int64(0), []rules.TotalGroup{}
	for _, g := range groups[1:] {
		n := int64(len(g.Practices))
		if names == nil && n >= least || slices.Contains(names, g.Name) {
			chosen, regions = append(chosen, rules.TotalGroup{Name: g.Name, Practices: n}), regions+n
		}
	}
	n := int64(len(groups[0].Practices))
	if rest := n - regions; names == nil && n >= least && (regions == 0 || rest == 0 || rest >= least) || slices.Contains(names, rules.GroupAll) {
		b.Total.Groups = append(b.Total.Groups, rules.TotalGroup{Name: rules.GroupAll, Practices: n})
	}
	if b.Total.Groups = append(b.Total.Groups, chosen...); len(b.Total.Groups) == 0 {
		return fmt.Errorf("run %s shows %d practices with a value within the range; a total is over %d at least", release, n, least)
	}
	b.Contributors = slices.Sorted(slices.Values(r.Body.Contributors))
	b.Threshold, b.Stage, b.Period = int64(len(b.Contributors)), rules.StageTotals, r.Body.Period
	return nil
}
