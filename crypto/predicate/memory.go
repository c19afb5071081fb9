package predicate

import (
	"fmt"
	"runtime"
)

// Memory is how a member's part of a run keeps within a budget: so many ciphertexts are worked on at a time, and
// what waits for its turn waits in memory up to a bound, beyond it on disk. It depends on the plan and the budget
// of this member alone; results do not depend on it. All sizes are bytes.
type Memory struct {
	Budget  int64 // 0: none
	Keys    int64 // evaluation keys, and what they are added up in; the same for any number of payers
	Fixed   int64 // tables of the transforms, key share, the plan itself, the runtime
	Worker  int64 // one goroutine at work: its buffers and the ciphertexts of one segment
	Workers int   // goroutines at a time
	Waiting int64 // room in memory for what waits
	Most    int64 // the most that ever waits, in memory and on disk
}

// What a member needs beside keys and what waits, in bytes; all but the first two at ring degree 2^15. Fitted to the
// largest live heap of runs of 3 to 15 payers: 152 to 170 MB a goroutine, and 30 to 46 MB beside everything else.
const (
	runtimeBytes = 48 << 20 // program, stacks, buffers of files and streams
	cellBytes    = 700      // the plan's and the payer's own, for a cell
	tableBytes   = 48 << 20 // transforms at both scales, the encoder of masks, the key share
	workerBytes  = 170 << 20
	slack        = 8 // one part in slack of a budget is left to the collector
)

// Memory divides a budget between as many goroutines as there are cores, or fewer, and what waits. It refuses one
// that does not hold a single goroutine at work, and says what would.
func (p *Plan) Memory(budget int64, cores int) (Memory, error) {
	m := p.needs()
	m.Budget = budget
	if least := m.Least(); budget < least {
		return m, fmt.Errorf("a memory budget of %s is too small for this run of %d cells and %d payers with parameter set %s: at least %s are needed",
			mebi(budget), len(p.cells), p.payers, p.set.Name, mebi(least))
	}
	usable := budget - budget/slack - m.Keys - m.Fixed
	m.Workers = int(min(int64(max(cores, 1)), usable/m.Worker))
	m.Waiting = min(m.Most, usable-int64(m.Workers)*m.Worker)
	return m, nil
}

// Least is the smallest budget that does.
func (m Memory) Least() int64 {
	least := (m.Keys + m.Fixed + m.Worker) * slack / (slack - 1)
	return (least + 1<<20) >> 20 << 20
}

// Live is the most that is in use at a time.
func (m Memory) Live() int64 { return m.Keys + m.Fixed + int64(m.Workers)*m.Worker + m.Waiting }

// Peak is the most that the member takes: the collector lets the heap double, but not beyond what a process with
// this budget is held to.
func (m Memory) Peak() int64 {
	if m.Budget > 0 {
		return min(2*m.Live(), m.Budget-m.Budget/16)
	}
	return 2 * m.Live()
}

func mebi(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }

// unbounded is Memory without a budget.
func (p *Plan) unbounded() Memory {
	m := p.needs()
	m.Workers, m.Waiting = min(runtime.GOMAXPROCS(0), p.Ciphertexts()), m.Most
	return m
}

// needs is Memory before a budget is divided.
func (p *Plan) needs() Memory {
	t := p.tally()
	vectors := func(n int64) int64 { return n << (p.set.LogN + 3) } // residue vectors
	scaled := func(n int64) int64 { return n >> max(0, 15-p.set.LogN) }
	return Memory{
		Keys:   vectors(t.keyRows()),
		Fixed:  runtimeBytes + scaled(tableBytes) + int64(len(p.cells))*cellBytes,
		Worker: scaled(workerBytes),
		Most:   vectors(p.waiting(t)),
	}
}

// waiting is the largest number of residue vectors that wait: the first halves of all inputs, or at a refresh the
// ciphertexts and the two aggregates of each, and in a search what its columns keep.
func (p *Plan) waiting(t *tally) int64 {
	most := int64(t.inputs) * int64(p.set.MaxLevel()+1)
	for _, s := range p.Stages() {
		level := p.set.RefreshLevel(p.payers, s.High)
		most = max(most, int64(s.Refreshes)*int64(3*(level+1)+p.set.TopLevel()+1))
	}
	find := p.search
	if p.parts != nil && p.parts.rates != nil {
		find = p.parts.rates.search
	}
	if find != nil { // gains, moves, a test and bits
		low, high := p.set.RefreshLevel(p.payers, false), p.set.RefreshLevel(p.payers, true)
		most += int64(find.columns*(find.passes+1)) * int64(4*(low+2)+2*(high+1))
	}
	return most
}

// keyRows are the residue vectors of the evaluation keys.
func (t *tally) keyRows() int64 {
	digits := func(level int) int64 { return int64(level+len(t.set.P)) / int64(len(t.set.P)) }
	top := t.set.TopLevel()
	rows := 2 * digits(top) * int64(top+1+len(t.set.P))
	for _, r := range t.rotations {
		rows += 2 * digits(r.Level) * int64(r.Level+1+len(t.set.P))
	}
	return rows
}
