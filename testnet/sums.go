package testnet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/vault"
)

// moveSum has a motion on an exact sum carried.
func (n *network) moveSum(ctx context.Context, d rules.SumDefine) error {
	body, err := entry.Canonical(d)
	if err != nil {
		return err
	}
	c := n.members[0].client
	id := "sum-" + d.ID
	if _, err := c.Propose(ctx, rules.KindMotionPropose, rules.MotionPropose{ID: id, Subject: rules.SubjectSum, Body: body}); err != nil {
		return err
	}
	for _, p := range n.payers() {
		if _, err := p.client.Propose(ctx, rules.KindMotionVote, rules.MotionVote{ID: id, Choice: rules.Yes}); err != nil {
			return err
		}
	}
	_, err = c.Propose(ctx, rules.KindMotionCarry, rules.MotionCarry{ID: id})
	return err
}

// sumRequest is the authorisation of a run of one stage of a sum.
func (n *network) sumRequest(d node.Draft, run, sum, stage string, after ...string) admin.RunRequest {
	return admin.RunRequest{
		Run: run, Sum: sum, Stage: stage, After: after, Period: d.Period, Payers: n.o.payerNames(), Seconds: 120, Purpose: d.Purpose, Agreement: d.Agreement,
	}
}

// sum holds an aggregate run to its end at every member that is there for it.
func (n *network) sum(ctx context.Context, q admin.RunRequest, away ...string) ([]admin.Run, error) {
	if _, err := n.members[0].client.Authorise(ctx, q); err != nil {
		return nil, err
	}
	var out []admin.Run
	for _, m := range n.members {
		if slices.Contains(away, m.cfg.Name) {
			continue
		}
		r, err := m.client.WaitRun(ctx, q.Run)
		if err != nil {
			return nil, err
		}
		if r.State != "certified" {
			return nil, fmt.Errorf("run %s is void at %s: %s", q.Run, m.cfg.Name, r.Reason)
		}
		if len(out) > 0 && string(out[0].Table) != string(r.Table) {
			return nil, fmt.Errorf("%w: %s has another sum of run %s", ErrDiffers, m.cfg.Name, q.Run)
		}
		out = append(out, r)
	}
	return out, nil
}

// reportOf is the convener's report of a sum.
func (n *network) reportOf(run string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(n.members[0].cfg.Dir, "runs", run, "report.json"))
	if err != nil {
		return nil, fmt.Errorf("report of run %s: %w", run, err)
	}
	return b, nil
}

// keep copies the convener's report of a sum to the output folder.
func (n *network) keep(run, name string) ([]byte, error) {
	b, err := n.reportOf(run)
	if err != nil {
		return nil, err
	}
	return b, vault.Write(filepath.Join(n.o.Out, name), b)
}
