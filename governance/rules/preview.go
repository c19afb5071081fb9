package rules

import (
	"encoding/json"
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// Preview judges what an entry of this author, kind and body would come to, its place in the author's chain and its signature apart, and changes nothing: so a person
// learns what the rules say before a key signs. nil means that the rules would accept it now.
func (s *State) Preview(author, kind string, body json.RawMessage) (r *Refusal) {
	defer func() {
		if p := recover(); p != nil {
			r = refuse(CodeInternal, "the rule of this kind failed on this entry")
		}
	}()
	if s.active(author) == nil {
		return refuse(CodeNotMember, "%.40q is not a member", author)
	}
	rule, r := ruleOf(kind, Version)
	if r != nil {
		return r
	}
	seq, prev := s.Next(author)
	_, r = rule(s, &entry.Signed{Entry: entry.Entry{Origin: s.genesis.Ledger, Author: author, Seq: seq, Prev: prev, Kind: kind, Version: Version, Body: body}})
	return r
}

// MotionVoters is who decides an open motion now.
func (s *State) MotionVoters(id string) []string {
	m := s.byMotion[id]
	if m == nil {
		return nil
	}
	return s.votersOn(m).all()
}

// MeasureVoters is who decides measures now.
func (s *State) MeasureVoters() []string { return s.deciders().all() }

func (el electorate) all() []string { return slices.Concat(el.plan, el.provider, el.payers) }
