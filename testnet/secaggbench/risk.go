package secaggbench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
	"github.com/tacet-health/tacet/measures/risk"
)

// Risk is a model fitted through a round, all members in this process.
type Risk struct {
	Payers     int     `json:"payers"`
	Columns    int     `json:"columns"`
	People     int64   `json:"people"`
	CPU        float64 `json:"cpu_seconds"` // the round of all payers, and the fit of one
	Fit        float64 `json:"fit_cpu_seconds"`
	Difference float64 `json:"largest_relative_difference"` // of a coefficient, from the fit on the pooled people
	RSquared   float64 `json:"r_squared"`
}

// maxRisk is the limit of Risk.CPU at 300 columns and 10 payers, in seconds.
const maxRisk = 5.0

// fitRisk draws people, sums their equations under masks, fits, and fits again on the pooled people. The caller has locked its thread.
func fitRisk(payers, columns, people int) (Risk, error) {
	s := risk.Default()
	s.Categories = nil
	for i := range columns - 2*len(s.Bands) {
		block := fmt.Sprintf("%c%02d", 'A'+i/100, i%100)
		s.Categories = append(s.Categories, risk.Category{ID: block, Title: block, From: block, To: block, Chapter: "A00", Cap: 2})
	}
	layout, err := risk.NewLayout(s)
	if err != nil {
		return Risk{}, err
	}
	out := Risk{Payers: payers, Columns: len(layout.Columns())}
	r := rand.New(rand.NewPCG(11, 12))
	x := map[string][]int64{}
	var pooled []risk.Person
	round := secagg.Round{Manifest: [32]byte{9}, Members: inprocess.Roster(payers), Threshold: payers/2 + 1, Length: layout.Length()}
	if round.Cap, err = s.Bound(uint64(people), payers); err != nil {
		return out, err
	}
	for _, n := range round.Members {
		mine := make([]risk.Person, people)
		for i := range mine {
			p := risk.Person{Age: r.IntN(100), Female: r.IntN(2) == 0, Outcome: int64(r.ExpFloat64() * 2000)}
			for d := range r.IntN(6) {
				c := r.IntN(len(s.Categories))
				p.Diagnoses = append(p.Diagnoses, risk.Diagnosis{Code: s.Categories[c].From, Day: d})
				p.Outcome += int64(c % 11 * 200)
			}
			mine[i] = p
		}
		if x[n], err = layout.Equations(mine); err != nil {
			return out, err
		}
		pooled = append(pooled, mine...)
	}
	begin := threadTime()
	room, err := inprocess.New(round, inprocess.Signatures)
	if err != nil {
		return out, err
	}
	if err := room.Play(secagg.KindReveal, func(n string) []int64 { return x[n] }); err != nil {
		return out, err
	}
	sum, err := room.Sum()
	if err != nil {
		return out, err
	}
	solving := threadTime()
	fit, err := layout.Solve(sum.Values)
	if err != nil {
		return out, err
	}
	end := threadTime()
	seconds := func(d time.Duration) float64 { return d.Seconds() }
	out.CPU, out.Fit, out.People, out.RSquared = seconds(end-begin), seconds(end-solving), fit.People, float64(fit.RSquared)/1e9
	all, err := layout.Equations(pooled)
	if err != nil {
		return out, err
	}
	want, err := layout.Solve(all)
	if err != nil {
		return out, err
	}
	for i, b := range want.Coefficients {
		if b != 0 {
			out.Difference = max(out.Difference, math.Abs(float64(fit.Coefficients[i]-b)/float64(b)))
		} else if fit.Coefficients[i] != 0 {
			out.Difference = math.Inf(1)
		}
	}
	if !slices.Equal(fit.Columns, want.Columns) {
		return out, fmt.Errorf("%w: the columns differ", ErrMissed)
	}
	return out, nil
}
