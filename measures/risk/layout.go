package risk

import (
	"errors"
	"fmt"
	"slices"
)

// Layout says which columns of the specification are which columns of the model. The same for all members.
type Layout struct {
	spec   Spec
	column []int    // of a base column (cells of women, of men, categories); -1: left out
	names  []string // of the model's columns
	level  []int    // how often a model column has been merged
}

// NewLayout has every column by itself.
func NewLayout(s Spec) (Layout, error) {
	if err := s.Check(); err != nil {
		return Layout{}, err
	}
	l := Layout{spec: s}
	for sex := range 2 {
		for i := range s.Bands {
			l.names = append(l.names, s.cellName(sex, i, i))
		}
	}
	for _, c := range s.Categories {
		l.names = append(l.names, c.ID)
	}
	for i := range l.names {
		l.column = append(l.column, i)
	}
	l.level = make([]int, len(l.names))
	return l, nil
}

// cellName names the cell of the bands lo to hi of a sex.
func (s Spec) cellName(sex, lo, hi int) string {
	if hi+1 == len(s.Bands) {
		return fmt.Sprintf("%c%d+", "FM"[sex], s.Bands[lo])
	}
	return fmt.Sprintf("%c%d-%d", "FM"[sex], s.Bands[lo], s.Bands[hi+1]-1)
}

// Columns are the names of the model's columns.
func (l Layout) Columns() []string { return slices.Clone(l.names) }

// value is one entry of a person's row.
type value struct {
	column int
	v      int64
}

// row of a person, by column. In a merged category the days add up to the largest cap in it.
func (l Layout) row(p Person) []value {
	cell, days := l.spec.base(p)
	at, caps := map[int]int64{}, map[int]int64{}
	if c := l.column[cell]; c >= 0 {
		at[c] = 1
	}
	cells := 2 * len(l.spec.Bands)
	for i, d := range days {
		c := l.column[cells+i]
		if c < 0 {
			continue
		}
		caps[c] = max(caps[c], l.spec.Categories[i].Cap)
		at[c] += d
	}
	row := make([]value, 0, len(at))
	for c, v := range at {
		if limit, ok := caps[c]; ok {
			v = min(v, limit)
		}
		row = append(row, value{c, v * max(p.Exposure, 1)})
	}
	slices.SortFunc(row, func(a, b value) int { return a.column - b.column })
	return row
}

// Presence is the payer's vector of the presence round.
func (l Layout) Presence(people []Person) []int64 {
	out := make([]int64, len(l.names))
	last := make([]int, len(l.names)) // the person who counted last
	for _, p := range people {
		for _, v := range l.row(p) {
			if p.Who != 0 && last[v.column] == p.Who {
				continue
			}
			last[v.column] = p.Who
			out[v.column]++
		}
	}
	for i, n := range out {
		out[i] = 0
		if n >= l.spec.MinPeople {
			out[i] = 1
		}
	}
	return out
}

// Merge takes the sum of the presence round and merges columns too few payers have. Every member makes the same of it. When changed is true the round is
// held again with the new layout.
func (l Layout) Merge(sum []int64) (merged Layout, changed bool, err error) {
	if len(sum) != len(l.names) {
		return l, false, fmt.Errorf("risk: presence of %d columns, want %d", len(sum), len(l.names))
	}
	s, cells := l.spec, 2*len(l.spec.Bands)
	target := make([]string, len(l.column)) // the new column of each base column, by name
	level := map[string]int{}               // of a new column
	for sex := range 2 {
		changed = l.mergeCells(sex, sum, target) || changed
	}
	for b := cells; b < len(l.column); b++ {
		c := l.column[b]
		if c < 0 {
			continue
		}
		target[b] = l.names[c]
		if sum[c] < s.MinPayers {
			changed = true
			target[b] = [...]string{"other " + s.Categories[b-cells].Chapter, "other", ""}[l.level[c]]
			level[target[b]] = l.level[c] + 1
		} else {
			level[target[b]] = max(level[target[b]], l.level[c])
		}
	}
	if !changed {
		return l, false, nil
	}
	merged = Layout{spec: s, column: make([]int, len(l.column))}
	index := map[string]int{}
	for b, name := range target {
		if name == "" {
			merged.column[b] = -1
			continue
		}
		i, ok := index[name]
		if !ok {
			i = len(merged.names)
			index[name], merged.names, merged.level = i, append(merged.names, name), append(merged.level, level[name])
		}
		merged.column[b] = i
	}
	if len(merged.names) == 0 {
		return l, false, errors.New("risk: no column has enough people: there is no model")
	}
	return merged, true, nil
}

// mergeCells joins each rare cell of a sex with the next one, the last with the one before. Cells get fewer with every change, so it ends; one that is
// alone and rare is left out.
func (l Layout) mergeCells(sex int, sum []int64, target []string) (changed bool) {
	n := len(l.spec.Bands)
	var ends []int // last band of each new cell, in order
	rare := false  // the cell that is open waits for the next
	for i := 0; i < n; i++ {
		c := l.column[sex*n+i]
		if c < 0 {
			return false // left out before, as a whole
		}
		if i+1 < n && l.column[sex*n+i+1] == c {
			continue
		}
		if !rare && sum[c] < l.spec.MinPayers {
			rare, changed = true, true
			continue
		}
		rare = false
		ends = append(ends, i)
	}
	if rare {
		if len(ends) == 0 {
			return true // no name: left out
		}
		ends[len(ends)-1] = n - 1
	}
	lo := 0
	for _, hi := range ends {
		for i := lo; i <= hi; i++ {
			target[sex*n+i] = l.spec.cellName(sex, lo, hi)
		}
		lo = hi + 1
	}
	return changed
}

// Length of the equations' vector.
func (l Layout) Length() int { k := len(l.names); return 3 + k*(k+1)/2 + k }

// upper is where XᵀX of columns i ≤ j stands.
func upper(k, i, j int) int { return 3 + i*k - i*(i-1)/2 + j - i }

// Equations is the payer's vector of the equations round: people, Σy, Σy², XᵀX, Xᵀy.
func (l Layout) Equations(people []Person) ([]int64, error) {
	k := len(l.names)
	out := make([]int64, l.Length())
	for i, p := range people {
		if p.Outcome < 0 || p.Age < 0 || p.Exposure < 0 || p.Exposure > max(l.spec.Exposure, 1) {
			return nil, fmt.Errorf("risk: observation %d: age, outcome and exposure are not negative, nor the exposure more than the definition says", i)
		}
		y := min(p.Outcome, l.spec.OutcomeCap)
		out[0]++
		out[1] += y
		out[2] += y * y
		row := l.row(p)
		for n, a := range row {
			for _, b := range row[n:] {
				out[upper(k, a.column, b.column)] += a.v * b.v
			}
			out[3+k*(k+1)/2+a.column] += a.v * y
		}
	}
	return out, nil
}
