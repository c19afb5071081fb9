package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
)

// kinds is every kind this version knows.
var kinds = []string{KindMemberJoin, KindMemberLeave, KindMeasurePropose, KindMeasureVote, KindMeasureApprove, KindProfileSet, KindRosterSet, KindRunAuthorise, KindRunVoid, KindRunCertify}

func TestReplayGivesTheSameState(t *testing.T) {
	w := newWorld(t)
	var entries [][]byte
	for _, line := range []string{
		`payer-a measure.propose {"id":"m-rate","version":"1.0.0","hash":"${spechash:m-rate:1.0.0}","definition":"${spec:m-rate:1.0.0}"}`,
		`payer-b measure.vote {"hash":"${spechash:m-rate:1.0.0}","choice":"yes"}`,
		`payer-c measure.vote {"hash":"${spechash:m-rate:1.0.0}","choice":"no"}`,
		`convener profile.set {"name":"price-like","profile":${profile:price-like:},"hash":"${profilehash:price-like:}"}`,
		`convener roster.set {"practices":${roster:p1,p2},"hash":"${rosterhash:p1,p2}"}`,
		`payer-d member.leave {"name":"payer-d"}`,
	} {
		if v := w.do(line); v.Refusal != nil {
			t.Fatal(v.Refusal)
		}
		entries = append(entries, w.last)
	}
	again, err := New(w.s.Genesis())
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if v := again.Apply(e); v.Refusal != nil || v.Index != uint64(i+1) {
			t.Fatalf("entry %d: %+v", i+1, v)
		}
	}
	if again.Hash() != w.s.Hash() || again.Size() != 7 {
		t.Fatal("the replayed state differs")
	}
	// Order matters to the state, so the hash must see it.
	other, _ := New(w.s.Genesis())
	for _, i := range []int{0, 2, 1, 3, 4, 5} {
		other.Apply(entries[i])
	}
	if other.Hash() == w.s.Hash() {
		t.Fatal("the hash does not see the order of votes")
	}
	if p := w.s.Payers(); fmt.Sprint(p) != "[payer-a payer-b payer-c]" {
		t.Fatal(p)
	}
}

