package rules

import (
	"bytes"
	"testing"
)

// TestPreparedIsJudgedAlike: whatever was prepared, and however early, is judged as its bytes are: a wrong signature, a stranger, bytes that are
// no entry, an entry twice, and entries whose author had other keys when they were prepared.
func TestPreparedIsJudgedAlike(t *testing.T) {
	w := newPreparing(t)
	a, b := w.next("payer-a"), w.next("payer-b")
	forged := bytes.Replace(a, []byte(`"signature":"`), []byte(`"signature":"AAAA`), 1)
	forged = append(forged[:len(forged)-6], forged[len(forged)-2:]...) // its length again
	batch := [][]byte{[]byte("no entry"), forged, a, a, b, nil}
	one, two := w.state(), w.state()
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
	s := w.state()
	p := s.Prepare([][]byte{a})[0]
	if !p.verified {
		t.Fatal("a good signature was not verified ahead")
	}
	m := s.byName["payer-a"]
	fresh := w.other("payer-a")
	m.Public = fresh
	m.keys = append(m.keys, keyed{fresh, 1, fresh.Digest()})
	if v := s.ApplyPrepared(p); v.Refusal == nil || v.Refusal.Code != CodeSignature {
		t.Errorf("signed with keys that are replaced: %+v", v)
	}
}
