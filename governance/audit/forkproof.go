package audit

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// Fork is what a proof of a fork (fork-N.json of a member's ledger folder) proves.
type Fork struct {
	Proven   bool      `json:"proven"`
	Ledger   string    `json:"ledger,omitempty"`
	Genesis  string    `json:"genesis,omitempty"` // SHA-256
	Size     uint64    `json:"size"`
	Signers  []string  `json:"signers"` // of the other history
	Ours     string    `json:"ours,omitempty"`
	Theirs   string    `json:"theirs,omitempty"`
	Text     string    `json:"text,omitempty"`
	Findings []Finding `json:"findings"`
}

// MaxForkProof is ledger.MaxForkProof, for who reads files.
const MaxForkProof = ledger.MaxForkProof

// CheckFork verifies a proof of a fork from its own bytes: that the other history is signed by whom it says, and that this side's is the beginning of a log that
// the convener signed. A proof made before its replica had such a checkpoint needs the other side from an evidence bundle of the same ledger, which is verified
// too; other may be nil. The error is of reading.
func CheckFork(proof []byte, other *Bundle, o Options) (*Fork, error) {
	x := &Fork{Signers: []string{}}
	wrong, err := x.check(proof, other, o)
	if wrong != nil {
		x.Findings = append(x.Findings, *wrong)
	}
	x.Proven = err == nil && len(x.Findings) == 0
	return x, err
}

func (x *Fork) check(proof []byte, other *Bundle, o Options) (*Finding, error) {
	var p ledger.ForkProof
	if err := entry.DecodeUpTo(ledger.MaxForkProof, proof, &p); err != nil {
		return bad(CodeForkProof, "", "is not in its form: %v", err), nil
	}
	g, err := rules.ParseGenesis(p.Genesis)
	if err != nil {
		return bad(CodeGenesis, "", "%v", err), nil
	}
	hash := rules.Hash(p.Genesis)
	x.Ledger, x.Genesis, x.Size = g.Ledger, hex.EncodeToString(hash[:]), p.Index
	if o.Genesis != "" && o.Genesis != x.Genesis {
		return bad(CodeAnchor, "", "the proof is of the genesis %s, expected was %s: this is another ledger", x.Genesis, o.Genesis), nil
	}
	side := forkSide{p: p}
	if side.st, err = rules.New(g); err != nil {
		return nil, err
	}
	if other != nil {
		var f findings
		res, h, err := verify(other, o, &f)
		if err != nil {
			return nil, err
		}
		if !res.Verified {
			x.Findings = f.list
			return bad(CodeForkProof, "", "the bundle beside the proof does not verify"), nil
		}
		if !bytes.Equal(h.genesis, p.Genesis) {
			return bad(CodeAnchor, "", "the bundle is of another ledger than the proof"), nil
		}
		side.st, side.h = h.state, h
	}
	switch p.Kind {
	case ledger.ForkCheckpoint:
		return x.checkpoint(side), nil
	case ledger.ForkWitness:
		return x.witness(side), nil
	case ledger.ForkEntry:
		return x.entry(side), nil
	}
	return bad(CodeForkProof, "", "is of no kind that this program knows"), nil
}

// forkSide is the history that the proof's maker has.
type forkSide struct {
	p  ledger.ForkProof
	st *rules.State // with the keys; of a bundle, or of the genesis alone
	h  *history     // of the bundle, if there is one
}

const needsBundle = "the proof has no checkpoint of this side that reaches so far: give an evidence bundle of a member, with --bundle"

// top is the checkpoint that the proof carries for this side.
func (s forkSide) top() (*ledger.Signed, []ledger.Hash, *Finding) {
	if len(s.p.Checkpoint) == 0 {
		return nil, nil, bad(CodeForkProof, "", needsBundle)
	}
	at, err := textOf(s.p.Checkpoint)
	if err != nil {
		return nil, nil, bad(CodeCheckpoint, "", "%v", err)
	}
	top, f := s.open(s.p.Checkpoint, at.Size)
	if f == nil && !top.Log {
		f = bad(CodeSignature, "", "the convener has not signed this side's checkpoint")
	}
	var hashes []ledger.Hash
	for _, h := range s.p.Proof {
		if len(h) != len(ledger.Hash{}) {
			return nil, nil, bad(CodeForkProof, "", "a hash has %d bytes", len(h))
		}
		hashes = append(hashes, ledger.Hash(h))
	}
	return top, hashes, f
}

func (s forkSide) open(note []byte, size uint64) (*ledger.Signed, *Finding) {
	v, err := directory{s.st}.at(size)
	if err != nil {
		return nil, bad(CodeSignature, "", "%v", err)
	}
	c, err := ledger.OpenSigned(note, v)
	if err != nil {
		return nil, bad(CodeSignature, "", "%v; a member that joined later is known with --bundle", err)
	}
	return c, nil
}

