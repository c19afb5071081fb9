package risk

import (
	"errors"
	"fmt"
)

// Bins is the length of the bins' vector: a logarithmic grid of expected values.
const Bins = 4096

const deciles = 10

// DecileElements is the length of the deciles' vector.
const DecileElements = 3 * deciles

// bin of an expected value (10⁻⁶): logarithmic with 64 steps to a doubling, from 1 unit on; of an outcome that is at most a few, from a ten-thousandth on.
func (l Layout) bin(expected int64) int {
	units := expected / 1_000_000
	if l.spec.OutcomeCap < 1000 {
		units = expected / 100
	}
	if units < 1 {
		return 0
	}
	n, power := 0, int64(1)
	for power <= units/2 {
		power, n = 2*power, n+1
	}
	return min(1+64*n+int((units-power)*64/power), Bins-1)
}

// BinVector is the payer's vector: people by bin, rounded down to a multiple of MinPeople, so that no small number is opened.
func (l Layout) BinVector(f *Fit, people []Person) []int64 {
	out := make([]int64, Bins)
	last := make([]int, Bins)
	for _, p := range people {
		b := l.bin(l.Expected(f, p))
		if p.Who != 0 && last[b] == p.Who {
			continue
		}
		last[b] = p.Who
		out[b]++
	}
	for i := range out {
		out[i] -= out[i] % l.spec.MinPeople
	}
	return out
}

// Cuts are the first bins of the second to tenth tenth, from the sum of the bins' vectors.
func Cuts(sum []int64) (cuts [deciles - 1]int, err error) {
	total := int64(0)
	for _, n := range sum {
		if n < 0 {
			return cuts, errors.New("risk: a bin with fewer than no people")
		}
		total += n
	}
	if len(sum) != Bins || total < 1 {
		return cuts, fmt.Errorf("risk: %d bins with people in them for a calibration, want %d", len(sum), Bins)
	}
	seen, next := int64(0), 0
	for i, n := range sum {
		seen += n
		for next < len(cuts) && seen*deciles >= total*int64(next+1) {
			cuts[next], next = i+1, next+1
		}
	}
	return cuts, nil
}

// DecileVector is the payer's vector: of each tenth people, outcome and expected outcome (10⁻³).
func (l Layout) DecileVector(f *Fit, cuts [deciles - 1]int, people []Person) []int64 {
	out := make([]int64, 3*deciles)
	for _, p := range people {
		e, tenth := l.Expected(f, p), 0
		for b := l.bin(e); tenth < len(cuts) && b >= cuts[tenth]; {
			tenth++
		}
		out[3*tenth]++
		out[3*tenth+1] += min(p.Outcome, l.spec.OutcomeCap)
		out[3*tenth+2] += e / 1000
	}
	return out
}

// Decile is one tenth of the people by expected outcome. Outcome and Expected are sums, Expected in 10⁻³.
type Decile struct{ People, Outcome, Expected int64 }

// ReadDeciles gives the calibration; a tenth with fewer than MinPeople × MinPayers people is joined to the one before, so that fewer than ten may come.
func (l Layout) ReadDeciles(sum []int64) ([]Decile, error) {
	if len(sum) != 3*deciles {
		return nil, fmt.Errorf("risk: tenths of %d elements, want %d", len(sum), 3*deciles)
	}
	var out []Decile
	for i := range deciles {
		d := Decile{sum[3*i], sum[3*i+1], sum[3*i+2]}
		if len(out) > 0 && (d.People < l.spec.MinPeople*l.spec.MinPayers || out[len(out)-1].People < l.spec.MinPeople*l.spec.MinPayers) {
			last := &out[len(out)-1]
			last.People, last.Outcome, last.Expected = last.People+d.People, last.Outcome+d.Outcome, last.Expected+d.Expected
			continue
		}
		out = append(out, d)
	}
	return out, nil
}
