package rules

import (
	"bytes"
	"testing"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
)

// TestPreparedIsJudgedAlike: whatever was prepared, and however early, is judged as its bytes are: a wrong signature, a stranger, bytes that are
// no entry, an entry twice, and one whose author had other keys when it was prepared.
func TestPreparedIsJudgedAlike(t *testing.T) {
	generate := func(name string) *identity.Keys {
		k, err := identity.Generate(name)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	g := Genesis{Format: 1, Ledger: "test.example/log", Convener: generate("convener").Public()}
	keys := map[string]*identity.Keys{}
	for _, name := range []string{"payer-a", "payer-b", "payer-c", "stranger"} {
		if keys[name] = generate(name); name != "stranger" {
			g.Members = append(g.Members, keys[name].Public())
		}
	}
	state := func() *State {
		s, err := New(g)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := func(name string, k *identity.Keys) []byte {
		body, err := entry.Canonical(Clock{Time: 1_700_000_000})
		if err != nil {
			t.Fatal(err)
		}
		e := entry.Entry{Origin: g.Ledger, Author: name, Kind: KindClock, Version: Version, Body: body}
		e.Seq, e.Prev = state().Next(name)
		signed, err := entry.Sign(k, e)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	a, b, c := first("payer-a", keys["payer-a"]), first("payer-b", keys["payer-b"]), first("payer-c", generate("payer-c"))
	batch := [][]byte{[]byte("no entry"), c, a, a, b, nil, first("stranger", keys["stranger"]), bytes.Clone(b)}
	one, two := state(), state()
	for i, p := range one.Prepare(batch) {
		have, want := one.ApplyPrepared(p), two.Apply(batch[i])
		if have.Index != want.Index || have.Duplicate != want.Duplicate || (have.Refusal == nil) != (want.Refusal == nil) ||
			have.Refusal != nil && *have.Refusal != *want.Refusal {
			t.Errorf("entry %d: prepared %+v, as bytes %+v", i, have, want)
		}
	}
	if one.Size() != 3 || one.Hash() != two.Hash() {
		t.Errorf("size %d; the states are the same: %v", one.Size(), one.Hash() == two.Hash())
	}
	// Verified with keys that are replaced before it is the entry's turn: verified again, and refused.
	s := state()
	p := s.Prepare([][]byte{a})[0]
	if !p.verified {
		t.Fatal("a good signature was not verified ahead")
	}
	m, fresh := s.byName["payer-a"], generate("payer-a").Public()
	m.Public, m.keys = fresh, append(m.keys, keyed{fresh, 1, fresh.Digest()})
	if v := s.ApplyPrepared(p); v.Refusal == nil || v.Refusal.Code != CodeSignature {
		t.Errorf("signed with keys that are replaced: %+v", v)
	}
}
