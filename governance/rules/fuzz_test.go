package rules_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/governance/rules/transcript"
)

// bodies are the bodies of every entry of the transcripts, by kind, and those of motions by subject.
func bodies(f *testing.F) map[string][]json.RawMessage {
	out := map[string][]json.RawMessage{}
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		w := transcript.New(f)
		w.Play(string(b))
		for _, signed := range w.Attempts {
			e, err := entry.Open(signed)
			if err != nil {
				continue // a malformed one, on purpose
			}
			out[e.Kind] = append(out[e.Kind], e.Body)
			var m rules.MotionPropose
			if e.Kind == rules.KindMotionPropose && entry.Decode(e.Body, &m) == nil {
				out[m.Subject] = append(out[m.Subject], m.Body)
			}
		}
	}
	return out
}

// cast are keys for the fuzz targets: made once in a process.
func cast(f *testing.F) (rules.Genesis, map[string]*identity.Keys) {
	keys := map[string]*identity.Keys{}
	g := rules.Genesis{Format: 1, Ledger: transcript.Ledger}
	for _, n := range append([]string{"convener"}, transcript.Founders...) {
		k, err := identity.Generate(n)
		if err != nil {
			f.Fatal(err)
		}
		keys[n] = k
		if n == "convener" {
			g.Convener = k.Public()
		} else {
			g.Members = append(g.Members, k.Public())
		}
	}
	return g, keys
}

// judge has a member sign any body of any kind, on a ledger that has a time: it is judged without harm to the state.
func judge(t *testing.T, g rules.Genesis, keys map[string]*identity.Keys, author, kind string, body []byte) {
	s, err := rules.New(g)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(author, kind string, body []byte) []byte {
		e := entry.Entry{Origin: g.Ledger, Author: author, Kind: kind, Version: rules.Version, Body: body}
		e.Seq, e.Prev = s.Next(author)
		signed, err := entry.Sign(keys[author], e)
		if err != nil {
			return nil
		}
		return signed
	}
	for _, p := range transcript.Founders[:3] {
		if v := s.Apply(sign(p, rules.KindClock, []byte(`{"time":1600000000}`))); v.Refusal != nil {
			t.Fatal(v.Refusal)
		}
	}
	signed := sign(author, kind, body)
	if signed == nil {
		return
	}
	before := s.Hash()
	if v := s.Apply(signed); v.Refusal != nil && (v.Refusal.Code == rules.CodeInternal || s.Hash() != before) {
		t.Fatalf("%s: %v", kind, v.Refusal)
	}
}

// FuzzBody is the fuzz target of every kind's body.
func FuzzBody(f *testing.F) {
	all := bodies(f)
	for i, k := range rules.Kinds() {
		for _, b := range all[k][:min(4, len(all[k]))] {
			f.Add(uint8(2*i), []byte(b))
			f.Add(uint8(2*i+1), []byte(b))
		}
	}
	g, keys := cast(f)
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		author := []string{"convener", "payer-a"}[kind%2]
		judge(t, g, keys, author, rules.Kinds()[int(kind/2)%len(rules.Kinds())], body)
	})
}

// FuzzMotion is the fuzz target of every subject's body.
func FuzzMotion(f *testing.F) {
	all := bodies(f)
	for i, k := range rules.Subjects() {
		for _, b := range all[k][:min(4, len(all[k]))] {
			f.Add(uint8(i), []byte(b))
		}
	}
	g, keys := cast(f)
	f.Fuzz(func(t *testing.T, subject uint8, body []byte) {
		raw, err := entry.Canonical(rules.MotionPropose{ID: "m", Subject: rules.Subjects()[int(subject)%len(rules.Subjects())], Body: body})
		if err != nil {
			return // not JSON
		}
		judge(t, g, keys, "payer-a", rules.KindMotionPropose, raw)
	})
}

// FuzzGenesis is the fuzz target of the genesis.
func FuzzGenesis(f *testing.F) {
	g, _ := cast(f)
	b, err := g.Canonical()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"format":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := rules.ParseGenesis(b)
		if err != nil {
			return
		}
		if again, err := g.Canonical(); err != nil || string(again) != string(b) {
			t.Fatal("two forms of one genesis")
		}
	})
}
