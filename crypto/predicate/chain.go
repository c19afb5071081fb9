package predicate

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// A chain is a composite sign polynomial made for its ends: without its first members it separates a smaller
// span at the same final error, so one list of coefficients serves forms of every width. Its small degrees
// cost about a fifth fewer multiplications a bit of precision than the composite of the direct layout.
type chain struct {
	file string
	// spans[i] is the largest span that the members from i on separate: one over the smallest magnitude that
	// the members before leave. TestChains derives the numbers again.
	spans []int64
	// bits: the error of a bit is at most 2^−bits.
	bits int
}

var chains = []chain{
	{"polys/a21_d29.json", []int64{2097152, 165723, 13096, 2208, 372, 63, 10}, 27},
	{"polys/a26_d36.json", []int64{67108864, 11316293, 1908220, 321775, 54259, 9149, 1543, 260, 44}, 36},
}

// looseChain may go without its last member: the error of its bits is then at most looseError/1024, enough
// for bits that are only counted.
const (
	looseChain = 1
	looseError = 3
)

// members are the polynomials of a chain, none halved, and the hash of their coefficients.
type members struct {
	parts []*mhe.Polynomial
	hash  [32]byte
}

var chainCache [2]func() (*members, error)

func init() {
	for i := range chains {
		chainCache[i] = sync.OnceValues(func() (*members, error) { return loadChain(chains[i].file) })
	}
}

func loadChain(file string) (*members, error) {
	raw, err := polys.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text, err := parseMembers(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	canonical, err := json.Marshal(text)
	if err != nil {
		return nil, err
	}
	m := &members{hash: sha256.Sum256(canonical)}
	for i, coeffs := range text {
		p, err := mhe.NewPolynomial(coeffs)
		if err != nil {
			return nil, fmt.Errorf("%s: polynomial %d: %w", file, i, err)
		}
		m.parts = append(m.parts, p)
	}
	return m, nil
}

// separator is a run of members of a chain: its last one divided by 2^shift. With shift 1, ½ more is a bit.
type separator struct {
	chain, from, to int
	shift           int
}

// polynomials returns the members, the last one scaled.
func (s separator) polynomials() ([]*mhe.Polynomial, error) {
	m, err := chainCache[s.chain]()
	if err != nil {
		return nil, err
	}
	out := append([]*mhe.Polynomial(nil), m.parts[s.from:s.to]...)
	for range s.shift {
		out[len(out)-1] = out[len(out)-1].Half()
	}
	return out, nil
}
