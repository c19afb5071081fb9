package sim

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/protocol/run"
)

// population is a payer's figures: a practice that is released and one that is too small.
func population(payer int) []measures.Row {
	return []measures.Row{
		{Practice: "A", Stratum: measures.Unstratified, Num: int64(20 + 7*payer), Den: int64(40 + 5*payer)},
		{Practice: "B", Stratum: measures.Unstratified, Num: 2, Den: 4},
	}
}

// draft is the run that every scenario authorises.
func draft(payers []string) (node.Draft, error) {
	lib, err := library.Measure("qa-pcp")
	if err != nil {
		return node.Draft{}, err
	}
	spec := *lib
	spec.Cap.Num, spec.Cap.Den = 400, 400
	return node.Draft{
		Run: runName, Measures: []*measures.Spec{&spec}, Profiles: map[string]disclosure.Profile{"quality-rate": disclosure.QualityRate()},
		Period: period, Practices: map[string][]string{spec.Grain: {"A", "B"}}, Payers: payers, Recipients: append([]string{convener}, payers...),
		Deadline: deadline, Purpose: "simulation", Agreement: "simulation", Set: node.Tiny,
	}, nil
}

// founding is what all scenarios with the same number of payers start from: the members' directories, with an approved measure in their logs, and the
// run that is to be authorised.
type founding struct {
	dir   string
	body  rules.RunAuthorise
	steps []run.Step
}

// found makes the directories under root, once.
func found(t *testing.T, root string, payers int) founding {
	s := Scenario{Payers: payers, Delay: map[string]time.Duration{}}
	names := s.Names()
	g := rules.Genesis{Format: 1, Ledger: "simulation.tacet/governance", Insecure: true}
	for i, name := range names {
		c := node.Config{
			Name: name, Role: node.Payer, Convener: convener, Address: address(0).String(), Dir: filepath.Join(root, name),
			Policy: node.Policy{Consent: "standing", Measures: []string{"any"}, Profiles: []string{"any"}, Peers: []string{"any"}}, Database: node.Database{MemoryMB: 64, Threads: 1},
		}
		if i == 0 {
			c.Role = node.Convener
		}
		pub, err := node.Init(c)
		must(t, err)
		if i == 0 {
			g.Convener = pub
		} else {
			g.Members = append(g.Members, pub)
		}
	}
	for _, name := range names {
		must(t, node.SetGenesis(filepath.Join(root, name), g))
	}
	d, err := draft(names[1:])
	must(t, err)
	body, roster, plan, err := node.Authorise(d)
	must(t, err)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(today))
		n := newNetwork(s)
		var services []*node.Service
		for i, name := range names {
			v, err := node.Start(t.Context(), filepath.Join(root, name), node.Options{Simulated: &node.Simulated{Socket: n.socket(i)}})
			must(t, err)
			services = append(services, v)
		}
		must(t, approve(t.Context(), services, d, roster))
		time.Sleep(time.Minute) // the convener makes a voter of a payer that has caught up; without votes for all, a scenario's survivors may be no majority
		for _, v := range services {
			must(t, v.Close())
		}
		n.close()
	})
	return founding{root, body, run.Sequence(len(plan.Stages()))}
}

func propose(ctx context.Context, s *node.Service, kind string, body any) error {
	b, err := json.Marshal(body)
	if err == nil {
		_, err = s.Operator().Propose(ctx, kind, b)
	}
	return err
}

// approve plays the people of a founding meeting.
func approve(ctx context.Context, services []*node.Service, d node.Draft, roster rules.RosterSet) error {
	p, m := disclosure.QualityRate(), d.Measures[0]
	hash, mh := p.Hash(), m.Hash()
	h := hex.EncodeToString(mh[:])
	c := services[0]
	steps := []func() error{
		func() error {
			return propose(ctx, c, rules.KindProfileSet, rules.ProfileSet{Name: p.Name, Profile: p.Canonical(), Hash: hex.EncodeToString(hash[:])})
		},
		func() error { return propose(ctx, c, rules.KindRosterSet, roster) },
		func() error {
			return propose(ctx, c, rules.KindMeasurePropose, rules.MeasurePropose{ID: m.ID, Version: m.Version, Hash: h, Definition: m.Canonical()})
		},
	}
	for _, v := range services[1:] {
		steps = append(steps, func() error {
			return propose(ctx, v, rules.KindMeasureVote, rules.MeasureVote{Hash: h, Choice: rules.Yes})
		})
	}
	steps = append(steps, func() error { return propose(ctx, c, rules.KindMeasureApprove, rules.MeasureApprove{Hash: h}) })
	for _, f := range steps {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// released is how the released table shows the practice that is large enough: the pooled rate in whole percent, halves up.
func released(payers int) string {
	var num, den int64
	for i := range payers {
		for _, r := range population(i) {
			if r.Practice == "A" {
				num, den = num+r.Num, den+r.Den
			}
		}
	}
	return fmt.Sprintf(`"value":%d,`, (200*num+den)/(2*den))
}

// copyTree copies directories and regular files with their modes; sockets and locks of the founding are left behind.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if e.IsDir() {
			return errors.Join(os.MkdirAll(target, 0o700), os.Chmod(target, info.Mode().Perm()))
		}
		if !info.Mode().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, b, info.Mode().Perm())
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
