package risk

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// population draws people whose outcome really depends on what the model sees.
func population(r *rand.Rand, s Spec, n int) []Person {
	people := make([]Person, n)
	for i := range people {
		p := Person{Age: r.IntN(100), Female: r.IntN(2) == 0}
		y := 500 + 40*float64(p.Age)
		for d := range r.IntN(5) {
			c := r.IntN(len(s.Categories))
			p.Diagnoses = append(p.Diagnoses, Diagnosis{s.Categories[c].From + ".9", d})
			y += 300 * float64(c%7)
		}
		p.Outcome = int64(y * r.ExpFloat64())
		people[i] = p
	}
	return people
}

func small() Spec {
	s := Default()
	s.Bands, s.Categories = []int{0, 18, 65}, s.Categories[:6]
	return s
}

// fitted goes through presence and equations with payers' populations, adding modulo 2^64 as secure aggregation does.
func fitted(t *testing.T, s Spec, payers [][]Person) (Layout, *Fit) {
	t.Helper()
	l, err := NewLayout(s)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		sum := make([]int64, len(l.names))
		for _, people := range payers {
			add(sum, l.Presence(people))
		}
		next, changed, err := l.Merge(sum)
		if err != nil {
			t.Fatal(err)
		}
		if l = next; changed {
			continue
		}
		sum = make([]int64, l.Length())
		for _, people := range payers {
			v, err := l.Equations(people)
			if err != nil {
				t.Fatal(err)
			}
			add(sum, v)
		}
		f, err := l.Solve(sum)
		if err != nil {
			t.Fatal(err)
		}
		return l, f
	}
	t.Fatal("columns are merged for ever")
	return l, nil
}

func add(sum, v []int64) {
	for i := range sum {
		sum[i] += v[i]
	}
}

// exact solves the ridge equations of the pooled people in rationals, from rows it builds itself.
func exact(l Layout, people []Person) (beta []*big.Rat, r2 float64) {
	k := len(l.names)
	m := make([][]*big.Rat, k)
	for i := range m {
		m[i] = make([]*big.Rat, k+1)
		for j := range m[i] {
			m[i][j] = new(big.Rat)
		}
		m[i][i].SetInt64(l.spec.Lambda)
	}
	for _, p := range people {
		x := make([]int64, k+1)
		for _, v := range l.row(p) {
			x[v.column] = v.v
		}
		x[k] = min(p.Outcome, l.spec.OutcomeCap)
		for i := range k {
			for j := range k + 1 {
				m[i][j].Add(m[i][j], new(big.Rat).SetInt64(x[i]*x[j]))
			}
		}
	}
	for c := range k { // Gauss-Jordan
		inv := new(big.Rat).Inv(m[c][c])
		for j := range m[c] {
			m[c][j].Mul(m[c][j], inv)
		}
		for i := range k {
			if f := new(big.Rat).Set(m[i][c]); i != c && f.Sign() != 0 {
				for j := range m[i] {
					m[i][j].Sub(m[i][j], new(big.Rat).Mul(f, m[c][j]))
				}
			}
		}
	}
	var sse, sum, squares float64
	for i := range k {
		beta = append(beta, m[i][k])
	}
	for _, p := range people {
		y, e := float64(min(p.Outcome, l.spec.OutcomeCap)), 0.0
		for _, v := range l.row(p) {
			b, _ := beta[v.column].Float64()
			e += b * float64(v.v)
		}
		sse, sum, squares = sse+(y-e)*(y-e), sum+y, squares+y*y
	}
	return beta, 1 - sse/(squares-sum*sum/float64(len(people)))
}

// TestPooled: the fit from sums over payers is the ridge fit of the pooled people, to 1e-9 relative; R² is that of the residuals, person by person.
func TestPooled(t *testing.T) {
	s := small()
	r := rand.New(rand.NewPCG(1, 2))
	payers := [][]Person{population(r, s, 700), population(r, s, 1500), population(r, s, 400), population(r, s, 900)}
	l, f := fitted(t, s, payers)
	beta, r2 := exact(l, slices.Concat(payers...))
	for i, b := range beta {
		want, _ := b.Float64()
		if got := float64(f.Coefficients[i]) / Unit; math.Abs(got-want) > 1e-9*math.Abs(want) {
			t.Errorf("%s: %.15g, pooled %.15g", f.Columns[i], got, want)
		}
	}
	if got := float64(f.RSquared) / 1e9; math.Abs(got-r2) > 2e-9 || got <= 0.05 {
		t.Errorf("R² %.12f, pooled %.12f", got, r2)
	}
	if k := float64(len(beta)); float64(f.Freedom)/1e9 >= k || float64(f.Freedom)/1e9 < k-1 || f.People != 3500 || f.Residual != 3500e9-f.Freedom {
		t.Errorf("%d people, %g of %g degrees of freedom", f.People, float64(f.Freedom)/1e9, k)
	}
}

