package predicate

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
)

// version changes whenever equal arguments would give another circuit or another layout.
const version = "tacet/predicate/v1"

// Hash identifies the circuit and its layout: SHA-256 over the version, the parameter set, the number of
// payers, the sign polynomials, every cell in order and what a search is made of, integers as 8 bytes big-endian, strings with their
// length before them.
func (p *Plan) Hash() [32]byte {
	b := appendString(nil, version)
	b = appendString(b, p.set.Name)
	b = appendInts(b, int64(p.set.LogN), int64(p.set.Alpha), int64(p.payers), BlockSlots, windowSlots, int64(len(pairs)))
	sign, err := signOf(p.set.Alpha)
	if err != nil {
		panic(err) // NewPlan has found it before
	}
	b = append(b, sign.hash[:]...)
	if p.parts != nil {
		b = p.parts.appendTo(b)
	}
	for _, s := range p.levels.segments {
		b = appendInts(b, int64(s.from), int64(s.to), int64(s.start))
	}
	b = appendInts(b, int64(len(p.cells)))
	for i := range p.cells {
		b = appendString(b, p.cells[i].Name)
		b = p.cells[i].appendShape(b)
	}
	if p.search != nil {
		b = p.search.appendTo(b)
	}
	return sha256.Sum256(b)
}

// appendTo appends what a search does: lanes, passes, gates, sign polynomials and levels.
func (s *search) appendTo(b []byte) []byte {
	b = appendString(b, "search")
	b = appendInts(b, int64(s.stride), int64(s.lanes), int64(s.asked), int64(s.passes), int64(s.gates), int64(s.rules), int64(s.clean), int64(s.units()))
	b = appendInts(b, s.factors...)
	for _, shape := range s.shapes {
		b = appendInts(b, shape.span)
	}
	return appendTracks(b, append(append(append([]track(nil), s.find...), s.gate...), s.count)...)
}

// appendTracks appends sign polynomials and their levels.
func appendTracks(b []byte, tracks ...track) []byte {
	for _, t := range tracks {
		m, err := chainCache[t.sign.chain]()
		if err != nil {
			panic(err) // NewPlan has found it before
		}
		b = append(b, m.hash[:]...)
		b = appendInts(b, int64(t.sign.from), int64(t.sign.to), int64(t.sign.shift), int64(len(t.segments)))
		for _, g := range t.segments {
			b = appendInts(b, int64(g.from), int64(g.to), int64(g.start), int64(g.end))
		}
	}
	return b
}

// appendShape appends everything of a cell but its name.
func (c *Cell) appendShape(b []byte) []byte {
	var proportion int64
	if c.Proportion {
		proportion = 1
	}
	b = appendInts(b, c.ScaleNum, c.ScaleDen, c.Lo, c.Hi, c.CapNum, c.CapDen, proportion, int64(len(c.Rules)))
	for _, r := range c.Rules {
		var perPayer int64
		if r.PerPayer {
			perPayer = 1
		}
		for _, f := range r.AnyOf {
			if f.OwnNum != 0 {
				perPayer = 2 // plans without such a form keep their bytes
			}
		}
		b = appendString(b, r.Name)
		b = appendInts(b, perPayer, int64(len(r.AnyOf)))
		for _, f := range r.AnyOf {
			b = appendInts(b, f.Num, f.Den, f.Has, f.Own, f.Const)
			if perPayer == 2 {
				b = appendInts(b, f.OwnNum)
			}
		}
	}
	return b
}

func appendInts(b []byte, v ...int64) []byte {
	for _, x := range v {
		b = binary.BigEndian.AppendUint64(b, uint64(x))
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...)
}

// String prints the inequality, e.g. "200·num − 145·den ≥ 0".
func (f Form) String() string {
	var b strings.Builder
	term := func(k int64, name string) {
		if k == 0 {
			return
		}
		switch {
		case b.Len() == 0 && k < 0:
			b.WriteString("−")
		case b.Len() > 0 && k < 0:
			b.WriteString(" − ")
		case b.Len() > 0:
			b.WriteString(" + ")
		}
		mag := uint64(k)
		if k < 0 {
			mag = -mag
		}
		switch {
		case name == "":
			fmt.Fprint(&b, mag)
		case mag == 1:
			b.WriteString(name)
		default:
			fmt.Fprintf(&b, "%d·%s", mag, name)
		}
	}
	term(f.Num, "num")
	term(f.Den, "den")
	term(f.Has, "contributors")
	term(f.Own, "own den")
	term(f.OwnNum, "own num")
	term(f.Const, "")
	if b.Len() == 0 {
		b.WriteString("0")
	}
	return b.String() + " ≥ 0"
}

