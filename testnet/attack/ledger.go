package attack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"sync"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/wire"
)

// book is the governance log as one member reads it: the real rules over real, signed entries. Its copies differ when they are shown
// different entries, or when one is put back.
type book struct {
	s *scene

	mu      sync.Mutex // guards the rest
	state   *rules.State
	entries [][]byte
}

// genesis of the scene's ledger.
func (s *scene) genesis() rules.Genesis {
	g := rules.Genesis{Format: 1, Ledger: "attack.example/log", Convener: s.keys[hub].Public(), Insecure: true}
	for _, p := range payers {
		g.Members = append(g.Members, s.keys[p].Public())
	}
	return g
}

// newBook is a log in which everything that a run of that name needs has been agreed on, and the run is authorised.
func (s *scene) newBook(run string) (*book, error) {
	state, err := rules.New(s.genesis())
	if err != nil {
		return nil, err
	}
	b := &book{s: s, state: state}
	spec := &measures.Spec{
		ID: "m-rate", Version: "1.0.0", Title: "Readmission", Type: measures.Proportion, Direction: measures.Lower, Grain: "practice",
		Inputs: []string{"eligibility"}, SQL: "SELECT practice, stratum, num, den FROM eligibility", Cap: measures.Cap{Num: 1800, Den: 1800},
		Release:   measures.Release{Profile: "quality-rate", Unit: measures.Percent, Scale: measures.Scale{Num: 100, Den: 1}, Step: 1, Range: [2]int64{0, 100}, MinDen: 30},
		Rationale: "attack", Source: "attack", Licence: "Apache-2.0",
	}
	hash := spec.Hash()
	var practices []string
	var cells []rules.CellRef
	for i := range s.den[0] {
		practices = append(practices, strconv.Itoa(i))
		cells = append(cells, rules.CellRef{Practice: strconv.Itoa(i), Stratum: measures.Unstratified})
	}
	roster, plan := rules.NewRosterSet(practices), s.plan.Hash()
	profile := disclosure.QualityRate()
	type said struct {
		who, kind string
		body      any
	}
	all := []said{{alder, rules.KindMeasurePropose, rules.NewMeasurePropose(spec)}}
	for _, p := range payers {
		all = append(all, said{p, rules.KindMeasureVote, rules.MeasureVote{Hash: hex.EncodeToString(hash[:]), Choice: rules.Yes}})
	}
	all = append(all,
		said{hub, rules.KindMeasureApprove, rules.MeasureApprove{Hash: hex.EncodeToString(hash[:])}},
		said{hub, rules.KindProfileSet, rules.NewProfileSet(profile)},
		said{hub, rules.KindRosterSet, roster},
		said{hub, rules.KindRunAuthorise, rules.RunAuthorise{
			Run: run, Measures: []rules.MeasureRef{{ID: spec.ID, Version: spec.Version, Hash: hex.EncodeToString(hash[:]), Profile: profile.Name}},
			Caps: []rules.Ratio{{Num: spec.Cap.Num, Den: spec.Cap.Den}}, Period: "2008", Roster: roster.Hash, Cells: cells, Contributors: payers,
			Recipients: []string{hub, alder}, Parameters: rules.Parameters{Set: s.plan.Set().Name, Plan: hex.EncodeToString(plan[:])},
			Deadlines: rules.Deadlines{Prepare: 600, Keys: 600, Input: 600, Refresh: 600, Release: 600, Certify: 600}, Purpose: "attack", Agreement: "agreement 1",
		}})
	for _, x := range all {
		if err := b.say(x.who, x.kind, x.body); err != nil {
			return nil, fmt.Errorf("%s: %w", x.kind, err)
		}
	}
	return b, nil
}

// say signs a member's next entry and takes it in.
func (b *book) say(who, kind string, body any) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	text, err := entry.Canonical(body)
	if err != nil {
		return err
	}
	e := entry.Entry{Origin: b.s.genesis().Ledger, Author: who, Kind: kind, Version: rules.Version, Body: text}
	e.Seq, e.Prev = b.state.Next(who)
	signed, err := entry.Sign(b.s.keys[who], e)
	if err != nil {
		return err
	}
	if v := b.state.Apply(signed); v.Refusal != nil {
		return v.Refusal
	}
	b.entries = append(b.entries, signed)
	return nil
}

// copied is the log of the first entries, read by another member.
func (b *book) copied(entries int) (*book, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state, err := rules.New(b.s.genesis())
	if err != nil {
		return nil, err
	}
	c := &book{s: b.s, state: state}
	for _, signed := range b.entries[:entries] {
		if v := state.Apply(signed); v.Refusal != nil {
			return nil, v.Refusal
		}
		c.entries = append(c.entries, signed)
	}
	return c, nil
}

// run is a run as the log has it.
func (b *book) run(name string) rules.Run {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, _ := b.state.Run(name)
	return r
}

// bind is what a member's node does for driver.Config.Bind (package node), without Raft and cosignatures between.
func (b *book) bind(who, run string) func(context.Context, string, wire.Hash) error {
	return func(_ context.Context, step string, digest wire.Hash) error {
		r := b.run(run)
		have, ok := r.Binding(who, step)
		switch {
		case !ok:
			return b.say(who, rules.KindRunBind, rules.RunBind{Run: run, Manifest: r.Manifest, Step: step, Digest: digest.String()})
		case have.Digest != digest.String():
			return fmt.Errorf("entry %d of the log, by %s itself, binds it otherwise: %w", have.Index, who, driver.ErrRestored)
		}
		return nil
	}
}

// head is what is signed over a log: two heads of one size with different hashes are a fork.
func (b *book) head() [32]byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := sha256.New()
	for _, e := range b.entries {
		sum := sha256.Sum256(e)
		h.Write(sum[:])
	}
	return [32]byte(h.Sum(nil))
}
