package rules

// LedgerFreeze closes the ledger for good: what is in it stays and can be verified for ever, and nothing is added. A consortium that ends, or that goes on in
// another ledger, exports its evidence once more and can then turn its machines off.
type LedgerFreeze struct {
	Reason    string `json:"reason"`
	Successor string `json:"successor"` // the ledger in which the members go on, or empty
}

// Frozen is where the ledger ends.
type Frozen struct {
	Index uint64 `json:"index"` // of the entry that carried the motion: the last one
	LedgerFreeze
}

func validateFreeze(b *LedgerFreeze) *Refusal {
	if !isText(b.Reason, 1000) || b.Successor != "" && !isText(b.Successor, 200) {
		return refuse(CodeForm, "a ledger is frozen with a reason, in at most 1000 bytes, and perhaps the name of its successor")
	}
	return nil
}

func resolveFreeze(s *State, b *LedgerFreeze) (effect, *Refusal) {
	if run := s.open(); run != nil {
		return nil, refuse(CodeRunOpen, "run %q is neither certified nor void; finish it first", run.Body.Run)
	}
	if b.Successor == s.genesis.Ledger {
		return nil, refuse(CodeForm, "ledger %q does not succeed itself", b.Successor)
	}
	return func(index uint64) { s.frozen = &Frozen{index, *b} }, nil
}

// Frozen says whether the ledger is closed for good, and since when.
func (s *State) Frozen() (Frozen, bool) {
	if s.frozen == nil {
		return Frozen{}, false
	}
	return *s.frozen, true
}