// Describe says in words what the plan does and what it costs: the parameter set, the number of ciphertexts
// and refreshes, and for every shape of cell its tests and how many bits of precision are to spare.
func (p *Plan) Describe() string {
	var b strings.Builder
	fmt.Fprintf(&b, "parameter set %s: precision %d bits", p.set.Name, p.set.Alpha)
	if p.search == nil && p.parts == nil {
		fmt.Fprintf(&b, ", %d cells a ciphertext", p.cellsPerCiphertext())
	}
	if p.set.Insecure {
		b.WriteString(", INSECURE (for tests only)")
	}
	fmt.Fprintf(&b, "\n%d payers, %d cells, %d ciphertexts of each payer\n", p.payers, len(p.cells), p.Ciphertexts())
	p.describeCircuit(&b)
	c := p.Predict()
	fmt.Fprintf(&b, "predicted for each member: %.1f seconds of one core, %.1f MB sent, %.2f GB of memory, %d refresh rounds\n",
		c.Seconds, float64(c.Bytes)/1e6, float64(c.Memory)/(1<<30), c.Rounds)
	count, first := make([]int, len(p.blocks)), make([]string, len(p.blocks))
	for i, s := range p.shape {
		if count[s]++; count[s] == 1 {
			first[s] = p.cells[i].Name
		}
	}
	for s, blk := range p.blocks {
		c := &p.cells[p.first[s]]
		fmt.Fprintf(&b, "%d cells like %q: value %d/%d × num/den, %d to %d; caps num %d, den %d a payer; ",
			count[s], first[s], c.ScaleNum, c.ScaleDen, c.Lo, c.Hi, c.CapNum, c.CapDen)
		if p.search != nil {
			fmt.Fprintf(&b, "searched in %.2f bits, %.2f to spare\n", bitsOf(p.search.shapes[s].span), float64(p.set.Alpha)-bitsOf(p.search.shapes[s].span))
		} else {
			fmt.Fprintf(&b, "widest is %s: %s, %.2f bits, %.2f to spare\n", blk.widestRule, blk.widestForm, bitsOf(blk.widest), float64(p.set.Alpha)-bitsOf(blk.widest))
		}
		for _, r := range c.Rules {
			var forms []string
			for _, f := range r.AnyOf {
				forms = append(forms, f.String())
			}
			each := ""
			if r.PerPayer {
				each = " (each payer)"
			}
			fmt.Fprintf(&b, "  %s%s: %s\n", r.Name, each, strings.Join(forms, " or "))
		}
	}
	return b.String()
}

// describe says what a search does, pass by pass.
func (s *search) describe(b *strings.Builder) {
	fmt.Fprintf(b, "%s\n", s)
	for j := range s.find {
		describeTrack(b, fmt.Sprintf("pass %d, times %d", j+1, s.factors[j]), &s.find[j])
	}
	for g := range s.gate {
		describeTrack(b, fmt.Sprintf("gates %d of %d", g+1, s.gates), &s.gate[g])
	}
	describeTrack(b, fmt.Sprintf("count of %d rules", s.rules), &s.count)
}

// describeTrack is one line about a sign evaluation.
func describeTrack(b *strings.Builder, name string, t *track) {
	fmt.Fprintf(b, "  %s: %d sign polynomials, levels", name, t.sign.to-t.sign.from)
	for i, g := range t.segments {
		if i > 0 {
			b.WriteString(";")
		}
		fmt.Fprintf(b, " %d→%d", g.start, g.end)
	}
	b.WriteString("\n")
}

// describeCircuit says what is evaluated.
func (p *Plan) describeCircuit(b *strings.Builder) {
	switch {
	case p.parts != nil:
		p.parts.describe(b)
	case p.search != nil:
		p.search.describe(b)
	default:
		fmt.Fprintf(b, "all thresholds at once\n%s\n", &p.levels)
	}
}
