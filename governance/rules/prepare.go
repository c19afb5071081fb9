package rules

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/tacet-health/tacet/governance/entry"
)

// Prepared is an entry that was read, and as a rule verified, before it is judged. It says nothing about the entry: judging one gives the
// verdict that judging its bytes would give. An entry's form does not depend on the state, and a verified signature counts only while
// the author still has the very keys that it was verified with.
type Prepared struct {
	e        *entry.Signed
	err      error // of reading
	failed   bool  // reading it panicked
	hash     [32]byte
	verified bool
	key      [32]byte // digest of the keys that it was verified with
}

func open(signed []byte) (p *Prepared) {
	defer func() {
		if recover() != nil {
			p = &Prepared{failed: true}
		}
	}()
	e, err := entry.Open(signed)
	if err != nil {
		return &Prepared{err: err}
	}
	return &Prepared{e: e, hash: e.Hash()}
}

// Entry is the entry, nil when it could not be read.
func (p *Prepared) Entry() *entry.Signed { return p.e }

// Verified says whether the author's signature was verified, with the keys of that time.
func (p *Prepared) Verified() bool { return p.verified }

// verify checks the author's signature unless that was done with the same keys.
func (p *Prepared) verify(author *Member) error {
	key := author.keys[len(author.keys)-1].digest
	if p.verified && p.key == key {
		return nil
	}
	if err := p.e.Verify(author.Public); err != nil {
		return err
	}
	p.verified, p.key = true, key
	return nil
}

// Prepare reads entries and verifies their signatures with the authors' present keys, on all processors: almost all of the work of judging
// them. It only reads the state, which must not change meanwhile. The goroutines decide nothing: who is not yet a member, has other keys by
// then, or signed wrongly is judged when it is the entry's turn. A Prepared belongs to one goroutine at a time.
func (s *State) Prepare(signed [][]byte) []*Prepared {
	out := make([]*Prepared, len(signed))
	var next atomic.Int64
	work := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= len(signed) {
				return
			}
			out[i] = s.prepare(signed[i])
		}
	}
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(signed)) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	return out
}

func (s *State) prepare(signed []byte) *Prepared {
	p := open(signed)
	if p.e == nil {
		return p
	}
	defer func() { _ = recover() }() // as in judge, where it fails again and is refused
	if author := s.active(p.e.Author); author != nil {
		_ = p.verify(author) // a signature that is wrong is found wrong again, with its reason, when the entry is judged
	}
	return p
}
