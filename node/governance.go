package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/node/admin"
)

// State implements admin.Governance.
func (o operator) State() (out admin.State) {
	o.s.replica.View(func(s *rules.State) {
		out = admin.State{Ledger: s.Ledger(), Entries: s.Size(), Insecure: s.Genesis().Insecure}
		for _, m := range s.Members() {
			out.Members = append(out.Members, admin.MemberState{Name: m.Name, Role: string(m.Role), Fingerprint: m.Fingerprint(), Joined: m.Joined, Left: m.Left})
		}
		for _, m := range s.Measures() {
			a := admin.Measure{ID: m.ID, Version: m.Version, Hash: m.Hash, Status: string(m.Status), Profile: m.Spec().Release.Profile}
			for _, v := range m.Votes {
				a.Votes = append(a.Votes, admin.Vote{Member: v.Member, Choice: string(v.Choice)})
			}
			out.Measures = append(out.Measures, a)
		}
		for _, p := range s.Profiles() {
			out.Profiles = append(out.Profiles, admin.Profile{Name: p.Profile.Name, Version: p.Profile.Version, Hash: p.Hash})
		}
		for _, r := range s.Rosters() {
			out.Rosters = append(out.Rosters, admin.Roster{Hash: r.Hash, Practices: len(r.Practices)})
		}
		for _, r := range s.Runs() {
			out.Runs = append(out.Runs, admin.RunState{Run: r.Body.Run, Status: string(r.Status), Period: r.Body.Period, Contributors: r.Body.Contributors, Reason: r.Reason})
		}
	})
	return out
}

// Log implements admin.Governance.
func (o operator) Log(from uint64) ([]admin.Entry, error) {
	to := min(o.s.replica.Applied(), from+admin.MaxLog)
	if from >= to {
		return []admin.Entry{}, nil
	}
	signed, err := o.s.replica.Entries(from, to)
	if err != nil {
		return nil, err
	}
	var out []admin.Entry
	for i, b := range signed {
		h := sha256.Sum256(b)
		a := admin.Entry{Index: from + uint64(i), Kind: "genesis", Hash: hex.EncodeToString(h[:]), Body: b}
		if a.Index > 0 {
			e, err := entry.Open(b)
			if err != nil {
				return nil, fmt.Errorf("entry %d: %w", a.Index, err)
			}
			a.Author, a.Kind, a.Body, a.Text = e.Author, e.Kind, e.Body, audit.Text(e)
		}
		out = append(out, a)
	}
	return out, nil
}

// Authorise implements admin.Governance.
func (o operator) Authorise(ctx context.Context, q admin.RunRequest) (admin.Authorised, error) {
	if err := o.s.convenerOnly("authorises runs"); err != nil {
		return admin.Authorised{}, err
	}
	if q.Sum != "" {
		return o.authoriseSum(ctx, q)
	}
	var d Draft
	var err error
	o.s.replica.View(func(s *rules.State) { d, err = draftOf(s, q) })
	if err != nil {
		return admin.Authorised{}, err
	}
	d.KeepPart2 = o.s.cfg.Withhold.digest() == ""
	body, _, plan, err := Authorise(d)
	if err != nil {
		return admin.Authorised{}, err
	}
	a := admin.Authorised{Run: body.Run, Cells: len(body.Cells), Set: body.Parameters.Set, Text: plan.Describe()}
	if q.Plan {
		return a, nil
	}
	if q.Restates != "" {
		a.Index, err = o.s.replica.Propose(ctx, rules.KindReleaseRestate, rules.ReleaseRestate{Restates: q.Restates, Appeal: q.Appeal, Reason: q.Reason, Manifest: body})
		return a, refusal(err)
	}
	a.Index, err = o.s.replica.Propose(ctx, rules.KindRunAuthorise, body)
	return a, refusal(err)
}

// draftOf fills a draft from the log: approved measures, profiles in force, present members.
func draftOf(s *rules.State, q admin.RunRequest) (Draft, error) {
	d := Draft{
		Run: q.Run, Period: q.Period, Payers: q.Payers, Recipients: q.Recipients, Deadline: time.Duration(q.Seconds) * time.Second,
		Purpose: q.Purpose, Agreement: q.Agreement,
		Profiles: map[string]disclosure.Profile{}, Practices: map[string][]string{}, Regions: map[string]string{}, Models: map[string]string{},
	}
	if s.Genesis().Insecure {
		d.Set = Toy
	}
	if q.Stratify != "" {
		d.Strata = map[string][]string{q.Stratify: q.Strata}
	}
	for _, want := range q.Measures {
		spec, err := approved(s, stratified(want, q.Stratify))
		if err != nil {
			return d, err
		}
		d.Measures = append(d.Measures, spec)
		if p, ok := s.Profile(spec.Release.Profile); ok {
			d.Profiles[spec.Release.Profile] = p.Profile
		}
		if m, ok := s.Model(spec.Model); ok {
			d.Models[spec.Model] = m.Hash
		}
	}
	for _, p := range q.Practices {
		d.Practices[p.Grain] = append(d.Practices[p.Grain], p.ID)
		d.Roster = append(d.Roster, p.ID)
		d.Regions[p.ID] = p.Region
	}
	if d.Payers == nil {
		d.Payers = s.Payers()
	}
	if q.Reliability {
		if d.Reliability = linesOf(s, d); len(d.Reliability) == 0 {
			return d, fmt.Errorf("no variance components of these measures, this period and these payers are on record; a run of a sum of kind %s comes before", rules.SumReliability)
		}
	}
	if d.Recipients == nil {
		d.Recipients = append([]string{s.Convener()}, d.Payers...)
	}
	return d, nil
}

// stratified is the name of a measure by strata of a kind, given as ID or ID@VERSION; the measure's own where there is no kind, or it has it already.
func stratified(want, kind string) string {
	id, version, exact := strings.Cut(want, "@")
	if s := (measures.Spec{ID: id, Stratify: kind}); kind != "" && s.Base() == id {
		id = s.By(kind).ID
	}
	if exact {
		id += "@" + version
	}
	return id
}

// approved finds an approved measure by ID or ID@VERSION, where VERSION may be the beginning of one (2 of 2.0.0); of several versions the one approved last.
func approved(s *rules.State, want string) (*measures.Spec, error) {
	id, version, exact := strings.Cut(want, "@")
	var found *measures.Spec
	var at uint64
	var have []string
	for _, m := range s.Measures() {
		if m.Status != rules.MeasureApproved {
			continue
		}
		if have = append(have, m.ID+"@"+m.Version); m.ID == id && (!exact || m.Version == version || strings.HasPrefix(m.Version, version+".")) && m.Approved > at {
			found, at = m.Spec(), m.Approved
		}
	}
	if found == nil {
		slices.Sort(have)
		return nil, fmt.Errorf("measure %s is not approved in the log; approved are: %s", want, strings.Join(have, ", "))
	}
	return found, nil
}
