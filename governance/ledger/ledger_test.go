package ledger

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	flog "github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
)

const origin = "test.example/log"

func key(t *testing.T, name string) (note.Signer, note.Verifier) {
	t.Helper()
	sk, vk, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(sk)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vk)
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

func filled(t *testing.T, n int) *Ledger {
	t.Helper()
	l, err := Open(t.TempDir(), genesis)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	if err := l.Append(records(1, n)); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestProofs(t *testing.T) {
	l := filled(t, 523)
	at := func(size uint64) Checkpoint {
		root, err := l.RootAt(size)
		if err != nil {
			t.Fatal(err)
		}
		return Checkpoint{origin, size, root}
	}
	for _, size := range []uint64{1, 2, 255, 256, 257, 512, 523} {
		c := at(size)
		for i := uint64(0); i < size; i += 1 + size/7 {
			p, err := l.Inclusion(i, size)
			if err != nil {
				t.Fatal(err)
			}
			e, err := l.Entry(i)
			if err != nil {
				t.Fatal(err)
			}
			if err := VerifyInclusion(e, i, p, c); err != nil {
				t.Fatal(err)
			}
			e[0] ^= 1
			if VerifyInclusion(e, i, p, c) == nil {
				t.Fatal("a changed entry has a proof")
			}
		}
		for old := uint64(1); old <= size; old += 1 + size/5 {
			p, err := l.Consistency(old, size)
			if err != nil {
				t.Fatal(err)
			}
			o := at(old)
			if err := VerifyConsistency(p, o, c); err != nil {
				t.Fatal(err)
			}
			o.Root[3] ^= 1
			if VerifyConsistency(p, o, c) == nil {
				t.Fatal("another root is consistent")
			}
		}
	}
	if _, err := l.Inclusion(523, 523); !errors.Is(err, ErrRange) {
		t.Fatal(err)
	}
}

// TestSignedWithEveryKey: of a party with two keys both lines count or the note is refused, and what was added to a checkpoint can be sent alone.
func TestSignedWithEveryKey(t *testing.T) {
	l := filled(t, 3)
	c, err := l.Checkpoint(origin)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string][]note.Signer{}
	var v *Verifiers
	for _, name := range []string{origin, KeyName(origin, "payer-a"), KeyName(origin, "payer-b")} {
		s1, v1 := key(t, name)
		s2, v2 := key(t, name)
		if keys[name] = []note.Signer{s1, s2}; v == nil {
			v = NewVerifiers(origin, v1, v2)
		} else {
			v.Add(strings.TrimPrefix(name, origin+"/"), v1, v2)
		}
	}
	open := func(s ...note.Signer) *Signed {
		msg, err := l.Cosign(c, s...)
		if err != nil {
			t.Fatal(err)
		}
		out, err := OpenSigned(msg, v)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, s := range keys {
		for _, half := range s {
			msg, err := l.Cosign(c, half)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := OpenSigned(msg, v); err == nil || !strings.Contains(err.Error(), "1 of its 2 keys") {
				t.Errorf("%s with half of its keys: %v", name, err)
			}
		}
	}
	stranger, _ := key(t, KeyName(origin, "payer-c"))
	msg, err := l.Cosign(c, stranger)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSigned(msg, v); !errors.Is(err, ErrNobody) {
		t.Errorf("a stranger alone: %v", err)
	}
	log := open(keys[origin]...)
	more, added, err := log.Merge(open(keys[KeyName(origin, "payer-a")]...))
	if err != nil || !added || !more.Log || !more.Members["payer-a"] {
		t.Fatal(more, added, err)
	}
	if _, added, err := more.Merge(open(keys[KeyName(origin, "payer-a")]...)); err != nil || added {
		t.Errorf("the same again: added %v, %v", added, err)
	}
	note, err := more.Since(log)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := OpenSigned(note, v)
	if err != nil || fresh.Log || len(fresh.Members) != 1 || !fresh.Members["payer-a"] {
		t.Errorf("what was added: %+v, %v", fresh, err)
	}
	if nothing, err := more.Since(more); err != nil || nothing != nil {
		t.Errorf("nothing was added: %q, %v", nothing, err)
	}
	for _, before := range []*Signed{nil, {Checkpoint: Checkpoint{Origin: origin, Size: 1}}} {
		whole, err := more.Since(before)
		if all, _ := more.Note(); err != nil || string(whole) != string(all) {
			t.Errorf("after another checkpoint: %q, %v", whole, err)
		}
	}
}

// TestCheckpointReadElsewhere has an independent implementation read a cosigned checkpoint and an inclusion proof.
func TestCheckpointReadElsewhere(t *testing.T) {
	l := filled(t, 20)
	logS, logV := key(t, origin)
	aS, aV := key(t, KeyName(origin, "payer-a"))
	bS, bV := key(t, KeyName(origin, "payer-b"))
	v := NewVerifiers(origin, logV)
	v.Add("payer-a", aV)
	v.Add("payer-b", bV)
	c, err := l.Checkpoint(origin)
	if err != nil {
		t.Fatal(err)
	}
	var all *Signed
	for _, s := range []note.Signer{logS, aS, bS, aS} {
		msg, err := l.Cosign(c, s)
		if err != nil {
			t.Fatal(err)
		}
		one, err := OpenSigned(msg, v)
		if err != nil {
			t.Fatal(err)
		}
		if all == nil {
			all = one
		} else if all, _, err = all.Merge(one); err != nil {
			t.Fatal(err)
		}
	}
	if !all.Log || !all.Members["payer-a"] || !all.Members["payer-b"] || len(all.Members) != 2 {
		t.Fatalf("signatures: %v %v", all.Log, all.Members)
	}
	msg, err := all.Note()
	if err != nil {
		t.Fatal(err)
	}
	got, rest, n, err := flog.ParseCheckpoint(msg, origin, logV, aV, bV)
	if err != nil {
		t.Fatal(err)
	}
	if got.Size != 20 || len(rest) != 0 || len(n.Sigs) != 3 || string(got.Hash) != string(c.Root[:]) {
		t.Fatalf("%+v, %d signatures", got, len(n.Sigs))
	}
	p, err := l.Inclusion(9, 20)
	if err != nil {
		t.Fatal(err)
	}
	tp := proof.TLogProof{Index: 9, Checkpoint: msg}
	for _, h := range p {
		tp.Hashes = append(tp.Hashes, h)
	}
	var back proof.TLogProof
	if err := back.Unmarshal(tp.Marshal()); err != nil || len(back.Hashes) != len(p) {
		t.Fatal(err)
	}
	if _, err := OpenSigned([]byte(strings.Replace(string(msg), "\n20\n", "\n21\n", 1)), v); err == nil {
		t.Fatal("a changed checkpoint verified")
	}
}

func TestNeverCosignsTwoHistories(t *testing.T) {
	l := filled(t, 20)
	s, _ := key(t, KeyName(origin, "payer-a"))
	c, _ := l.Checkpoint(origin)
	if _, err := l.Cosign(c, s); err != nil {
		t.Fatal(err)
	}
	forked := c
	forked.Root[0] ^= 1
	old, _ := l.RootAt(10)
	for _, x := range []struct {
		c    Checkpoint
		want error
	}{
		{forked, ErrFork}, {Checkpoint{origin, 10, old}, ErrStale}, {Checkpoint{origin, 21, c.Root}, ErrRange},
		{Checkpoint{"other.example/log", 20, c.Root}, ErrFork}, {c, nil},
	} {
		if _, err := l.Cosign(x.c, s); !errors.Is(err, x.want) {
			t.Errorf("size %d: %v, want %v", x.c.Size, err, x.want)
		}
	}
}
