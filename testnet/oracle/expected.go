package oracle

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures/risk"
)

// Fitted is a model of expected values, fitted to all payers' people in one place, which no network has.
type Fitted struct {
	Definition risk.Definition
	Rounds     int // of presence
	Model      risk.Model
}

// expecting are the measures over expected values: of what outcome, and the units of observed and expected (10⁻⁴).
var expecting = map[string]struct {
	model, outcome   string
	unitNum, unitDen int64
}{
	"qu-read@2": {"risk-readmission", risk.Readmission, 1, 1000},
	"qk-tcoc@2": {"risk-cost", risk.Cost, 5000, 50_000_000},
}

// Modelled is the id and the outcome of the model that a measure takes expected values from; empty for another measure.
func Modelled(measure string) (id, outcome string) {
	base, _, _ := strings.Cut(measure, "-by-")
	return expecting[base].model, expecting[base].outcome
}

// Fit fits the model of an outcome to the people of all folders, one a payer.
func Fit(folders []string, period int, d risk.Definition) (*Fitted, error) {
	var payers [][]risk.Person
	var all []risk.Person
	for _, folder := range folders {
		members, err := readMembers(folder, period)
		if err != nil {
			return nil, err
		}
		var people []risk.Person
		for who, id := range slices.Sorted(maps.Keys(members)) {
			for _, o := range observe[d.Outcome](members[id], period) {
				people = append(people, members[id].person(who+1, o))
			}
		}
		payers, all = append(payers, people), append(all, people...)
	}
	f := &Fitted{Definition: d}
	l, err := risk.NewLayout(d.Spec())
	for changed := true; changed && err == nil; f.Rounds++ {
		sum := make([]int64, len(l.Columns()))
		for _, people := range payers {
			for i, v := range l.Presence(people) {
				sum[i] += v
			}
		}
		l, changed, err = l.Merge(sum)
	}
	if err != nil {
		return nil, fmt.Errorf("model of outcome %s: %w", d.Outcome, err)
	}
	sum, err := l.Equations(all)
	if err != nil {
		return nil, err
	}
	fit, err := l.Solve(sum)
	if err != nil {
		return nil, fmt.Errorf("model of outcome %s: %w", d.Outcome, err)
	}
	f.Model = l.Model(fit)
	return f, nil
}

// expected is what the model expects of an observation in 10⁻⁴, from the model as it stands in the log alone.
func (f *Fitted) expected(p risk.Person) int64 {
	d, m := f.Definition, f.Model
	cell := 0
	for i, from := range d.Bands {
		if p.Age >= from {
			cell = i
		}
	}
	if !p.Female {
		cell += len(d.Bands)
	}
	values, most := map[int]int64{}, map[int]int64{} // by column of the model
	if c := m.Of[cell]; c >= 0 {
		values[c] = 1
	}
	for i, k := range d.Categories {
		c := m.Of[2*len(d.Bands)+i]
		if c < 0 {
			continue
		}
		days := map[int]bool{}
		for _, x := range p.Diagnoses {
			code := strings.ReplaceAll(strings.ToUpper(x.Code), ".", "")
			if len(code) >= 3 && code[:3] >= k.From && code[:3] <= k.To {
				days[x.Day] = true
			}
		}
		values[c] += min(int64(len(days)), k.Cap)
		most[c] = max(most[c], k.Cap)
	}
	sum := new(big.Rat)
	for c, v := range values {
		if limit := most[c]; limit > 0 {
			v = min(v, limit)
		}
		sum.Add(sum, new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(m.Coefficients[c]), big.NewInt(v*p.Exposure)), big.NewInt(risk.Unit/10_000)))
	}
	if top := new(big.Rat).SetInt64(d.OutcomeCap * 10_000); sum.Cmp(top) > 0 {
		sum = top
	}
	down := new(big.Int).Div(sum.Num(), sum.Denom()) // towards less, as the divisor is above 0
	return max(down.Int64(), 1)
}

// expect counts a measure over expected values.
func (f *Fitted) expect(people map[string]*member, id string, period int) map[string]Pair {
	x := expecting[id]
	pairs := make(map[string]Pair)
	for _, m := range people {
		for _, o := range observe[x.outcome](m, period) {
			p := pairs[o.practice]
			pairs[o.practice] = Pair{p.Num + o.happened, p.Den + f.expected(m.person(0, o))}
		}
	}
	for practice, p := range pairs {
		pairs[practice] = units(p, x.unitNum, x.unitDen)
	}
	return pairs
}

// errNotFitted: a measure of expected values was asked for without its model.
var errNotFitted = errors.New("the oracle has not been given its model")
