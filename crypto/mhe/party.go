package mhe

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/tuneinsight/lattigo/v5/ring"
	"github.com/tuneinsight/lattigo/v5/ring/ringqp"
)

// Party holds one payer's key share of one run and makes each share at most once. Safe for concurrent use (calls are serialised).
//
// All randomness comes from a seed of 32 bytes from crypto/rand through a keyed generator bound to the share's label and to the hash of
// everything public that goes into the share: two different questions can never meet the same noise.
type Party struct {
	c   *Context
	ref Reference
	rot []Rotation

	mu     sync.Mutex // guards everything below
	seed   [32]byte
	s, u   ringqp.Poly // key share; ephemeral secret of the relinearisation key. Transformed, Montgomery form
	used   map[string]bool
	c1     map[[32]byte]bool // public polynomials that a refresh or decryption share was made on
	one    [32]byte          // hash of the share of round one
	erased bool
}

// NewParty draws the key share of one payer for one run. rot is the list of the plan, the same for everyone.
func (c *Context) NewParty(ref Reference, rot []Rotation) (*Party, error) {
	var seed [32]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return nil, fmt.Errorf("draw key share: %w", err)
	}
	return c.newParty(ref, rot, seed)
}

func (c *Context) newParty(ref Reference, rot []Rotation, seed [32]byte) (*Party, error) {
	rot, err := c.rotations(rot)
	if err != nil {
		return nil, err
	}
	p := &Party{c: c, ref: ref, rot: rot, seed: seed, used: map[string]bool{}, c1: map[[32]byte]bool{}}
	p.s, p.u = p.secret("key share"), p.secret("ephemeral secret")
	return p, nil
}

// secret draws a uniform ternary polynomial.
func (p *Party) secret(label string) ringqp.Poly {
	r := p.c.ringQP(p.c.set.MaxLevel())
	e, prng := make([]int8, r.N()), p.prng(label)
	readTernary(prng, e)
	prng.wipe()
	s := r.NewPoly()
	smallQP(r, e, s)
	r.MForm(s, s)
	clear(e)
	return s
}

// prng is the generator of one secret purpose, bound to its public inputs.
func (p *Party) prng(label string, bind ...[]byte) *generator {
	d := digest("party: "+label, append(bind, p.ref[:])...)
	m := hmac.New(sha256.New, p.seed[:])
	m.Write(d[:])
	return newGenerator([32]byte(m.Sum(nil)))
}

// once spends a label. It is spent even when the share then fails to be written: some of it may have left.
func (p *Party) once(label string) error {
	if p.erased {
		return fmt.Errorf("%s: %w", label, ErrErased)
	}
	if p.used[label] {
		return fmt.Errorf("%s: %w", label, ErrShareUsed)
	}
	p.used[label] = true
	return nil
}

// onceOn spends a public polynomial: one key share times one c1 leaves this process once.
func (p *Party) onceOn(label string, c1 ring.Poly) error {
	h := hashPoly("c1", c1)
	if p.c1[h] {
		return fmt.Errorf("%s: %w on the same ciphertext", label, ErrShareUsed)
	}
	p.c1[h] = true
	return nil
}

// Input writes the share of input ciphertext i: c0 = −a·s + m + e with a from the reference string. slots has one value per slot; the values
// of all payers must sum to [−1, 1] (the plan sees to it).
func (p *Party) Input(i int, slots []float64, w io.Writer) (err error) {
	defer guard("input share", &err)
	p.mu.Lock()
	defer p.mu.Unlock()
	label := fmt.Sprintf("input/%d", i)
	if i < 0 {
		return fmt.Errorf("%s: negative index", label)
	}
	level := p.c.set.MaxLevel()
	m, err := p.c.encodeInput(slots)
	if err != nil {
		return fmt.Errorf("%s: %w", label, err)
	}
	if err := p.once(label); err != nil {
		return err
	}
	bind := hashPoly("input", m)
	r := p.c.ringQ(level)
	share, e, prng := r.NewPoly(), make([]int8, r.N()), p.prng(label, bind[:])
	defer prng.wipe()
	errorQ(r, prng, e, share)
	r.Add(share, m, share)
	r.MulCoeffsMontgomeryThenSub(p.c.publicQ(p.ref, level, "input", i), p.s.Q, share)
	wr := p.c.newWriter(w, p.c.inputFrame(p.ref, i), 0)
	wr.poly(p.c.moduli(level, false), share.Coeffs...)
	wipeQ(m)
	clear(e)
	return wrap(label, wr.err)
}

// Erase overwrites the key share and everything it can be derived from. Every later call returns ErrErased.
func (p *Party) Erase() {
	p.mu.Lock()
	defer p.mu.Unlock()
	wipe(p.s, p.u)
	clear(p.seed[:])
	p.erased = true
}

func wrap(act string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: write: %w", act, err)
	}
	return nil
}

// Rotation names one rotation key: by how many slots to the left, and up to which level it is used.
type Rotation struct {
	Steps int
	Level int
}

// rotations brings a list into its one form: steps in 1…slots−1, sorted, each once.
func (c *Context) rotations(in []Rotation) ([]Rotation, error) {
	out := slices.Clone(in)
	n := c.set.Slots()
	for i, r := range out {
		out[i].Steps = ((r.Steps % n) + n) % n
		if out[i].Steps == 0 {
			return nil, fmt.Errorf("rotation by %d slots needs no key", r.Steps)
		}
		if r.Level < 1 || r.Level > c.set.TopLevel() {
			return nil, fmt.Errorf("rotation by %d slots: level %d outside 1 to %d", r.Steps, r.Level, c.set.TopLevel())
		}
	}
	slices.SortFunc(out, func(a, b Rotation) int { return a.Steps - b.Steps })
	for i := 1; i < len(out); i++ {
		if out[i].Steps == out[i-1].Steps {
			return nil, fmt.Errorf("rotation by %d slots named twice", out[i].Steps)
		}
	}
	return out, nil
}