// root is this side's root at the proof's size.
func (s forkSide) root() (ledger.Hash, *Finding) {
	if s.h != nil {
		root, err := s.h.tree.root(s.p.Index)
		if err != nil {
			return root, bad(CodeOlder, "", "the bundle does not reach size %d: ask for a later one", s.p.Index)
		}
		return root, nil
	}
	ours, err := ledger.ParseCheckpoint(s.p.Ours)
	if err != nil || ours.Size != s.p.Index {
		return ledger.Hash{}, bad(CodeForkProof, "", "this side is no checkpoint of size %d", s.p.Index)
	}
	top, hashes, f := s.top()
	if f != nil {
		return ours.Root, f
	}
	if err := ledger.VerifyConsistency(hashes, ours, top.Checkpoint); err != nil {
		return ours.Root, bad(CodeForkProof, "", "this side is not the beginning of what the convener signed: %v", err)
	}
	return ours.Root, nil
}

func (x *Fork) checkpoint(s forkSide) *Finding {
	theirs, f := s.open(s.p.Theirs, s.p.Index)
	if f != nil {
		return f
	}
	if theirs.Size != s.p.Index {
		return bad(CodeForkProof, "", "the other checkpoint is of size %d", theirs.Size)
	}
	x.Signers = signers(theirs, s.st)
	if f := x.differ(s, theirs.Root); f != nil {
		return f
	}
	if theirs.Log {
		x.Text = fmt.Sprintf("the convener has signed two histories: two roots of size %d", x.Size)
	} else {
		x.Text = fmt.Sprintf("%s signed another root of size %d than the convener's log has: shown a fork, or lying", strings.Join(x.Signers, ", "), x.Size)
	}
	return nil
}

func (x *Fork) differ(s forkSide, theirs ledger.Hash) *Finding {
	ours, f := s.root()
	if f != nil {
		return f
	}
	x.Ours, x.Theirs = hex.EncodeToString(ours[:]), hex.EncodeToString(theirs[:])
	if ours == theirs {
		return bad(CodeForkProof, "", "both sides have the same root: this proves nothing")
	}
	return nil
}

// signed opens the other side's entry and checks its author's signature.
func (s forkSide) signed() (*entry.Signed, *Finding) {
	e, err := entry.Open(s.p.Theirs)
	if err != nil {
		return nil, bad(CodeForkProof, "", "the other entry: %v", err)
	}
	keys, ok := s.st.Keys(e.Author, s.st.Size())
	if !ok {
		return nil, bad(CodeSignature, "", "%.40q is not a founding member; give an evidence bundle, with --bundle", e.Author)
	}
	if err := e.Verify(keys); err != nil {
		return nil, bad(CodeSignature, "", "the other entry: %v", err)
	}
	return e, nil
}

func (x *Fork) witness(s forkSide) *Finding {
	e, f := s.signed()
	if f != nil {
		return f
	}
	var w rules.CheckpointWitness
	if e.Kind != rules.KindCheckpointWitness || e.Origin != x.Ledger || entry.Decode(e.Body, &w) != nil || w.Size != s.p.Index {
		return bad(CodeForkProof, "", "the other entry witnesses no root of size %d of this ledger", s.p.Index)
	}
	root, err := hex.DecodeString(w.Root)
	if err != nil || len(root) != len(ledger.Hash{}) {
		return bad(CodeForkProof, "", "the witnessed root is not in its form")
	}
	x.Signers = []string{e.Author}
	if f := x.differ(s, ledger.Hash(root)); f != nil {
		return f
	}
	x.Text = fmt.Sprintf("%s says that it has seen another root of size %d than the convener's log has: shown a fork, or lying", e.Author, x.Size)
	return nil
}

// entry: the other entry is signed by its author, but nobody signs which place it is given. It is a proof when the author signed two entries of one number.
func (x *Fork) entry(s forkSide) *Finding {
	theirs, f := s.signed()
	if f != nil {
		return f
	}
	x.Signers = []string{theirs.Author}
	top, hashes, f := s.top()
	if f != nil {
		return f
	}
	if err := ledger.VerifyInclusion(s.p.Ours, s.p.Index, hashes, top.Checkpoint); err != nil {
		return bad(CodeForkProof, "", "this side's entry: %v", err)
	}
	ours, err := entry.Open(s.p.Ours)
	if err != nil {
		return bad(CodeForkProof, "", "this side's entry: %v", err)
	}
	a, b := ours.Hash(), theirs.Hash()
	x.Ours, x.Theirs = hex.EncodeToString(a[:]), hex.EncodeToString(b[:])
	if a == b || ours.Author != theirs.Author || ours.Seq != theirs.Seq || ours.Origin != theirs.Origin {
		return bad(CodeForkProof, "", "the other entry is %s's number %d; who delivered it in the place of entry %d has signed nothing: compare bundles of two members (tacet-audit diff)",
			theirs.Author, theirs.Seq, s.p.Index)
	}
	x.Text = fmt.Sprintf("%s has signed two entries with its number %d", theirs.Author, theirs.Seq)
	return nil
}
