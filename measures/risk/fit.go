package risk

import (
	"errors"
	"fmt"
	"math/big"
)

// precision of the fit in bits.
const precision = 192

// Unit of a coefficient: 10⁻¹² of the outcome's.
const Unit = 1_000_000_000_000

// Fit is the model. All members have the same one.
type Fit struct {
	Columns      []string
	Coefficients []int64 // in Unit
	People       int64
	RSquared     int64 // in 10⁻⁹; on the people it was fitted to
	Freedom      int64 // effective degrees of freedom of the model, tr((XᵀX+λI)⁻¹XᵀX), in 10⁻⁹
	Residual     int64 // People less Freedom, in 10⁻⁹
}

func number(v int64) *big.Float { return new(big.Float).SetPrec(precision).SetInt64(v) }

func zero() *big.Float { return new(big.Float).SetPrec(precision) }

// fixed rounds x·unit to the nearest integer, halves away from zero.
func fixed(x *big.Float, unit int64) (int64, error) {
	t := zero().Mul(x, number(unit))
	half := big.NewFloat(0.5)
	if t.Sign() < 0 {
		half.Neg(half)
	}
	n, _ := t.Add(t, half).Int(nil)
	if !n.IsInt64() {
		return 0, errors.New("risk: a coefficient leaves 63 bits")
	}
	return n.Int64(), nil
}

// Solve fits the model to the sum of the equations' vectors.
func (l Layout) Solve(sum []int64) (*Fit, error) {
	k := len(l.names)
	if len(sum) != l.Length() {
		return nil, fmt.Errorf("risk: a sum of %d elements, want %d", len(sum), l.Length())
	}
	if sum[0] < 2 {
		return nil, errors.New("risk: fewer than two people")
	}
	xty := sum[3+k*(k+1)/2:]
	a := func(i, j int) int64 { return sum[upper(k, min(i, j), max(i, j))] }
	// XᵀX + λI = L·D·Lᵀ, row by row.
	low, d := make([][]*big.Float, k), make([]*big.Float, k)
	scaled := make([]*big.Float, k) // L[i][j]·D[j] of the row at hand
	t := zero()
	for i := range k {
		low[i] = make([]*big.Float, i)
		for j := range i {
			v := number(a(i, j))
			for m := range j {
				v.Sub(v, t.Mul(scaled[m], low[j][m]))
			}
			scaled[j] = v
			low[i][j] = zero().Quo(v, d[j])
		}
		d[i] = number(a(i, i))
		d[i].Add(d[i], number(l.spec.Lambda))
		for m := range i {
			d[i].Sub(d[i], t.Mul(scaled[m], low[i][m]))
		}
		if d[i].Sign() <= 0 {
			return nil, fmt.Errorf("risk: the equations of column %s are not those of people", l.names[i])
		}
	}
	beta := make([]*big.Float, k)
	for i := range k {
		beta[i] = number(xty[i])
		for j := range i {
			beta[i].Sub(beta[i], t.Mul(low[i][j], beta[j]))
		}
	}
	for i := range k {
		beta[i].Quo(beta[i], d[i])
	}
	for i := k - 1; i >= 0; i-- {
		for j := i + 1; j < k; j++ {
			beta[i].Sub(beta[i], t.Mul(low[j][i], beta[j]))
		}
	}
	f := &Fit{Columns: l.Columns(), People: sum[0]}
	for _, b := range beta {
		c, err := fixed(b, Unit)
		if err != nil {
			return nil, err
		}
		f.Coefficients = append(f.Coefficients, c)
	}
	return f, f.judge(l, sum, beta, low, d)
}

// judge fills R² and the degrees of freedom.
func (f *Fit) judge(l Layout, sum []int64, beta []*big.Float, low [][]*big.Float, d []*big.Float) (err error) {
	k, t := len(beta), zero()
	// Σ(y − ŷ)² = Σy² − 2βᵀXᵀy + βᵀXᵀXβ, and (XᵀX)β = Xᵀy − λβ: the last two are −βᵀXᵀy − λβᵀβ.
	rest, lambda := number(sum[2]), number(l.spec.Lambda)
	for i, b := range beta {
		rest.Sub(rest, t.Mul(b, number(sum[3+k*(k+1)/2+i])))
		rest.Sub(rest, t.Mul(t.Mul(b, b), lambda))
	}
	mean := zero().Quo(t.Mul(number(sum[1]), number(sum[1])), number(sum[0]))
	total := zero().Sub(number(sum[2]), mean)
	if total.Sign() > 0 {
		if f.RSquared, err = fixed(zero().Sub(number(1), zero().Quo(rest, total)), 1_000_000_000); err != nil {
			return err
		}
	}
	// tr(A⁻¹(A − λI)) = k − λ·tr(A⁻¹), tr(A⁻¹) = Σ over the columns of L⁻¹ of squares / D.
	trace := zero()
	column := make([]*big.Float, k)
	for c := range k {
		column[c] = number(1)
		trace.Add(trace, zero().Quo(number(1), d[c]))
		for i := c + 1; i < k; i++ {
			v := zero()
			for j := c; j < i; j++ {
				v.Sub(v, t.Mul(low[i][j], column[j]))
			}
			column[i] = v
			trace.Add(trace, t.Quo(t.Mul(v, v), d[i]))
		}
	}
	if f.Freedom, err = fixed(zero().Sub(number(int64(k)), zero().Mul(lambda, trace)), 1_000_000_000); err != nil {
		return err
	}
	f.Residual, err = fixed(zero().Sub(number(f.People), zero().Quo(number(f.Freedom), number(1_000_000_000))), 1_000_000_000)
	return err
}

// Expected is the person's expected outcome in 10⁻⁶ of the outcome's unit, rounded down; from 0 to OutcomeCap.
func (l Layout) Expected(f *Fit, p Person) int64 {
	total := new(big.Int)
	for _, v := range l.row(p) {
		total.Add(total, new(big.Int).Mul(big.NewInt(f.Coefficients[v.column]), big.NewInt(v.v)))
	}
	if total.Sign() <= 0 {
		return 0
	}
	most := new(big.Int).Mul(big.NewInt(l.spec.OutcomeCap), big.NewInt(1_000_000))
	if total.Div(total, big.NewInt(Unit/1_000_000)).Cmp(most) > 0 {
		return most.Int64()
	}
	return total.Int64()
}

// Limit holds the coefficients to at most change (in thousandths of the old one, at least floor in Unit) away from an earlier fit, column by column of
// the same name. A column that is new is not held.
func (f *Fit) Limit(old *Fit, change, floor int64) {
	before := map[string]int64{}
	for i, n := range old.Columns {
		before[n] = old.Coefficients[i]
	}
	for i, n := range f.Columns {
		o, ok := before[n]
		if !ok {
			continue
		}
		w := new(big.Int).Mul(big.NewInt(max(o, -o)), big.NewInt(change))
		width := max(w.Div(w, big.NewInt(1000)).Int64(), floor)
		f.Coefficients[i] = min(max(f.Coefficients[i], o-width), o+width)
	}
}
