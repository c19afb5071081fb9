package measures

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// SlotHash is what a definition may say of a list of codes that it cannot hold: SHA-256 over the codes in byte order, each with a line feed after it,
// in hexadecimal. It does not depend on the file the codes came in.
func SlotHash(codes []string) string {
	h := sha256.New()
	for _, c := range slices.Sorted(slices.Values(codes)) {
		h.Write([]byte(c + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// SlotError says that a measure cannot be evaluated with the codes there are for one of its slots.
type SlotError struct {
	Set, Slot  string
	Want, Have string // hashes; no Have: nothing fills the slot
}

func (e *SlotError) Error() string {
	if e.Have == "" {
		return fmt.Sprintf("value set %s needs the licensed codes of slot %s (sha256 %.16s…), and nothing fills it: tacet node value-set add %s FILE", e.Set, e.Slot, e.Want, e.Slot)
	}
	return fmt.Sprintf("slot %s of value set %s is filled with codes of sha256 %.16s…, and the approved definition means %.16s…: get the edition it means from its licensor and give it with tacet node value-set add %s FILE",
		e.Slot, e.Set, e.Have, e.Want, e.Slot)
}

// CheckSlots holds the codes that fill a measure's slots against the hashes in its definition. A slot without a hash may stay empty. The error is a
// [*SlotError].
func (s *Spec) CheckSlots(filled map[string][]string) error {
	for _, name := range slices.Sorted(maps.Keys(s.ValueSets)) {
		v := s.ValueSets[name]
		if v.SlotHash == "" {
			continue
		}
		codes, ok := filled[v.Slot]
		if !ok {
			return &SlotError{Set: name, Slot: v.Slot, Want: v.SlotHash}
		}
		if have := SlotHash(codes); have != v.SlotHash {
			return &SlotError{Set: name, Slot: v.Slot, Want: v.SlotHash, Have: have}
		}
	}
	return nil
}

// CheckName holds the name of a slot to its grammar.
func (v ValueSet) CheckName() error {
	if !nameGrammar.MatchString(v.Slot) {
		return fmt.Errorf("slot %.70q must be lower-case letters, digits and underscores", v.Slot)
	}
	return nil
}

func (v ValueSet) checkHash() error {
	switch {
	case v.SlotHash == "":
		return nil
	case v.Slot == "":
		return errors.New("slot_sha256 without a slot")
	case len(v.SlotHash) != 64 || strings.Trim(v.SlotHash, "0123456789abcdef") != "":
		return errors.New("slot_sha256 is not 64 lower-case hexadecimal digits (tacet node value-set list prints it)")
	}
	return nil
}
