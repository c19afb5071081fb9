package bounded

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/tacet-health/tacet/crypto/secagg"
)

// TestResume: a second life with the seed of the first says the same in every step, to the byte but for signatures; another vector or other keys share
// nothing with it.
func TestResume(t *testing.T) {
	for _, r := range []Round{cheats, {Manifest: [32]byte{9}, Members: cheats.Members, Form: Histogram, Length: 5}} {
		all := map[string]*Member{}
		for _, n := range r.Members {
			m, err := New(r, n, silent)
			if err != nil {
				t.Fatal(err)
			}
			all[n] = m
		}
		second, err := Resume(r, "b", silent, all["b"].Seed())
		if err != nil {
			t.Fatal(err)
		}
		x := make([]int64, r.Length)
		x[1] = 1
		set := map[string][]byte{}
		for _, k := range Steps() {
			do := func(m *Member) (*secagg.Message, error) {
				switch k {
				case secagg.KindKeys:
					return m.Keys()
				case secagg.KindReport:
					return m.Report(set, x)
				case secagg.KindPrep:
					return m.Prep(set)
				case secagg.KindCommit:
					return m.Commit(set)
				case secagg.KindTags:
					return m.Tags(set)
				}
				return m.Open(set)
			}
			again, err := do(second)
			if err != nil {
				t.Fatal(k, err)
			}
			next := step(t, all, do)
			if !bytes.Equal(next["b"], again.Bytes()) {
				t.Errorf("%s of the second life differs", k)
			}
			set = next
		}
	}
	all, keys := members(t)
	one, err := all["b"].Report(keys, []int64{1, 2, 3, 4})
	if err != nil {
		t.Fatal(err)
	}
	other, err := Resume(cheats, "b", silent, all["b"].Seed())
	if err != nil {
		t.Fatal(err)
	}
	if _, err = other.Keys(); err != nil {
		t.Fatal(err)
	}
	two, err := other.Report(keys, []int64{1, 2, 3, 5})
	if err != nil {
		t.Fatal(err)
	}
	for at := 32; at+seedSize <= len(one.Body); at += seedSize {
		if bytes.Equal(one.Body[at:at+seedSize], two.Body[at:at+seedSize]) {
			t.Fatal("two reports of one seed have something in common")
		}
	}
	if slices.Equal(all["b"].dealt[0].mask, other.dealt[0].mask) {
		t.Error("two reports of one seed have one mask")
	}
}

// FuzzObjection: any bytes are an objection of this member to another one, in its one form, or an error.
func FuzzObjection(f *testing.F) {
	m, err := New(cheats, "b", silent)
	if err != nil {
		f.Fatal(err)
	}
	m.step = secagg.KindCommit
	f.Add(m.Object(&Fault{"c", BadPart, nil}).Bytes())
	f.Add(secagg.Sign(silent, secagg.KindObjection, m.base, "b", make([]byte, objectionSize)).Bytes())
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := Objection(cheats, silent, "b", in)
		if err != nil {
			return
		}
		if got.Who == "b" || !slices.Contains(cheats.Members, got.Who) || errors.Is(got, ErrRange) != (got.Charge == NotProven) {
			t.Errorf("%+v", got)
		}
	})
}
