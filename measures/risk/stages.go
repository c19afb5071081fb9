package risk

import (
	"errors"
	"fmt"
	"strings"
)

// The stages of a risk model in their order; there may be several rounds of presence: presence-1, presence-2, …
const (
	StagePresence  = "presence-"
	StageEquations = "equations"
	StageBins      = "bins"
	StageDeciles   = "deciles"
)

// Sum is what was opened of a stage.
type Sum struct {
	Stage  string
	Values []int64
}

// Layout gives the columns after the presence rounds there have been, which stand first in past; settled says whether the last of them merged nothing.
func (d Definition) Layout(past []Sum) (l Layout, settled bool, err error) {
	if l, err = NewLayout(d.Spec()); err != nil {
		return l, false, err
	}
	for i, s := range past {
		if !strings.HasPrefix(s.Stage, StagePresence) {
			break
		}
		if s.Stage != fmt.Sprintf("%s%d", StagePresence, i+1) || settled {
			return l, false, fmt.Errorf("stage %s comes out of order", s.Stage)
		}
		var changed bool
		if l, changed, err = l.Merge(s.Values); err != nil {
			return l, false, err
		}
		settled = !changed
	}
	return l, settled, nil
}

// Fit makes the model of the equations' sum: it follows from the sums alone, so that an auditor makes the same one of them. Where there is a version
// before, coefficients stay within the change that was agreed on.
func (d Definition) Fit(past []Sum, equations []int64, before *Model) (Model, error) {
	l, settled, err := d.Layout(past)
	if err != nil {
		return Model{}, err
	}
	if !settled {
		return Model{}, errors.New("risk: equations before the columns are settled")
	}
	fit, err := l.Solve(equations)
	if err != nil {
		return Model{}, err
	}
	if before != nil {
		if len(before.Columns) != len(before.Coefficients) {
			return Model{}, errors.New("risk: the version before has columns without coefficients")
		}
		fit.Limit(&Fit{Columns: before.Columns, Coefficients: before.Coefficients}, d.Change, d.Floor)
	}
	return l.Model(fit), nil
}
