package measures

import (
	"errors"
	"strings"
	"testing"
)

func TestSlotHash(t *testing.T) {
	// printf 'A1\nB2\n' | sha256sum
	const want = "8e8c404fefd43bca8f0e9487a8391b905570c9a08e665e46871d4f380414ba53"
	if a, b := SlotHash([]string{"B2", "A1"}), SlotHash([]string{"A1", "B2"}); a != want || b != want {
		t.Errorf("the hash is %s, %s", a, b)
	}
	if SlotHash([]string{"A1", "B2"}) == SlotHash([]string{"A1B2"}) {
		t.Error("two lists have one hash")
	}
}

func TestCheckSlots(t *testing.T) {
	codes := []string{"X0001", "X0002"}
	s := &Spec{ValueSets: map[string]ValueSet{
		"visits": {System: "cpt", Slot: "local_cpt", SlotHash: SlotHash(codes)}, "more": {Public: []string{"G0105"}, Slot: "local_more"},
	}}
	for want, filled := range map[string]map[string][]string{
		"":                          {"local_cpt": codes},
		"nothing fills it":          {"local_more": codes},
		"is filled with codes of":   {"local_cpt": codes[:1]},
		"node value-set add local_": {},
	} {
		err := s.CheckSlots(filled)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %q", filled, err, want)
		}
		if _, ok := errors.AsType[*SlotError](err); err != nil && !ok {
			t.Errorf("%T is no SlotError", err)
		}
	}
	for bad, v := range map[string]ValueSet{
		"slot_sha256 without a slot": {Public: []string{"A1"}, SlotHash: SlotHash(codes)},
		"not 64 lower-case":          {Slot: "local_cpt", SlotHash: "abc"},
	} {
		if err := v.check("set"); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("error %v, want %q", err, bad)
		}
	}
}
