package bounded

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cloudflare/circl/vdaf/prio3/arith/fp128"

	"github.com/tacet-health/tacet/crypto/secagg"
)

// silent signs nothing: these tests are of what is inside the messages.
var silent = secagg.Signing{Sign: func(string, []byte) []byte { return nil }, Verify: func(string, string, []byte, []byte) error { return nil }}

var cheats = Round{Manifest: [32]byte{9}, Members: []string{"a", "b", "c", "d"}, Form: Vector, Length: 4, Bits: 6}

func members(t *testing.T) (map[string]*Member, map[string][]byte) {
	t.Helper()
	all, keys := map[string]*Member{}, map[string][]byte{}
	for _, n := range cheats.Members {
		m, err := New(cheats, n, silent)
		if err != nil {
			t.Fatal(err)
		}
		msg, err := m.Keys()
		if err != nil {
			t.Fatal(err)
		}
		all[n], keys[n] = m, msg.Bytes()
	}
	return all, keys
}

// step has every member do a step and wants no error.
func step(t *testing.T, all map[string]*Member, do func(*Member) (*secagg.Message, error)) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for n, m := range all {
		msg, err := do(m)
		if err != nil {
			t.Fatal(n, err)
		}
		out[n] = msg.Bytes()
	}
	return out
}

// TestOutOfRange: a vector out of range is refused by every honest member, each by itself, and its author is named.
func TestOutOfRange(t *testing.T) {
	all, keys := members(t)
	false1, err := all["c"].Misreport(keys)
	if err != nil {
		t.Fatal(err)
	}
	reports := map[string][]byte{"c": false1.Bytes()}
	for _, n := range []string{"a", "b", "d"} {
		msg, err := all[n].Report(keys, []int64{1, 63, 0, 5})
		if err != nil {
			t.Fatal(err)
		}
		reports[n] = msg.Bytes()
	}
	preps := step(t, all, func(m *Member) (*secagg.Message, error) { return m.Prep(reports) })
	for _, n := range []string{"a", "b", "d"} {
		// What would have come in without the proof: not four small numbers.
		if _, err := all[n].parts[2].out[0].GetUint64(); err == nil {
			t.Fatal("a share is a small number")
		}
		_, err := all[n].Commit(preps)
		if !errors.Is(err, ErrRange) || !strings.Contains(err.Error(), "report of c") {
			t.Errorf("%s: %v", n, err)
			continue
		}
		f, _ := errors.AsType[*Fault](err)
		got, err := Objection(cheats, silent, n, all[n].Object(f).Bytes())
		if err != nil || got.Who != "c" || got.Charge != NotProven {
			t.Errorf("objection of %s: %+v %v", n, got, err)
		}
	}
	// Anybody who has the messages can see it.
	tr := Transcript{secagg.KindKeys: keys, secagg.KindReport: reports, secagg.KindPrep: preps}
	if f, ok := errors.AsType[*Fault](Judge(cheats, silent, tr)); !ok || f.Who != "c" {
		t.Error("judged:", f)
	}
	if _, err := all["c"].Commit(preps); err == nil || errors.As(err, new(*Fault)) {
		t.Error("c about its own report:", err)
	}
	var sum fp128.Fp
	for _, n := range []string{"a", "b", "d"} {
		sum.AddAssign(&all[n].parts[2].out[0])
	}
	if _, err := sum.GetUint64(); err == nil {
		t.Fatal("the vector is in range after all")
	}
}

// honest plays up to and with commit.
func honest(t *testing.T) (all map[string]*Member, tr Transcript) {
	t.Helper()
	all, keys := members(t)
	tr = Transcript{secagg.KindKeys: keys}
	tr[secagg.KindReport] = step(t, all, func(m *Member) (*secagg.Message, error) { return m.Report(keys, []int64{1, 2, 3, 4}) })
	tr[secagg.KindPrep] = step(t, all, func(m *Member) (*secagg.Message, error) { return m.Prep(tr[secagg.KindReport]) })
	return all, tr
}

