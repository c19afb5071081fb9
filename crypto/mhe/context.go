package mhe

import (
	"errors"
	"fmt"
	"sync"

	"github.com/tuneinsight/lattigo/v5/he/hefloat"
	"github.com/tuneinsight/lattigo/v5/ring"
	"github.com/tuneinsight/lattigo/v5/ring/ringqp"
)

// MinPayers and MaxPayers bound the number of key shares of a run.
const (
	MinPayers = 2
	MaxPayers = 15
)

var (
	// ErrShareUsed: this share was already made once by this party, or another share was made on the same public polynomial. A second
	// one would give the key share away; go on with the bytes of the first (from the journal) or void the run.
	ErrShareUsed = errors.New("share already made")
	// ErrErased: the key share of the run is gone.
	ErrErased = errors.New("key share erased")
	// ErrMalformed: a peer's object is not the one expected, or not in its only accepted form.
	ErrMalformed = errors.New("malformed lattice object")
	// ErrDuplicate: the same share came twice.
	ErrDuplicate = errors.New("share already added")
	// ErrIncomplete: a share is still missing.
	ErrIncomplete = errors.New("shares missing")
	// ErrBroken: a share failed in the middle of its addition; the aggregate is void, build a new one.
	ErrBroken = errors.New("aggregate void after a refused share")
	// ErrKeyMissing: no rotation key for these steps at this level was made in this run.
	ErrKeyMissing = errors.New("rotation key missing")
)

// Context is a set together with the number of key shares. It is immutable and safe for concurrent use.
type Context struct {
	set    Set
	payers int
	low    hefloat.Parameters // LogScale
	high   hefloat.Parameters // same ring, LogHigh: two primes a level

	mask maskEncoder
}

// NewContext prepares a set for a number of payers. A set that is not marked insecure and lies beyond the published limits is refused.
func NewContext(set Set, payers int) (*Context, error) {
	if payers < MinPayers || payers > MaxPayers {
		return nil, fmt.Errorf("parameter set %s: %d payers, must be %d to %d", set.Name, payers, MinPayers, MaxPayers)
	}
	if !set.Insecure {
		if err := set.checkSecurity(); err != nil {
			return nil, err
		}
	}
	c := &Context{set: set, payers: payers}
	var err error
	if c.low, err = parameters(set, set.LogScale); err != nil {
		return nil, err
	}
	if c.high, err = parameters(set, set.LogHigh); err != nil {
		return nil, err
	}
	return c, nil
}

// parameters are kept per (set, scale): the tables of the transforms cost memory and time, and all members of a test network share them.
func parameters(set Set, logScale int) (hefloat.Parameters, error) {
	key := fmt.Sprint(set.LogN, set.Q, set.P, logScale)
	cache.Lock()
	defer cache.Unlock()
	if p, ok := cache.m[key]; ok {
		return p, nil
	}
	p, err := hefloat.NewParametersFromLiteral(hefloat.ParametersLiteral{
		LogN: set.LogN, Q: set.Q, P: set.P, LogDefaultScale: logScale, RingType: ring.ConjugateInvariant,
	})
	if err != nil {
		return hefloat.Parameters{}, fmt.Errorf("parameter set %s: %w", set.Name, err)
	}
	cache.m[key] = p
	return p, nil
}

var cache = struct {
	sync.Mutex
	m map[string]hefloat.Parameters
}{m: map[string]hefloat.Parameters{}}

// Set returns the parameter set.
func (c *Context) Set() Set { return c.set }

// Payers returns the number of key shares.
func (c *Context) Payers() int { return c.payers }

func (c *Context) params(high bool) hefloat.Parameters {
	if high {
		return c.high
	}
	return c.low
}

// ringQ is the ring modulo Q[0]…Q[level].
func (c *Context) ringQ(level int) *ring.Ring { return c.low.RingQ().AtLevel(level) }

// ringQP is the ring modulo Q[0]…Q[level] and P.
func (c *Context) ringQP(level int) ringqp.Ring {
	return c.low.RingQP().AtLevel(level, len(c.set.P)-1)
}

// guard turns a panic of the library into an error: lattigo panics on mismatched shapes, and one bad run must not take the member down.
func guard(act string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%s: lattice library refused its operands", act)
	}
}
