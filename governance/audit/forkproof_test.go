package audit

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// proofOf is a proof as a replica with w's log leaves it.
func (w *world) proofOf(p ledger.ForkProof) []byte {
	w.t.Helper()
	var err error
	if p.Genesis, err = w.genesis.Canonical(); err != nil {
		w.t.Fatal(err)
	}
	b, err := entry.Canonical(p)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// covered adds this side's checkpoint and the proof under it.
func (w *world) covered(p ledger.ForkProof, prove func(from, to uint64) ([]ledger.Hash, error)) ledger.ForkProof {
	w.t.Helper()
	c, err := w.log.Checkpoint(w.genesis.Ledger)
	if err != nil {
		w.t.Fatal(err)
	}
	hashes, err := prove(p.Index, c.Size)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range hashes {
		p.Proof = append(p.Proof, h[:])
	}
	p.Checkpoint = w.signed(c, payers...)
	return p
}

// TestForkProofs: each kind proves what it says and nothing more.
func TestForkProofs(t *testing.T) {
	w := newWorld(t)
	w.approve()
	root, err := w.log.RootAt(3)
	if err != nil {
		t.Fatal(err)
	}
	ours := ledger.Checkpoint{Origin: w.genesis.Ledger, Size: 3, Root: root}
	other := ours
	other.Root[0] ^= 1

	p := ledger.ForkProof{Kind: ledger.ForkCheckpoint, Index: 3, Ours: ours.Text(), Theirs: w.signed(other)}
	good := w.covered(p, w.log.Consistency)
	same, lied := good, good
	same.Theirs = w.signed(ours)
	lied.Ours = other.Text()
	stranger := good
	stranger.Theirs = []byte(strings.Replace(string(good.Theirs), "— "+w.genesis.Ledger+" ", "— other.example/log ", 2))

	witness := func(c ledger.Checkpoint) []byte {
		return w.sign("payer-b", rules.KindCheckpointWitness, rules.CheckpointWitness{Size: c.Size, Root: hex.EncodeToString(c.Root[:])})
	}
	seen := w.covered(ledger.ForkProof{Kind: ledger.ForkWitness, Index: 3, Ours: ours.Text(), Theirs: witness(other)}, w.log.Consistency)
	unlike := seen
	unlike.Theirs = witness(ledger.Checkpoint{Size: 2})

	at := w.log.Size()
	twin := w.sign("payer-a", rules.KindMeasureVote, rules.MeasureVote{Hash: strings.Repeat("a", 64), Choice: rules.No})
	w.do("payer-a", rules.KindClock, rules.Clock{Time: 1_800_000_000})
	mine, err := w.log.Entry(at)
	if err != nil {
		t.Fatal(err)
	}
	double := w.covered(ledger.ForkProof{Kind: ledger.ForkEntry, Index: at, Ours: mine, Theirs: twin}, w.log.Inclusion)
	long := ledger.ForkProof{Kind: ledger.ForkEntry, Index: at, Ours: make([]byte, entry.MaxSize), Theirs: make([]byte, entry.MaxSize)}
	moved := double
	moved.Theirs = w.sign("payer-b", rules.KindClock, rules.Clock{Time: 1_800_000_001})

	bundle := w.bundle(payers...)
	for _, c := range []struct {
		name   string
		p      ledger.ForkProof
		bundle *Bundle
		proven string // in the text, empty when nothing is proven
		why    string // in a finding
	}{
		{"two roots of the convener", good, nil, "the convener has signed two histories", ""},
		{"the same, with a bundle for this side", p, bundle, "the convener has signed two histories", ""},
		{"without either", p, nil, "", "--bundle"},
		{"the same root twice", same, nil, "", "the same root"},
		{"this side made up", lied, nil, "", "not the beginning of what the convener signed"},
		{"signed by nobody known", stranger, nil, "", "nobody known has signed"},
		{"a payer has seen another root", seen, nil, "payer-b says that it has seen another root", ""},
		{"of another size", unlike, nil, "", "witnesses no root of size 3"},
		{"two entries of one number", double, nil, "payer-a has signed two entries with its number", ""},
		{"longer than any entry", long, nil, "", "the other entry"},
		{"an entry in another's place", moved, nil, "", "has signed nothing"},
	} {
		x, err := CheckFork(w.proofOf(c.p), c.bundle, Options{})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		said := ""
		for _, f := range x.Findings {
			said += f.Error()
		}
		if x.Proven != (c.proven != "") || !strings.Contains(x.Text, c.proven) || !strings.Contains(said, c.why) {
			t.Errorf("%s: %+v", c.name, x)
		}
	}
	if x, err := CheckFork(w.proofOf(good), nil, Options{Genesis: strings.Repeat("0", 64)}); err != nil || x.Proven || x.Findings[0].Code != CodeAnchor {
		t.Errorf("another ledger's: %+v %v", x, err)
	}
}

// FuzzCheckFork: hostile proofs are refused, not crashed on, and prove nothing that is not signed.
func FuzzCheckFork(f *testing.F) {
	w := newWorld(f)
	root, err := w.log.RootAt(1)
	if err != nil {
		f.Fatal(err)
	}
	c := ledger.Checkpoint{Origin: w.genesis.Ledger, Size: 1, Root: root}
	f.Add(w.proofOf(w.covered(ledger.ForkProof{Kind: ledger.ForkCheckpoint, Index: 1, Ours: c.Text(), Theirs: w.signed(c)}, w.log.Consistency)))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if x, err := CheckFork(b, nil, Options{}); err != nil || x.Proven {
			t.Fatalf("%+v %v", x, err)
		}
	})
}
