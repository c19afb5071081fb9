package predicate

import (
	"fmt"
	"math"
)

// The block of a cell: BlockSlots consecutive slots of a ciphertext. See doc.go, "Layout".
const (
	// BlockSlots is the number of slots of one cell.
	BlockSlots = 128
	// windowSlots is the number of gate bits whose product is taken by the rotations 8, 4, 2, 1.
	windowSlots = 16
	// windowStart is where they begin; rotating their product by windowStart puts it at homeSlot.
	windowStart = 1
	// homeSlot carries the gate product in the last stage, and the cell's result in the end.
	homeSlot = 0
	// farPair, nearPair and nearPair+pairStep are the slots of the late factors: each is the sum of the bits
	// at its slot and the next. All three distances are rotations that the sum over the block needs anyway.
	farPair, nearPair, pairStep = 64, 32, 8
)

// pairs lists the first slot of each late factor.
var pairs = [...]int{farPair, nearPair, nearPair + pairStep}

// guards are the slots that stay constant false so that no run of windowSlots bits other than the window
// itself can be all true: the gate product then vanishes at every slot but its own, and may be added to the
// bits. The two bits of a late factor exclude each other, so they guard as well. Derived, not listed: see
// placeGuards.
var guards, thresholdSlots = placeGuards()

// MaxThresholds is the number of thresholds (Hi − Lo) one cell can have.
var MaxThresholds = len(thresholdSlots)

// placeGuards walks over the block and puts a guard as far on as it still protects the first unprotected
// position, which is the smallest number of guards for the given pairs.
func placeGuards() (guard, free []int) {
	const (
		open = iota
		taken
		pair
		falseBit
	)
	var use [BlockSlots]int
	use[homeSlot] = falseBit
	for i := range windowSlots {
		use[windowStart+i] = taken
	}
	for _, p := range pairs {
		use[p], use[p+1] = pair, taken
	}
	vanishes := func(start int) bool {
		for i := range windowSlots {
			at := (start + i) % BlockSlots
			if use[at] == falseBit || use[at] == pair && i+1 < windowSlots {
				return true
			}
		}
		return false
	}
	for start := range BlockSlots {
		if start == windowStart || vanishes(start) {
			continue
		}
		at := min(start+windowSlots, BlockSlots) - 1
		for use[at] != open {
			at--
			if at < start {
				panic(fmt.Sprintf("predicate: no room for a guard from slot %d", start)) // a layout constant was changed badly
			}
		}
		use[at] = falseBit
	}
	for at, u := range use {
		switch {
		case u == falseBit:
			guard = append(guard, at)
		case u == open:
			free = append(free, at)
		}
	}
	return guard, free
}

// constantBits is what the bits of a block add up to when every gate holds, thresholds left out: the gate
// product at homeSlot, the window, and one bit of every late factor.
const constantBits = 1 + windowSlots + len(pairs)

// slotForm is what one slot of a block carries. Of a constant slot only truth is used.
type slotForm struct {
	form     Form
	owner    int   // the payer whose numbers enter with Own and OwnNum; −1 if none
	span     int64 // the slot carries (2F+1)/span
	constant bool
	truth    bool
}

// block is a compiled cell.
type block struct {
	slots      [BlockSlots]slotForm
	thresholds int64 // their number
	widest     int64 // the largest span, and where it comes from
	widestRule string
	widestForm Form
	crowded    error // more rules than a block has places for: only a search takes the cell
}

// marginBits keeps every slot 2^−marginBits away from ±1: outside [−1, 1] the sign polynomials turn within
// 2^−alpha, so that even the noise of the encryption must never carry a slot over the end.
const marginBits = 9

// emptyBlock is a block without a cell: everything false, so that its result is 0.
func emptyBlock() *block {
	b := &block{}
	for i := range b.slots {
		b.slots[i] = slotForm{owner: -1, constant: true}
	}
	return b
}

// placed is one form with its owner, before it has a slot.
type placed struct {
	form  Form
	owner int
	rule  string
}

// compile assigns the cell's forms to slots. Single-form rules fill the window; what does not fit there
// takes a late factor whose second bit is false. Unused gates are constant true, unused thresholds false.
func (c *Cell) compile(payers int) (*block, error) {
	var single []placed
	var double [][2]Form
	var doubleName []string
	for _, r := range c.Rules {
		switch {
		case r.PerPayer:
			for i := range payers {
				single = append(single, placed{r.AnyOf[0], i, r.Name})
			}
		case len(r.AnyOf) == 2:
			double = append(double, [2]Form{r.AnyOf[0], r.AnyOf[1]})
			doubleName = append(doubleName, r.Name)
		default:
			single = append(single, placed{r.AnyOf[0], -1, r.Name})
		}
	}
	if c.Hi-c.Lo > int64(MaxThresholds) {
		return nil, fmt.Errorf("its range %d to %d has %d steps, a block has room for %d: coarsen the step or narrow the range", c.Lo, c.Hi, c.Hi-c.Lo, MaxThresholds)
	}
	levels, err := c.thresholds()
	if err != nil {
		return nil, err
	}
	b := emptyBlock()
	measure := func(p placed) int64 {
		span := int64(math.MaxInt64) // beyond any set; NewPlan refuses it
		if s := c.spread(p.form, payers); s.BitLen() < 62 {
			span = withMargin(s.Int64())
		}
		if span > b.widest {
			b.widest, b.widestRule, b.widestForm = span, p.rule, p.form
		}
		return span
	}
	put := func(at int, p placed) {
		b.slots[at] = slotForm{form: p.form, owner: p.owner, span: measure(p)}
	}
	b.thresholds = int64(len(levels))
	if late := len(double) + max(0, len(single)-windowSlots); late > len(pairs) {
		b.crowded = fmt.Errorf("its rules need %d single tests and %d two-sided ones for %d payers; a block has %d gates and %d late factors: drop a rule or run with fewer payers",
			len(single), len(double), payers, windowSlots, len(pairs))
		for _, p := range single {
			measure(p)
		}
		for _, f := range levels { // what a search asks first is no wider
			measure(placed{f, -1, "threshold"})
		}
		return b, nil
	}
	for i := range windowSlots {
		at := windowStart + i
		if i < len(single) {
			put(at, single[i])
		} else {
			b.slots[at].truth = true
		}
	}
	for i, at := range pairs {
		switch extra := windowSlots + i - len(double); {
		case i < len(double):
			put(at, placed{double[i][0], -1, doubleName[i]})
			put(at+1, placed{double[i][1], -1, doubleName[i]})
		case extra < len(single):
			put(at, single[extra])
		default:
			b.slots[at].truth = true
		}
	}
	for i, f := range levels {
		put(thresholdSlots[i], placed{f, -1, fmt.Sprintf("threshold %d", c.Lo+1+int64(i))})
	}
	return b, nil
}