// TestRare: a category of too few, a band of too few, a whole sex of too few: none has a column of its own, and the people stay in the sums.
func TestRare(t *testing.T) {
	s := small()
	r := rand.New(rand.NewPCG(3, 4))
	var payers [][]Person
	for range 3 {
		people := slices.DeleteFunc(population(r, s, 900), func(p Person) bool { return p.Age >= 65 && p.Female })
		for i := range people {
			people[i].Diagnoses = slices.DeleteFunc(people[i].Diagnoses, func(d Diagnosis) bool { return d.Code == "B20.9" })
		}
		people[0].Diagnoses = append(people[0].Diagnoses, Diagnosis{"B20", 1})
		payers = append(payers, append(people, Person{Age: 70, Female: true, Outcome: 100}))
	}
	l, _ := fitted(t, s, payers)
	names := strings.Join(l.names, " ")
	for _, gone := range []string{"hiv", "F65+", "other"} {
		if slices.Contains(l.names, gone) {
			t.Errorf("%s has a column: %s", gone, names)
		}
	}
	for _, want := range []string{"F18+", "M65+", "hepatitis"} {
		if !slices.Contains(l.names, want) {
			t.Errorf("%s has none: %s", want, names)
		}
	}
	// Nobody has enough people: every column is rare, until nothing is left.
	m, _ := NewLayout(s)
	for i := 0; ; i++ {
		next, changed, err := m.Merge(make([]int64, len(m.names)))
		if err != nil {
			break
		}
		if m = next; !changed || i > 20 {
			t.Fatalf("a model of columns nobody is in: %v", m.names)
		}
	}
}

func TestCalibration(t *testing.T) {
	s := small()
	r := rand.New(rand.NewPCG(5, 6))
	payers := [][]Person{population(r, s, 3000), population(r, s, 3000), population(r, s, 3000)}
	l, f := fitted(t, s, payers)
	bins, sum := make([]int64, Bins), make([]int64, 30)
	for _, p := range payers {
		v := l.BinVector(f, p)
		for _, n := range v {
			if n%11 != 0 {
				t.Fatal("a small number of people in a bin")
			}
		}
		add(bins, v)
	}
	cuts, err := Cuts(bins)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range payers {
		add(sum, l.DecileVector(f, cuts, p))
	}
	tenths, err := l.ReadDeciles(sum)
	if err != nil || len(tenths) < 5 {
		t.Fatal(tenths, err)
	}
	var people int64
	for i, d := range tenths {
		people += d.People
		if i > 0 && float64(d.Expected)/float64(d.People) <= float64(tenths[i-1].Expected)/float64(tenths[i-1].People) {
			t.Errorf("tenth %d expects no more than the one before", i)
		}
		if ratio := 1000 * float64(d.Outcome) / float64(d.Expected); ratio < 0.7 || ratio > 1.4 {
			t.Errorf("tenth %d: observed %.2f of expected", i, ratio)
		}
	}
	if people != 9000 {
		t.Errorf("%d people", people)
	}
}

func TestLimit(t *testing.T) {
	old := &Fit{Columns: []string{"a", "b", "gone"}, Coefficients: []int64{1000, -1000, 5}}
	f := &Fit{Columns: []string{"b", "a", "new"}, Coefficients: []int64{-2000, 1050, 7}}
	f.Limit(old, 100, 10)
	if !slices.Equal(f.Coefficients, []int64{-1100, 1050, 7}) {
		t.Error(f.Coefficients)
	}
}

func TestBound(t *testing.T) {
	s := Default()
	if b, err := s.Bound(2_000_000, 15); err != nil || b == 0 {
		t.Error(b, err)
	}
	if _, err := s.Bound(100_000_000, 15); err == nil {
		t.Error("a sum that can wrap")
	}
	for _, c := range Categories() {
		if err := s.Check(); err != nil {
			t.Fatal(c, err)
		}
	}
}

func TestDays(t *testing.T) {
	s := Default()
	cell, days := s.base(Person{Age: 67, Diagnoses: []Diagnosis{{"e11.9", 1}, {"E119", 1}, {"E13", 2}, {"I10", 2}, {"E10", 3}, {"E10", 4}, {"x", 1}, {"S72.0", 1}}})
	at := func(id string) int64 {
		return days[slices.IndexFunc(s.Categories, func(c Category) bool { return c.ID == id })]
	}
	if cell != len(s.Bands)+9 || at("diabetes") != 3 || at("hypertension") != 1 || len(days) != 2 {
		t.Error(cell, days)
	}
}
