package predicate

import (
	"fmt"
	"math"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// A Plan is the release circuit of one run: parameter set, slot layout, level schedule. It is immutable and
// safe for concurrent use. Members that build it from equal arguments hold equal plans (Hash).
type Plan struct {
	set    mhe.Set
	payers int
	cells  []Cell
	blocks []*block // one per distinct shape of cell
	first  []int    // block → its first cell
	shape  []int    // cell → block
	levels schedule
	search *search  // nil: all thresholds of a cell at once
	names  []string // of the parameter sets to choose from, the cheaper one first
	parts  *parts   // of a run with benchmarks: all that is computed; nil otherwise
}

// NewPlan compiles cells for a number of payers, in cell order, and picks the cheapest strategy (see doc.go) and
// the smallest parameter set whose precision carries its forms: "standard", else "wide" (toy: "toy", else
// "toy-wide", which are INSECURE).
// It refuses a cell that fits neither, with the form, the bits it needs and what to change.
func NewPlan(cells []Cell, payers int, toy bool) (*Plan, error) {
	return newPlan(Cheapest, cells, payers, setNames(toy))
}

// NewPlanAs is NewPlan held to one strategy, which is what measurements and comparisons need. It refuses a search
// that does not exist for the cells.
func NewPlanAs(by Strategy, cells []Cell, payers int, toy bool) (*Plan, error) {
	return newPlan(by, cells, payers, setNames(toy))
}

// NewPlanIn is NewPlan held to one parameter set.
func NewPlanIn(set string, cells []Cell, payers int) (*Plan, error) {
	return newPlan(Cheapest, cells, payers, []string{set})
}

// newPlan is NewPlanAs for the parameter sets named.
func newPlan(by Strategy, cells []Cell, payers int, names []string) (*Plan, error) {
	p, worst, err := compilePlan(cells, payers, names)
	if err != nil {
		return nil, err
	}
	if p.set, err = p.pickSet(worst); err != nil {
		return nil, err
	}
	sign, err := signOf(p.set.Alpha)
	if err != nil {
		return nil, err
	}
	p.levels, err = newSchedule(p.set, payers, sign.depths())
	if err != nil {
		return nil, fmt.Errorf("parameter set %s: %w", p.set.Name, err)
	}
	if err := p.take(by); err != nil {
		return nil, err
	}
	return p, nil
}

// compilePlan compiles the cells, without a parameter set. worst is the cell that needs the most precision.
func compilePlan(cells []Cell, payers int, names []string) (p *Plan, worst int, err error) {
	if payers < mhe.MinPayers || payers > mhe.MaxPayers {
		return nil, 0, fmt.Errorf("plan for %d payers: the circuit takes %d to %d", payers, mhe.MinPayers, mhe.MaxPayers)
	}
	if len(cells) == 0 {
		return nil, 0, fmt.Errorf("plan without a cell: name at least one measure and practice")
	}
	p = &Plan{payers: payers, cells: copyCells(cells), shape: make([]int, len(cells)), names: names}
	known, shapes := make(map[string]bool, len(cells)), map[string]int{}
	for i := range p.cells {
		c := &p.cells[i]
		if c.Name == "" || len(c.Name) > maxName || known[c.Name] {
			return nil, 0, fmt.Errorf("cell %d: its name must have 1 to %d bytes and occur once", i, maxName)
		}
		known[c.Name] = true
		key := string(c.appendShape(nil))
		at, ok := shapes[key]
		if !ok {
			if err := c.validate(payers); err != nil {
				return nil, 0, fmt.Errorf("cell %q: %w", c.Name, err)
			}
			b, err := c.compile(payers)
			if err != nil {
				return nil, 0, fmt.Errorf("cell %q: %w", c.Name, err)
			}
			at = len(p.blocks)
			shapes[key] = at
			p.blocks, p.first = append(p.blocks, b), append(p.first, i)
		}
		p.shape[i] = at
		if p.blocks[at].widest > p.block(worst).widest {
			worst = i
		}
	}
	return p, worst, nil
}

// pickSet returns the first set that carries the widest form.
func (p *Plan) pickSet(worst int) (mhe.Set, error) {
	b, c := p.block(worst), &p.cells[worst]
	most := 0
	for _, name := range p.names {
		set, err := mhe.Lookup(name)
		if err != nil {
			return mhe.Set{}, err
		}
		if b.widest <= 1<<set.Alpha {
			return set, nil
		}
		most = max(most, set.Alpha)
	}
	need := bitsOf(b.widest)
	return mhe.Set{}, fmt.Errorf("cell %q: %s, %s, needs %.2f bits with caps num %d, den %d for each of %d payers; the widest parameter set has %d: "+
		"lower the caps %.1f-fold, count in coarser units, or narrow the range of released values",
		c.Name, b.widestRule, b.widestForm, need, c.CapNum, c.CapDen, p.payers, most, math.Exp2(need-float64(most)))
}

// setNames are the parameter sets to choose from, the cheaper one first.
func setNames(toy bool) []string {
	if toy {
		return []string{"toy", "toy-wide"}
	}
	return []string{"standard", "wide"}
}

// setsUpTo are the sets up to one of them, in that order.
func (p *Plan) setsUpTo(last string) (sets []mhe.Set, err error) {
	for _, name := range p.names {
		set, err := mhe.Lookup(name)
		if err != nil {
			return nil, err
		}
		if sets = append(sets, set); name == last {
			break
		}
	}
	return sets, nil
}

func bitsOf(span int64) float64 { return math.Log2(float64(span)) }

func copyCells(cells []Cell) []Cell {
	out := make([]Cell, len(cells))
	for i, c := range cells {
		rules := make([]Rule, len(c.Rules))
		for j, r := range c.Rules {
			r.AnyOf = append([]Form(nil), r.AnyOf...)
			rules[j] = r
		}
		c.Rules = rules
		out[i] = c
	}
	return out
}

func (p *Plan) block(cell int) *block { return p.blocks[p.shape[cell]] }

// crowded says of which cell the direct layout has no place for the rules; nil: of none.
func (p *Plan) crowded() error {
	for i, b := range p.blocks {
		if b.crowded != nil {
			return fmt.Errorf("cell %q: %w", p.cells[p.first[i]].Name, b.crowded)
		}
	}
	return nil
}

// Set is the parameter set of the run.
func (p *Plan) Set() mhe.Set { return p.set }

// Payers is the number of payers, which is the number of key shares.
func (p *Plan) Payers() int { return p.payers }

// Cells returns a copy of the cells, in order.
func (p *Plan) Cells() []Cell { return copyCells(p.cells) }

// cellsPerCiphertext is 256 at ring degree 2^15.
func (p *Plan) cellsPerCiphertext() int { return p.set.Slots() / BlockSlots }

// Ciphertexts is the number of input ciphertexts of each payer.
func (p *Plan) Ciphertexts() int {
	if p.parts != nil {
		return p.parts.ciphertexts()
	}
	if p.search != nil {
		return p.search.columns * p.search.inputs()
	}
	return p.blockCiphertexts()
}

// Results is the number of result ciphertexts.
func (p *Plan) Results() int {
	if p.parts != nil {
		return p.parts.results()
	}
	if p.search != nil {
		return p.search.columns
	}
	return p.blockCiphertexts()
}

// blockCiphertexts is the number of ciphertexts of the direct layout.
func (p *Plan) blockCiphertexts() int {
	return (len(p.cells) + p.cellsPerCiphertext() - 1) / p.cellsPerCiphertext()
}

// cellsOf is the half-open range of cells in one ciphertext.
func (p *Plan) cellsOf(ciphertext int) (from, to int) {
	n := p.cellsPerCiphertext()
	return ciphertext * n, min((ciphertext+1)*n, len(p.cells))
}
