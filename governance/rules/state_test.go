package rules_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/governance/rules/transcript"
)

// kindOf opens an entry: its kind, and the subject if it carries a motion that a transcript put.
func kindOf(t testing.TB, signed []byte) (kind, subject string) {
	e, err := entry.Open(signed)
	if err != nil {
		t.Fatal(err)
	}
	var m rules.MotionPropose
	if e.Kind == rules.KindMotionPropose && entry.Decode(e.Body, &m) == nil {
		subject = m.Subject
	}
	return e.Kind, subject
}

// replayed judges everything that was judged in a world again, refused entries included: verdicts and state are the same.
func replayed(t *testing.T, w *transcript.World) {
	t.Helper()
	s, err := rules.New(w.State.Genesis())
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range w.Attempts {
		if v := s.Apply(e); transcript.Say(v) != transcript.Say(w.Verdicts[i]) {
			t.Fatalf("attempt %d: first %s, then %s", i, transcript.Say(w.Verdicts[i]), transcript.Say(v))
		}
	}
	if s.Hash() != w.State.Hash() {
		t.Fatal("the replayed state differs")
	}
}

func TestReplayGivesTheSameState(t *testing.T) {
	w := transcript.New(t)
	var entries [][]byte
	for _, line := range []string{
		`payer-a measure.propose {"id":"m-rate","version":"1.0.0","hash":"${spechash:m-rate:1.0.0}","definition":"${spec:m-rate:1.0.0}"}`,
		`payer-b measure.vote {"hash":"${spechash:m-rate:1.0.0}","choice":"yes"}`,
		`payer-c measure.vote {"hash":"${spechash:m-rate:1.0.0}","choice":"no"}`,
		`convener profile.set {"name":"price-like","profile":${profile:price-like:},"hash":"${profilehash:price-like:}"}`,
		`convener roster.set {"practices":${roster:p1,p2},"hash":"${rosterhash:p1,p2}"}`,
		`payer-d member.leave {"name":"payer-d"}`,
	} {
		if v := w.Do(line); v.Refusal != nil {
			t.Fatal(v.Refusal)
		}
		entries = append(entries, w.Attempts[len(w.Attempts)-1])
	}
	again, err := rules.New(w.State.Genesis())
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if v := again.Apply(e); v.Refusal != nil || v.Index != uint64(i+1) {
			t.Fatalf("entry %d: %+v", i+1, v)
		}
	}
	if again.Hash() != w.State.Hash() || again.Size() != 7 {
		t.Fatal("the replayed state differs")
	}
	// Order matters to the state, so the hash must see it.
	other, _ := rules.New(w.State.Genesis())
	for _, i := range []int{0, 2, 1, 3, 4, 5} {
		other.Apply(entries[i])
	}
	if other.Hash() == w.State.Hash() {
		t.Fatal("the hash does not see the order of votes")
	}
	if p := w.State.Payers(); fmt.Sprint(p) != "[payer-a payer-b payer-c]" {
		t.Fatal(p)
	}
}

