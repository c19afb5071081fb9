package predicate

import (
	"slices"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// work is one ciphertext's way through one stage.
type work struct {
	column int
	kind   workKind
	index  int // pass, or ciphertext of gates
	at     int // segment of its track
}

type workKind int

const (
	finding  workKind = iota // a pass of the search
	gating                   // one ciphertext of gates
	counting                 // their count
)

func (s *search) track(w work) *track {
	switch w.kind {
	case finding:
		return &s.find[w.index]
	case gating:
		return &s.gate[w.index]
	}
	return &s.count
}

// lastSegment tells whether the work ends its track.
func (s *search) lastSegment(w work) bool { return w.at == len(s.track(w).segments)-1 }

// counted is the stage that ends with the count of all gates.
func (s *search) counted() int {
	n := 0
	for i := range s.gate {
		n = max(n, len(s.gate[i].segments)-1)
	}
	return n
}

// stages lists the work of every stage before the last. A stage's refreshes are the next one's operands, in
// the same order: only stage 0 takes inputs. Passes follow each other; gates and their count run beside.
func (s *search) stages() [][]work {
	var find []work
	for j := range s.find {
		for at := range s.find[j].segments {
			find = append(find, work{kind: finding, index: j, at: at})
		}
	}
	counted := s.counted()
	out := make([][]work, max(len(find), counted+1+len(s.count.segments)))
	for i := range out {
		for c := range s.columns {
			add := func(w work) { w.column = c; out[i] = append(out[i], w) }
			if i < len(find) {
				add(find[i])
			}
			for g := range s.gate {
				if i < len(s.gate[g].segments) {
					add(work{kind: gating, index: g, at: i})
				}
			}
			if at := i - counted - 1; at >= 0 && at < len(s.count.segments) {
				add(work{kind: counting, at: at})
			}
		}
	}
	return out
}

// shapes of the refresh rounds: the next stage's work, and in the end the bits of every pass and the gate.
func (s *search) stageShapes() []StageShape {
	stages := s.stages()
	out := make([]StageShape, len(stages))
	for i := range out {
		if i == len(out)-1 {
			out[i] = StageShape{Refreshes: s.columns * (s.passes + 1), High: true}
		} else {
			out[i] = StageShape{Refreshes: len(stages[i+1])}
		}
	}
	return out
}

// rotations adds up lanes: at the working scale those of a pass's gains and of the gates, in the last stage
// those of the weighted bits.
func (s *search) rotations(set mhe.Set, payers int) []mhe.Rotation {
	var out []mhe.Rotation
	level := max(set.RefreshLevel(payers, false), s.combined(set))
	for by := s.stride; by < s.stride*s.lanes; by <<= 1 {
		out = append(out, mhe.Rotation{Steps: by, Level: level})
	}
	slices.SortFunc(out, func(a, b mhe.Rotation) int { return a.Steps - b.Steps })
	return out
}

// combined is the level of the weighted bits in the last stage.
func (s *search) combined(set mhe.Set) int { return set.DecryptLevel() + highPrimes }

// tally counts the work of a run for one member.
func (s *search) tally(set mhe.Set, payers int) *tally {
	t := &tally{set: set, inputs: s.columns * s.inputs(), results: s.columns, rotations: s.rotations(set, payers)}
	shapes := s.stageShapes()
	t.rounds = len(shapes)
	for _, sh := range shapes {
		if sh.High {
			t.high += sh.Refreshes
		} else {
			t.refreshes += sh.Refreshes
		}
	}
	var column int64
	sums := int64(len(t.rotations)) * mulTime(set.RefreshLevel(payers, false))
	for j := range s.find {
		column += s.find[j].micros + polynomialTime(cleanDepth, s.clean, highPrimes)
		if j < s.passes-1 {
			column += mulTime(set.RefreshLevel(payers, false)+1) + sums
		}
	}
	for g := range s.gate {
		column += s.gate[g].micros
	}
	column += s.count.micros + 2*sums + polynomialTime(cleanDepth, s.clean, highPrimes) + mulTime(s.combined(set))
	t.micros = int64(s.columns) * column
	if s.weights {
		t.micros += int64(s.columns*s.passes) * maskTime
	}
	return t
}