func TestGenesis(t *testing.T) {
	w := newWorld(t)
	g := w.s.Genesis()
	b, err := g.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseGenesis(b)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := back.Canonical(); !bytes.Equal(again, b) {
		t.Fatal("genesis has two forms")
	}
	if _, err := ParseGenesis(append(b, '\n')); !errors.Is(err, entry.ErrForm) {
		t.Fatal(err)
	}
	for want, bad := range map[string]func(*Genesis){
		"ledger name":     func(g *Genesis) { g.Ledger = "Has Space" },
		"format":          func(g *Genesis) { g.Format = 2 },
		"founding payers": func(g *Genesis) { g.Members = make([]identity.Public, MaxMembers) },
		"two members are": func(g *Genesis) { g.Members = append(g.Members[:1:1], g.Members[0]) },
		"share a key": func(g *Genesis) {
			p := w.key("payer-z").Public()
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
	w := newWorld(t)
	g := w.s.Genesis()
	g.Members = nil
	b, err := g.Canonical()
	if err != nil || !bytes.Contains(b, []byte(`"members":[]`)) {
		t.Fatalf("%s %v", b, err)
	}
	if _, err := ParseGenesis(bytes.Replace(b, []byte(`"members":[]`), []byte(`"members":null`), 1)); !errors.Is(err, entry.ErrForm) {
		t.Fatalf("a second encoding of nobody: %v", err)
	}
	if w.s, err = New(g); err != nil {
		t.Fatal(err)
	}
	if v := w.do(`convener member.join {"member":${member:payer-a},"role":"payer","endorsements":[]}`); v.Refusal != nil {
		t.Fatal(v.Refusal)
	}
	if v := w.do(`convener member.join {"member":${member:payer-b},"role":"payer","endorsements":[]}`); v.Refusal == nil || v.Refusal.Code != CodeEndorsement {
		t.Fatalf("%+v", v)
	}
	if v := w.do(`convener member.join {"member":${member:payer-b},"role":"payer","endorsements":${endorse:payer-b:payer-a}}`); v.Refusal != nil {
		t.Fatal(v.Refusal)
	}
}

func TestLedgerIsFull(t *testing.T) {
	w := newWorld(t)
	for i := len(w.s.members); i < MaxMembers; i++ {
		w.s.addMember(identity.Public{Name: fmt.Sprintf("filler-%d", i)}, RoleConvener, 0)
	}
	v := w.do(`convener member.join {"member":${member:payer-e},"role":"payer","endorsements":${endorse:payer-e:payer-a,payer-b,payer-c}}`)
	if v.Refusal == nil || v.Refusal.Code != CodeTooMany {
		t.Fatalf("%+v", v)
	}
}

// TestFailingRule makes a rule panic: the entry is refused and the replica lives.
func TestFailingRule(t *testing.T) {
	w := newWorld(t)
	w.given([]string{"measures", "profiles", "roster"})
	w.s.measures[0].spec = nil
	v := w.s.Apply(w.entry(`convener run.authorise r1`))
	if v.Refusal == nil || v.Refusal.Code != CodeInternal {
		t.Fatalf("%+v", v)
	}
}

func TestRunRecord(t *testing.T) {
	w := newWorld(t)
	w.given([]string{"measures", "profiles", "roster"})
	w.do(`convener run.authorise r1`)
	at := w.s.Size() - 1
	e, err := entry.Open(w.last)
	if err != nil {
		t.Fatal(err)
	}
	r, ok := w.s.Run("r1")
	if !ok || r.Index != at || r.Manifest != hexOf(e.BodyHash()) || r.Status != RunAuthorised || len(r.Profiles) != 2 || r.Profiles[1].Profile.Name != "price-like" {
		t.Fatalf("%+v", r)
	}
	// A profile that gets stricter later does not change a run that is authorised.
	w.do(`convener profile.set {"name":"price-like","profile":${profile:price-like:version=2,min_den=90},"hash":"${profilehash:price-like:version=2,min_den=90}"}`)
	if r, _ = w.s.Run("r1"); r.Profiles[1].Profile.MinDen != 30 {
		t.Fatal("the run's profile has changed")
	}
	if p, _ := w.s.Profile("price-like"); p.Profile.MinDen != 90 {
		t.Fatal("the profile in force has not")
	}
}

// FuzzBody has a member sign any body of any kind: it is judged without harm to the state.
func FuzzBody(f *testing.F) {
	seeds := []string{`{"name":"payer-a"}`, `{"hash":"","choice":"yes"}`, `{"practices":["p1"],"hash":""}`, `{"run":"r1","reason":"x"}`, `{"member":null,"role":"payer","endorsements":null}`,
		`{"id":"m","version":"1","hash":"","definition":null}`, `{"name":"x","profile":null,"hash":""}`}
	for i, s := range seeds {
		f.Add(uint8(i), []byte(s))
	}
	k := map[string]*identity.Keys{}
	g := Genesis{Format: 1, Ledger: "test.example/log"}
	for _, n := range []string{"convener", "payer-a"} {
		x, err := identity.Generate(n)
		if err != nil {
			f.Fatal(err)
		}
		k[n] = x
	}
	g.Convener, g.Members = k["convener"].Public(), []identity.Public{k["payer-a"].Public()}
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		s, err := New(g)
		if err != nil {
			t.Fatal(err)
		}
		author := []string{"convener", "payer-a"}[kind%2]
		e := entry.Entry{Origin: g.Ledger, Author: author, Kind: kinds[int(kind/2)%len(kinds)], Version: Version, Body: json.RawMessage(body)}
		e.Seq, e.Prev = s.Next(author)
		signed, err := entry.Sign(k[author], e)
		if err != nil {
			return
		}
		before := s.Hash()
		if v := s.Apply(signed); v.Refusal != nil && (v.Refusal.Code == CodeInternal || s.Hash() != before) {
			t.Fatalf("%v", v.Refusal)
		}
	})
}
