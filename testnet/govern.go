package testnet

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/node"
)

// govern plays the people: the convener's operator puts profiles, roster and measures on record, every payer's operator votes, and
// the convener closes the votes. It returns the number of entries written.
func (n *network) govern(ctx context.Context, d node.Draft, roster rules.RosterSet) (entries int, err error) {
	propose := func(m *member, kind string, body any) {
		if err == nil {
			if _, err = m.client.Propose(ctx, kind, body); err == nil {
				entries++
			}
		}
	}
	// The log's time, by which the age of data is counted: a payer shows its clock by itself too, a minute after its start.
	for _, p := range n.payers() {
		propose(p, rules.KindClock, rules.Clock{Time: time.Now().Unix()})
	}
	if n.o.Processes {
		more, failed := n.governByCommand(ctx, d)
		return entries + more, errors.Join(err, failed)
	}
	c := n.members[0]
	for _, name := range n.profileOrder(d) {
		p := d.Profiles[name]
		hash := p.Hash()
		propose(c, rules.KindProfileSet, rules.ProfileSet{Name: name, Profile: p.Canonical(), Hash: hex.EncodeToString(hash[:])})
	}
	propose(c, rules.KindRosterSet, roster)
	if err != nil {
		return entries, err
	}
	more, err := n.approve(ctx, d.Measures)
	return entries + more, err
}

// approve brings measures into force: proposed, voted for by every payer, approved.
func (n *network) approve(ctx context.Context, specs []*measures.Spec) (entries int, err error) {
	propose := func(m *member, kind string, body any) {
		if err == nil {
			if _, err = m.client.Propose(ctx, kind, body); err == nil {
				entries++
			}
		}
	}
	c := n.members[0]
	for _, s := range specs {
		hash := s.Hash()
		h := hex.EncodeToString(hash[:])
		propose(c, rules.KindMeasurePropose, rules.MeasurePropose{ID: s.ID, Version: s.Version, Hash: h, Definition: s.Canonical()})
		for _, p := range n.payers() {
			propose(p, rules.KindMeasureVote, rules.MeasureVote{Hash: h, Choice: rules.Yes})
		}
		propose(c, rules.KindMeasureApprove, rules.MeasureApprove{Hash: h})
	}
	return entries, err
}

// profileOrder is the profiles that the measures use, in the order of first use, and the one of the risk model.
func (n *network) profileOrder(d node.Draft) []string {
	var names []string
	for _, s := range d.Measures {
		if name := s.Release.Profile; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if n.o.Risk && !slices.Contains(names, riskProfile) {
		names = append(names, riskProfile)
	}
	return names
}

// draft is the run that the network will authorise.
func (o *Options) draft(s *source, practices map[string][]string, profiles map[string]disclosure.Profile) node.Draft {
	set := ""
	if o.Toy {
		set = node.Toy
	}
	return node.Draft{
		Run: fmt.Sprintf("testnet-%d", s.period), Measures: s.measures, Profiles: profiles, Period: fmt.Sprint(s.period), Practices: practices,
		Payers: o.payerNames(), Recipients: append([]string{convener}, o.payerNames()...), Deadlines: rules.Deadlines{Prepare: 30 * 60}, Purpose: "performance of practices over all members, on a test network",
		Agreement: "testnet-agreement", Set: set, KeepPart2: o.public(), Strata: o.strata(), Regions: o.regions(practices),
	}
}