func TestGenesis(t *testing.T) {
	w := transcript.New(t)
	g := w.State.Genesis()
	b, err := g.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	back, err := rules.ParseGenesis(b)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := back.Canonical(); !bytes.Equal(again, b) {
		t.Fatal("genesis has two forms")
	}
	if _, err := rules.ParseGenesis(append(b, '\n')); !errors.Is(err, entry.ErrForm) {
		t.Fatal(err)
	}
	for want, bad := range map[string]func(*rules.Genesis){
		"ledger name":     func(g *rules.Genesis) { g.Ledger = "Has Space" },
		"format":          func(g *rules.Genesis) { g.Format = 2 },
		"founding payers": func(g *rules.Genesis) { g.Members = make([]identity.Public, rules.MaxMembers) },
		"two members are": func(g *rules.Genesis) { g.Members = append(g.Members[:1:1], g.Members[0]) },
		"share a key": func(g *rules.Genesis) {
			p := w.Key("payer-z").Public()
			p.TLSPin = g.Convener.TLSPin
			g.Members = append(g.Members[:1:1], p)
		},
	} {
		c := g
		bad(&c)
		if _, err := c.Canonical(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// TestFirstPayer: a ledger may begin with nobody but the convener; then the first payer needs no endorsement, and every later one does.
func TestFirstPayer(t *testing.T) {
	w := transcript.New(t)
	g := w.State.Genesis()
	g.Members = nil
	b, err := g.Canonical()
	if err != nil || !bytes.Contains(b, []byte(`"members":[]`)) {
		t.Fatalf("%s %v", b, err)
	}
	if _, err := rules.ParseGenesis(bytes.Replace(b, []byte(`"members":[]`), []byte(`"members":null`), 1)); !errors.Is(err, entry.ErrForm) {
		t.Fatalf("a second encoding of nobody: %v", err)
	}
	if w.State, err = rules.New(g); err != nil {
		t.Fatal(err)
	}
	if v := w.Do(`convener member.join {"member":${member:regulator},"role":"observer","endorsements":[]}`); v.Refusal == nil || v.Refusal.Code != rules.CodeEndorsement {
		t.Fatalf("%+v", v)
	}
	if v := w.Do(`convener member.join {"member":${member:payer-a},"role":"payer","endorsements":[]}`); v.Refusal != nil {
		t.Fatal(v.Refusal)
	}
	if v := w.Do(`convener member.join {"member":${member:payer-b},"role":"payer","endorsements":[]}`); v.Refusal == nil || v.Refusal.Code != rules.CodeEndorsement {
		t.Fatalf("%+v", v)
	}
	if v := w.Do(`convener member.join {"member":${member:payer-b},"role":"payer","endorsements":${endorse:payer-b:payer-a}}`); v.Refusal != nil {
		t.Fatal(v.Refusal)
	}
}

func TestLedgerIsFull(t *testing.T) {
	w := transcript.New(t)
	for i := len(w.State.Members()); i < rules.MaxMembers; i++ {
		w.State.Fill(fmt.Sprintf("filler-%d", i))
	}
	v := w.Do(`convener member.join {"member":${member:payer-e},"role":"payer","endorsements":${endorse:payer-e:payer-a,payer-b,payer-c}}`)
	if v.Refusal == nil || v.Refusal.Code != rules.CodeTooMany {
		t.Fatalf("%+v", v)
	}
}

// TestFailingRule makes a rule panic: the entry is refused and the replica lives.
func TestFailingRule(t *testing.T) {
	w := transcript.New(t)
	w.Do("given measures profiles roster")
	w.State.Break()
	v := w.State.Apply(w.Entry(`convener run.authorise r1`))
	if v.Refusal == nil || v.Refusal.Code != rules.CodeInternal {
		t.Fatalf("%+v", v)
	}
}

func TestRunRecord(t *testing.T) {
	w := transcript.New(t)
	w.Do("time 2021-06-01")
	w.Do("given measures profiles roster")
	w.Do(`convener run.authorise r1`)
	at := w.State.Size() - 1
	e, err := entry.Open(w.Attempts[len(w.Attempts)-1])
	if err != nil {
		t.Fatal(err)
	}
	sum := e.BodyHash()
	r, ok := w.State.Run("r1")
	if !ok || r.Index != at || r.Manifest != hex.EncodeToString(sum[:]) || r.Status != rules.RunAuthorised || len(r.Profiles) != 2 || r.Profiles[1].Profile.Name != "price-like" {
		t.Fatalf("%+v", r)
	}
	// A profile that gets stricter later does not change a run that is authorised.
	w.Do(`convener profile.set {"name":"price-like","profile":${profile:price-like:version=2,min_den=90},"hash":"${profilehash:price-like:version=2,min_den=90}"}`)
	if r, _ = w.State.Run("r1"); r.Profiles[1].Profile.MinDen != 30 {
		t.Fatal("the run's profile has changed")
	}
	if p, _ := w.State.Profile("price-like"); p.Profile.MinDen != 90 {
		t.Fatal("the profile in force has not")
	}
}
