package predicate

import "fmt"

// Memory is how a member's part of a run keeps within a budget: so many ciphertexts are worked on at a time, and
// what waits for its turn waits in memory up to a bound, beyond it on disk. It depends on the plan and the budget
// of this member alone; results do not depend on it. All sizes are bytes.
type Memory struct {
	Budget  int64 // 0: none
	Keys    int64 // evaluation keys, and what they are added up in
	Fixed   int64 // tables of the transforms, key share, the plan itself, the runtime
	Worker  int64 // one goroutine at work: its buffers and the ciphertexts of one segment
	Workers int   // goroutines at a time; 0: one a core
	Waiting int64 // room in memory for what waits
	Most    int64 // the most that ever waits, in memory and on disk
}

// What a member needs beside keys and what waits, in bytes at ring degree 2^15 unless said otherwise; measured.
const (
	runtimeBytes = 64 << 20 // program, stacks, buffers of files and streams; whatever the ring
	tableBytes   = 96 << 20 // transforms at both scales, masks
	cellBytes    = 700      // the plan's and the payer's own, for a cell
	slack        = 8        // one part in slack of a budget is left to the collector
)

// Memory divides a budget. It refuses one that does not hold a single goroutine at work, and says what would.
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

// Peak is what the member takes with a budget: less when there is not so much to keep.
func (m Memory) Peak() int64 {
	return (m.Keys + m.Fixed + int64(m.Workers)*m.Worker + m.Waiting) * slack / (slack - 1)
}

func mebi(n int64) string { return fmt.Sprintf("%d MiB", n>>20) }

// needs is Memory before a budget is divided.
func (p *Plan) needs() Memory {
	t := p.tally()
	ring := func(rows int64) int64 { return rows << (p.set.LogN + 3) }
	scaled := func(n int64) int64 { return n >> max(0, 15-p.set.LogN) }
	return Memory{
		Keys:   ring(t.keyRows()),
		Fixed:  runtimeBytes + scaled(tableBytes) + int64(len(p.cells))*cellBytes,
		Worker: scaled(220 << 20),
		Most:   ring(t.resident),
	}
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
