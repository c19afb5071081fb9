package sum

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/protocol/run/objects"
)

// vectorPrefix begins the file of a member's masked vector at the convener.
const vectorPrefix = "vector."

// attempt is the convener's side of one numbered round: what has come, which sets are fixed, and what everybody is told, in one order.
type attempt struct {
	scheme
	round secagg.Round
	sign  secagg.Signing
	name  string // the convener's
	dir   string
	begun []byte // the statement that it is

	mu       sync.Mutex // guards the rest
	grown    chan struct{}
	got      sets
	vectors  map[string][]byte
	fixed    [secagg.KindObjection + 1]bool
	verdict  error // of what anybody can see in a fixed set
	push     []frame
	done     map[string]bool // members that have the sum
	words    map[string][]byte
	outcome  *Outcome
	finished bool // nothing is pushed any more
}

// openAttempt reads what an earlier life of the convener has taken.
func openAttempt(sc scheme, r secagg.Round, s secagg.Signing, name, dir string) (*attempt, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("round: %w", err)
	}
	a := &attempt{
		scheme: sc, round: r, sign: s, name: name, dir: dir, begun: state(r, s, begun, nil), grown: make(chan struct{}), vectors: map[string][]byte{}, done: map[string]bool{}, words: map[string][]byte{},
	}
	for k := range a.got {
		k := secagg.Kind(k)
		if a.got[k] = map[string][]byte{}; sc.size(r, k) == 0 {
			continue
		}
		for _, n := range append(slices.Clone(r.Members), name) {
			b, err := os.ReadFile(a.file(k, n))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err == nil {
				_, err = sc.open(s, r, k, n, b)
			}
			if err != nil {
				return nil, fmt.Errorf("round: %s of %s: %w", k, n, err)
			}
			a.got[k][n] = b
		}
	}
	for n, raw := range a.got[secagg.KindMasked] {
		b, err := os.ReadFile(filepath.Join(dir, vectorPrefix+n))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it comes again
		}
		if err != nil {
			return nil, fmt.Errorf("round: %w", err)
		}
		if m, err := sc.open(s, r, secagg.KindMasked, n, raw); err != nil || holds(m, b) != nil {
			return nil, fmt.Errorf("round: the vector of %s on the disk is not the one that was taken", n)
		}
		a.vectors[n] = b
	}
	return a, nil
}

func (a *attempt) file(k secagg.Kind, member string) string {
	return filepath.Join(a.dir, k.String()+"."+member)
}

func (a *attempt) changed() {
	close(a.grown)
	a.grown = make(chan struct{})
}

// message takes a member's message. What comes again, or too late, changes nothing; another one than before is refused with an error, and so is what is
// not in its form. It is durable before anybody counts on it.
func (a *attempt) message(member string, k secagg.Kind, raw []byte) error {
	if k == secagg.KindProposal {
		return fmt.Errorf("a %s message of %s", k, member)
	}
	m, err := a.open(a.sign, a.round, k, member, raw)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if old := a.got[k][member]; old != nil {
		if was, err := a.open(a.sign, a.round, k, member, old); err != nil || was.Hash() != m.Hash() {
			objects.Replace(a.file(k, member)+".contradiction", raw) // evidence
			return fmt.Errorf("%s has signed two %s messages", member, k)
		}
		return nil
	}
	if a.fixed[k] || a.finished {
		return nil
	}
	if err := objects.Replace(a.file(k, member), raw); err != nil {
		return fmt.Errorf("round: %w", err)
	}
	a.got[k][member] = raw
	a.changed()
	return nil
}

// vector takes a member's masked vector, which its message must be there for.
func (a *attempt) vector(member string, b []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	raw := a.got[secagg.KindMasked][member]
	if raw == nil || a.vectors[member] != nil || a.finished || a.fixed[secagg.KindMasked] {
		return nil
	}
	m, err := a.open(a.sign, a.round, secagg.KindMasked, member, raw)
	if err == nil {
		err = holds(m, b)
	}
	if err != nil {
		return err
	}
	if err := objects.Replace(filepath.Join(a.dir, vectorPrefix+member), b); err != nil {
		return fmt.Errorf("round: %w", err)
	}
	a.vectors[member] = b
	a.changed()
	return nil
}

// there are the members whose message of a kind is there, with its vector if it has one.
func (a *attempt) there(k secagg.Kind) (names []string) {
	for _, n := range a.round.Members {
		if a.got[k][n] != nil && (k != secagg.KindMasked || a.vectors[n] != nil) {
			names = append(names, n)
		}
	}
	return names
}

// expected are those who can send a message of a kind: who sent the one before.
func (a *attempt) expected(k secagg.Kind) []string {
	at := slices.Index(a.steps(), k)
	if at == 0 {
		return a.round.Members
	}
	return a.there(a.steps()[at-1])
}

// fix closes the set of a kind, in a file first, and tells everybody.
func (a *attempt) fix(k secagg.Kind) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	path, bits := filepath.Join(a.dir, "fixed."+k.String()), uint64(0)
	if b, err := os.ReadFile(path); err == nil && len(b) == 8 {
		bits = binary.BigEndian.Uint64(b)
	} else if err == nil || errors.Is(err, fs.ErrNotExist) {
		for _, n := range a.there(k) {
			bits |= 1 << slices.Index(a.round.Members, n)
		}
		if err := objects.Replace(path, binary.BigEndian.AppendUint64(nil, bits)); err != nil {
			return fmt.Errorf("round: %w", err)
		}
	} else {
		return fmt.Errorf("round: %w", err)
	}
	for i, n := range a.round.Members {
		if bits&(1<<i) == 0 {
			delete(a.got[k], n) // too late
			continue
		}
		if a.got[k][n] == nil {
			return fmt.Errorf("round: the %s message of %s, which the set has, is not on the disk", k, n)
		}
		a.push = append(a.push, frame{tMessage, k, byte(i), a.got[k][n]})
	}
	if k == secagg.KindReveal { // all that it needs for the sum is there with it
		for i, n := range a.round.Members {
			if a.got[secagg.KindMasked][n] != nil {
				a.push = append(a.push, frame{tVector, 0, byte(i), a.vectors[n]})
			}
		}
	}
	a.fixed[k] = true
	if a.verdict == nil {
		a.verdict = a.judge(a.sign, a.round, k, &a.got)
	}
	a.push = append(a.push, frame{tFixed, k, 0, state(a.round, a.sign, k, a.got[k])})
	a.changed()
	return nil
}

// propose signs the list of those present, once: it is on the disk before anybody sees it.
func (a *attempt) propose() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	raw := a.got[secagg.KindProposal][a.name]
	if raw == nil {
		p, err := secagg.Propose(a.round, a.sign, a.name, a.got[secagg.KindShares], a.got[secagg.KindMasked])
		if err != nil {
			return err
		}
		raw = p.Bytes()
		if err := objects.Replace(a.file(secagg.KindProposal, a.name), raw); err != nil {
			return fmt.Errorf("round: %w", err)
		}
		a.got[secagg.KindProposal][a.name] = raw
	}
	a.push = append(a.push, frame{tMessage, secagg.KindProposal, theConvener, raw})
	a.changed()
	return nil
}

// from is what is pushed behind a position, whether that is all, and a channel that closes when there is more.
func (a *attempt) from(i int) (more []frame, over bool, grown <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clip(a.push[i:]), a.finished, a.grown
}

// finish pushes a last frame, if there is one, and nothing more.
func (a *attempt) finish(last ...frame) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.finished {
		a.push, a.finished = append(a.push, last...), true
		a.changed()
	}
}
