package coordinator

import (
	"slices"
	"sync"

	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/wire"
)

// relay is the one ordered list of what everybody is told. It is bounded: two
// commits for each member and step, one void for each member, one notice for
// each object.
type relay struct {
	m     *run.Manifest
	sizes []int64 // by step: what one member's object is long, 0 where none is

	mu      sync.Mutex // guards the rest
	list    []wire.Message
	grown   chan struct{} // closed and replaced when anything here changes
	commits map[place][]*wire.SignedCommit
	voids   map[string]bool
	notices map[wire.Object]bool
	ended   map[string]bool // payers that need nothing more
	record  *record         // of list and ended; nil while it is read
}

// place is where a commit belongs.
type place struct {
	member string
	step   int
}

func newRelay(m *run.Manifest, sizes []int64) *relay {
	return &relay{
		m: m, sizes: sizes, grown: make(chan struct{}), commits: map[place][]*wire.SignedCommit{}, voids: map[string]bool{},
		notices: map[wire.Object]bool{}, ended: map[string]bool{},
	}
}

// change wakes everybody who waits; r.mu is held.
func (r *relay) change() {
	close(r.grown)
	r.grown = make(chan struct{})
}

func (r *relay) changed() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.grown
}

// commit adds a verified commit and says whether it was new. An error is of the
// disk: nobody is told of the commit.
func (r *relay) commit(c *wire.SignedCommit) (fresh bool, err error) {
	b := c.Body()
	if b.Run != r.m.Run || b.Manifest != wire.Hash(r.m.Hash) || b.Step >= len(r.sizes) {
		return false, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	at := place{b.Member, b.Step}
	known := r.commits[at]
	same := func(k *wire.SignedCommit) bool { return k.Digest() == c.Digest() }
	if len(known) == 2 || slices.ContainsFunc(known, same) {
		return false, nil
	}
	if err := r.written(wire.KindCommit, b.Member, c.Bytes()); err != nil {
		return false, err
	}
	r.commits[at] = append(known, c)
	r.list = append(r.list, c)
	r.change()
	return true, nil
}

// void adds a verified void and says whether it was new, as commit does.
func (r *relay) void(v *wire.SignedVoid) (fresh bool, err error) {
	b := v.Body()
	r.mu.Lock()
	defer r.mu.Unlock()
	if b.Run != r.m.Run || b.Manifest != wire.Hash(r.m.Hash) || r.voids[b.Member] {
		return false, nil
	}
	if err := r.written(wire.KindVoid, b.Member, v.Bytes()); err != nil {
		return false, err
	}
	r.voids[b.Member] = true
	r.list = append(r.list, v)
	r.change()
	return true, nil
}

// posted tells everybody that an object is on the board.
func (r *relay) posted(o wire.Object) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.notices[o] {
		return
	}
	r.notices[o] = true
	r.list = append(r.list, wire.Posted(o))
	r.change()
}

// announced says whether a member's first commit for a step announces exactly
// this object, and the plan allows it: so the board holds at most one object of
// known size for each member and step, whatever is committed to.
func (r *relay) announced(o wire.Object) bool {
	if o.Run != r.m.Run || o.Manifest != wire.Hash(r.m.Hash) || o.Step >= len(r.sizes) || o.Size != r.sizes[o.Step] {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.commits[place{o.Member, o.Step}]
	if len(known) == 0 {
		return false
	}
	b := known[0].Body()
	return b.Object == o.Hash && b.Size == o.Size
}

// from returns the list behind a position and a channel that is closed when
// there is more.
func (r *relay) from(i int) ([]wire.Message, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clip(r.list[i:]), r.grown
}

// end notes that a payer needs nothing more. That a full disk forgets it costs
// a later life some waiting.
func (r *relay) end(member string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended[member] {
		return nil
	}
	r.ended[member] = true
	r.change()
	return r.record.add("ended", []byte(member))
}

// finished says whether every payer has ended.
func (r *relay) finished() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.m.Payers {
		if !r.ended[p] {
			return false
		}
	}
	return true
}
