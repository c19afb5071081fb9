package rules

import (
	"encoding/hex"

	"github.com/tacet-health/tacet/governance/entry"
)

// Verdict is what the rules say of an entry.
type Verdict struct {
	Index     uint64 // where the entry is in the ledger, or will be; meaningless when refused
	Duplicate bool   // it is there already: nothing happens
	Refusal   *Refusal
}

// effect changes the state; index is the entry's. It cannot fail: everything that can has been judged before.
type effect func(index uint64)

// Check judges a signed entry and changes nothing.
func (s *State) Check(signed []byte) Verdict { return s.CheckPrepared(open(signed)) }

// CheckPrepared is Check of an entry that was prepared.
func (s *State) CheckPrepared(p *Prepared) Verdict {
	v, _ := s.judge(p)
	return v
}

// Apply judges a signed entry and, unless it is refused or there already, takes it in. The caller then puts it into the ledger at
// Verdict.Index.
func (s *State) Apply(signed []byte) Verdict { return s.ApplyPrepared(open(signed)) }

// ApplyPrepared is Apply of an entry that was prepared.
func (s *State) ApplyPrepared(p *Prepared) Verdict {
	v, do := s.judge(p)
	if v.Refusal != nil || v.Duplicate {
		return v
	}
	do(v.Index)
	author := s.byName[p.e.Author]
	author.chain = append(author.chain, link{hash: p.hash, index: v.Index})
	s.size++
	return v
}

// judge goes through form, origin, repetition, membership, author chain and signature, which all kinds have in common, and then the kind's own rule.
func (s *State) judge(p *Prepared) (v Verdict, do effect) {
	defer func() {
		// A rule that panics must not take every replica down again and again with the same entry. The state is
		// untouched, since only effects change it, and every replica refuses alike.
		if recover() != nil {
			v, do = Verdict{Refusal: refuse(CodeInternal, "the rule of this kind failed on this entry")}, nil
		}
	}()
	no := func(r *Refusal) (Verdict, effect) { return Verdict{Refusal: r}, nil }
	if p.failed {
		return no(refuse(CodeInternal, "the entry cannot be read"))
	}
	if p.err != nil {
		return no(refuse(CodeForm, "%v", p.err))
	}
	e := p.e
	if e.Origin != s.genesis.Ledger {
		return no(refuse(CodeOrigin, "the entry is of ledger %q, this is %q", e.Origin, s.genesis.Ledger))
	}
	hash, index, taken := s.Sequence(e.Author, e.Seq)
	if taken && hash == p.hash {
		// Before membership: a farewell that is sent again because its answer was lost has arrived.
		return Verdict{Index: index, Duplicate: true}, nil
	}
	author := s.active(e.Author)
	if author == nil {
		return no(refuse(CodeNotMember, "%q is not a member", e.Author))
	}
	if taken {
		return no(refuse(CodeAuthorSequence, "entry %d of %q is already in the log with another content", e.Seq, e.Author))
	}
	if seq, prev := s.Next(e.Author); e.Seq != seq || e.Prev != prev {
		return no(refuse(CodeAuthorSequence, "%q's next entry is number %d after %.8s…, this is number %d after %.8s…", e.Author, seq, prev, e.Seq, e.Prev))
	}
	if err := p.verify(author); err != nil {
		return no(refuse(CodeSignature, "%v", err))
	}
	if s.frozen != nil {
		return no(refuse(CodeLedgerFrozen, "the ledger was frozen at entry %d; nothing is added to it", s.frozen.Index))
	}
	rule, r := ruleOf(e.Kind, e.Version)
	if r != nil {
		return no(r)
	}
	do, r = rule(s, e)
	if r != nil {
		return no(r)
	}
	return Verdict{Index: s.size}, do
}

// rule judges the body of one kind.
type rule func(s *State, e *entry.Signed) (effect, *Refusal)

// of makes a rule from a kind's two judging steps: validate looks at the form alone, resolve at the state. The effect that
// resolve returns is the third.
func of[B any](validate func(*B) *Refusal, resolve func(*State, *entry.Signed, *B) (effect, *Refusal)) rule {
	return func(s *State, e *entry.Signed) (effect, *Refusal) {
		b := new(B)
		if err := entry.Decode(e.Body, b); err != nil {
			return nil, refuse(CodeForm, "body of %s: %v", e.Kind, err)
		}
		if r := validate(b); r != nil {
			return nil, r
		}
		return resolve(s, e, b)
	}
}

func onlyConvener(s *State, e *entry.Signed) *Refusal {
	if e.Author != s.Convener() {
		return refuse(CodeNotAllowed, "%s is the convener's to write, not %q's", e.Kind, e.Author)
	}
	return nil
}

func hexOf(b [32]byte) string { return hex.EncodeToString(b[:]) }
