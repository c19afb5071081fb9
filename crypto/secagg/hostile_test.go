package secagg

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// upTo plays a round's steps before k with an honest convener.
func upTo(t *testing.T, n, threshold int, k Kind) *scene {
	t.Helper()
	s := newScene(n, threshold, 3)
	s.fill(rand.New(rand.NewPCG(8, 9)))
	for _, name := range s.round.Members {
		s.stops[name] = k - 1
	}
	s.play() // ends with an error: nobody does the rest
	s.stops = map[string]Kind{}
	return s
}

func refused(t *testing.T, what, want string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

// TestSwappedKeys: a convener that shows a member another's key as somebody's, or one of its own.
func TestSwappedKeys(t *testing.T) {
	s := upTo(t, 3, 3, KindShares)
	m := s.members["m00"]
	s.t.Keys["m01"] = s.t.Keys["m02"]
	_, err := m.Shares(s.t.Keys)
	refused(t, "another member's keys", "where one of", err)

	s = upTo(t, 3, 3, KindShares)
	s.keys["m01"], s.keys[convener] = s.keys[convener], s.keys["m01"] // the convener signs as m01
	forged, _ := New(s.round, "m01", s.keys.of("m01"))
	msg, _ := forged.Keys()
	s.keys["m01"], s.keys[convener] = s.keys[convener], s.keys["m01"]
	s.t.Keys["m01"] = msg.Bytes()
	_, err = s.members["m00"].Shares(s.t.Keys)
	refused(t, "a key the member did not sign", "signature", err)

	s = upTo(t, 3, 3, KindShares)
	delete(s.t.Keys, "m02")
	_, err = s.members["m00"].Shares(s.t.Keys)
	refused(t, "a smaller roster", "cannot be held", err)
}

// TestReplayedRound: messages of another round are of no use in this one.
func TestReplayedRound(t *testing.T) {
	old := upTo(t, 3, 3, KindShares)
	s := upTo(t, 3, 3, KindShares)
	for _, f := range []func(*Round){func(r *Round) { r.Number++ }, func(r *Round) { r.Manifest[0]++ }, func(r *Round) { r.Members = append(r.Members[:2:2], "m09") }} {
		r := s.round
		f(&r)
		keys := s.keys
		for _, n := range r.Members {
			if keys[n] == nil {
				keys[n] = newKeyring(n)[n]
			}
		}
		m, err := New(r, "m00", keys.of("m00"))
		if err != nil {
			t.Fatal(err)
		}
		mine, _ := m.Keys()
		shown := map[string][]byte{"m00": mine.Bytes(), "m01": old.t.Keys["m01"], "m02": old.t.Keys["m02"]}
		_, err = m.Shares(shown)
		refused(t, "keys of another round", "another round", err)
	}
	_, err := s.members["m00"].Keys()
	refused(t, "a step twice", "once, in order", err)
}

// TestDifferentShares: the convener hides one member's shares from another. Their masks would not cancel; no list is signed.
func TestDifferentShares(t *testing.T) {
	s := upTo(t, 5, 3, KindMasked)
	for _, n := range s.round.Members {
		shown := map[string][]byte{}
		for k, v := range s.t.Shares {
			if n != "m00" || k != "m04" {
				shown[k] = v
			}
		}
		msg, v, err := s.members[n].Masked(shown, s.x[n])
		if err != nil {
			t.Fatal(err)
		}
		s.t.Masked[n], s.t.Vectors[n] = msg.Bytes(), v
	}
	p, err := Propose(s.round, s.keys.of(convener), convener, s.t.Shares, s.t.Masked)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.members["m01"].Cosign(convener, p.Bytes(), s.t.Masked)
	refused(t, "masks that do not cancel", "would not cancel", err)
}

// proposal signs a list as the convener does, whatever it says.
func (s *scene) proposal(change func(body []byte)) []byte {
	p, _ := Propose(s.round, s.keys.of(convener), convener, s.t.Shares, s.t.Masked)
	body := bytes.Clone(p.Body)
	change(body)
	return sign(s.keys.of(convener), KindProposal, s.round.ID(), convener, body).Bytes()
}

// TestTwoLists: the convener shows one half m00 present and the other half m00 dropped, to get both of its secrets. Nobody signs two lists, and no
// list of two gets a threshold of signatures; the two proposals convict the convener.
func TestTwoLists(t *testing.T) {
	s := upTo(t, 5, 3, KindList)
	honest := s.proposal(func([]byte) {})
	other := s.proposal(func(b []byte) { copy(b[:33], append([]byte{byte(dropped)}, make([]byte, 32)...)) })
	without := map[string][]byte{}
	for n, v := range s.t.Masked {
		if n != "m00" {
			without[n] = v
		}
	}
	lists := map[string]map[string][]byte{"a": {}, "b": {}}
	for _, n := range []string{"m00", "m01", "m02"} {
		msg, err := s.members[n].Cosign(convener, honest, s.t.Masked)
		if err != nil {
			t.Fatal(err)
		}
		lists["a"][n] = msg.Bytes()
	}
	for _, n := range []string{"m03", "m04"} {
		msg, err := s.members[n].Cosign(convener, other, without)
		if err != nil {
			t.Fatal(err)
		}
		lists["b"][n] = msg.Bytes()
	}
	_, err := s.members["m01"].Cosign(convener, other, without)
	refused(t, "a second list", "once, in order", err)
	_, err = s.members["m03"].Reveal(lists["b"])
	refused(t, "a list with too few signatures", "2 members have signed", err)
	lists["b"]["m01"] = lists["a"]["m01"]
	_, err = s.members["m03"].Reveal(lists["b"])
	refused(t, "a signature under another list", "shown two", err)
	if name, ok := Conflict(s.keys.of("m01"), s.round, KindProposal, honest, other); !ok || name != convener {
		t.Errorf("two lists are no evidence: %q %v", name, ok)
	}
	if _, ok := Conflict(s.keys.of("m01"), s.round, KindProposal, honest, honest); ok {
		t.Error("one list is evidence against its author")
	}
}

// TestWrongLists: lists that are wrong about somebody.
func TestWrongLists(t *testing.T) {
	s := upTo(t, 5, 3, KindList)
	gone := map[string][]byte{}
	for n, v := range s.t.Masked {
		if n != "m04" {
			gone[n] = v
		}
	}
	for what, c := range map[string]struct {
		change func([]byte)
		masked map[string][]byte
		want   string
	}{
		"present without a vector": {func([]byte) {}, gone, "not shown"},
		"absent though it dealt":   {func(b []byte) { b[4*33] = byte(absent) }, s.t.Masked, "wrong about"},
		"this member dropped":      {func(b []byte) { copy(b[:33], append([]byte{byte(dropped)}, make([]byte, 32)...)) }, s.t.Masked, "not have this member present"},
		"another vector":           {func(b []byte) { b[33*2+5] ^= 1 }, s.t.Masked, "another masked vector"},
		"too few": {func(b []byte) {
			for i := 2; i < 5; i++ {
				copy(b[33*i:][:33], append([]byte{byte(dropped)}, make([]byte, 32)...))
			}
		}, s.t.Masked, "members present"},
		"no form": {func(b []byte) { b[33] = 9 }, s.t.Masked, "wrong about"},
	} {
		_, err := s.members["m00"].Cosign(convener, s.proposal(c.change), c.masked)
		refused(t, what, c.want, err)
	}
	_, err := s.members["m00"].Cosign(convener, sign(s.keys.of("m03"), KindProposal, s.round.ID(), "m03", make([]byte, 165)).Bytes(), s.t.Masked)
	refused(t, "a list of somebody else", "not by convener", err)
	if _, err := s.members["m00"].Cosign(convener, s.proposal(func([]byte) {}), s.t.Masked); err != nil {
		t.Error("the right list after wrong ones:", err)
	}
}

// TestTamperedTranscript: whatever is changed in a transcript, there is an error or the right sum, never a wrong sum.
func TestTamperedTranscript(t *testing.T) {
	s := newScene(4, 3, 3)
	s.fill(rand.New(rand.NewPCG(10, 11)))
	s.stops["m03"] = KindShares
	sum, err := s.play()
	if err != nil {
		t.Fatal(err)
	}
	s.check(t, sum)
	parts := map[string]map[string][]byte{
		"keys": s.t.Keys, "shares": s.t.Shares, "masked": s.t.Masked, "lists": s.t.Lists, "reveals": s.t.Reveals, "vectors": s.t.Vectors,
	}
	r := rand.New(rand.NewPCG(12, 13))
	broken := 0
	for _, part := range parts {
		for range 25 {
			name := s.round.Members[r.IntN(4)]
			b, ok := part[name]
			if !ok || len(b) == 0 {
				continue
			}
			changed := bytes.Clone(b)
			changed[r.IntN(len(b))] ^= 1 << r.IntN(8)
			part[name] = changed
			if got, err := Recover(s.round, s.keys.of(convener), s.t); err == nil {
				s.check(t, got)
			} else {
				broken++
			}
			part[name] = b
		}
	}
	if broken < 50 {
		t.Errorf("only %d changes were noticed", broken)
	}
}

// FuzzOpen: a message is hostile bytes; what is accepted is exactly what a member signed.
func FuzzOpen(f *testing.F) {
	s := newScene(3, 2, 3)
	signing := s.keys.of("m00")
	m, _ := New(s.round, "m00", signing)
	msg, _ := m.Keys()
	f.Add(msg.Bytes())
	f.Add([]byte(magic))
	f.Add(append([]byte(magic), bytes.Repeat([]byte{255}, 60)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := open(signing, KindKeys, s.round, b, keysSize)
		if err == nil && !bytes.Equal(b, msg.Bytes()) {
			t.Errorf("a message nobody signed, of %s", got.Member)
		}
	})
}