// TestShiftedShare: an aggregator adds to its share of the sum, and commits to that. A range proof does not see it, the tags do.
func TestShiftedShare(t *testing.T) {
	for _, adapt := range []bool{false, true} {
		all, tr := honest(t)
		tr[secagg.KindCommit] = step(t, all, func(m *Member) (*secagg.Message, error) { return m.Commit(tr[secagg.KindPrep]) })
		b := all["b"]
		v, err := decode(b.open)
		if err != nil {
			t.Fatal(err)
		}
		var one fp128.Fp
		one.SetOne()
		v[2].AddAssign(&one) // the sum of element 2 is one more: within every range
		b.open = encode(v)
		b.step = secagg.KindPrep
		b.hash = secagg.HashAll(mustCollect(t, secagg.KindReport, tr))
		msg := b.message(secagg.KindCommit, mustHash(t, secagg.KindPrep, tr), sum256(b.open))
		tr[secagg.KindCommit]["b"], b.step, b.hash = msg.Bytes(), secagg.KindCommit, secagg.HashAll(mustCollect(t, secagg.KindPrep, tr))
		tr[secagg.KindTags] = step(t, all, func(m *Member) (*secagg.Message, error) { return m.Tags(tr[secagg.KindCommit]) })
		if adapt {
			// b puts the difference, ρ₂, into the tag of a share that it dealt to c: the total would be right again.
			rho := coefficients(b.id, secagg.HashAll(mustCollect(t, secagg.KindCommit, tr)), cheats.Length)
			msgs := mustCollect(t, secagg.KindTags, tr)
			body := bytes.Clone(msgs[1].Body)
			at := body[32+place(2, 1)*fieldSize:][:fieldSize]
			x, _ := decode(at)
			x[0].AddAssign(&rho[2])
			copy(at, encode(x))
			tr[secagg.KindTags]["b"] = b.message(secagg.KindTags, body).Bytes()
			if _, err := all["c"].Open(tr[secagg.KindTags]); err == nil || !strings.Contains(err.Error(), "b has not tagged") {
				t.Error("c opens on a tag that is not of what it was dealt:", err)
			}
			// Without c's check the sum would come out, one too high.
			all["c"].got[1].share = tagOf(mustCollect(t, secagg.KindTags, tr)[1], 1, 2)
			all["c"].step, all["c"].hash = secagg.KindTags, secagg.HashAll(mustCollect(t, secagg.KindCommit, tr))
		}
		tr[secagg.KindOpen] = step(t, all, func(m *Member) (*secagg.Message, error) { return m.Open(tr[secagg.KindTags]) })
		sum, err := Recover(cheats, silent, tr)
		switch {
		case !adapt && !errors.Is(err, ErrShare):
			t.Errorf("a shifted share: %v %v", sum, err)
		case adapt && (err != nil || !slices.Equal(sum, []int64{4, 8, 13, 16})):
			t.Errorf("the attack does not work without the defence: %v %v", sum, err)
		}
	}
}

// TestSharesNeedMasks: among three members, without masks, one reads another's vector off its share of the sum. With them it is noise.
func TestSharesNeedMasks(t *testing.T) {
	all, tr := honest(t)
	step(t, all, func(m *Member) (*secagg.Message, error) { return m.Commit(tr[secagg.KindPrep]) })
	// c and d are in collusion against a and b: of b's vector they hold two shares, the third is a's.
	stolen := append(fp128.Vec{}, all["c"].parts[1].out...)
	stolen.AddAssign(all["d"].parts[1].out)
	bare := append(fp128.Vec{}, all["a"].parts[1].out...)
	for _, c := range []string{"c", "d"} { // a's share of the sum, before masks, has these besides, which they dealt themselves
		bare.AddAssign(all[c].mine[0].out)
		bare.SubAssign(all[c].mine[0].out)
	}
	stolen.AddAssign(bare)
	if x, err := stolen[3].GetUint64(); err != nil || x != 4 {
		t.Fatal("the attack does not work without masks")
	}
	masked, err := decode(all["a"].open)
	if err != nil {
		t.Fatal(err)
	}
	seen := append(fp128.Vec{}, all["c"].parts[1].out...)
	seen.AddAssign(all["d"].parts[1].out)
	seen.AddAssign(masked[:cheats.Length])
	for _, c := range []string{"c", "d"} {
		me := all[c]
		seen.SubAssign(me.mine[0].out)
		// and the mask they share with a, which they know: a is lower, it added
		seen.SubAssign(expand(derive(slices.Concat(all["a"].dealt[me.self].mask, me.dealt[0].mask), me.id, "mask"), cheats.Length+1)[:cheats.Length])
	}
	for i := range seen {
		if x, err := seen[i].GetUint64(); err == nil {
			t.Errorf("element %d under the mask of a and b is %d", i, x)
		}
	}
}

func mustCollect(t *testing.T, k secagg.Kind, tr Transcript) []*secagg.Message {
	t.Helper()
	p, err := newProver(cheats)
	if err != nil {
		t.Fatal(err)
	}
	msgs, err := secagg.Collect(silent, cheats.Base(), k, tr[k], cheats.size(p, k))
	if err != nil {
		t.Fatal(err)
	}
	return msgs
}

func mustHash(t *testing.T, k secagg.Kind, tr Transcript) []byte {
	h := secagg.HashAll(mustCollect(t, k, tr))
	return h[:]
}

func sum256(b []byte) []byte { h := sha256.Sum256(b); return h[:] }
