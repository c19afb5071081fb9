package node

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/protocol/coordinator"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/party"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/objects"
)

// admit keeps the link's directory equal to the members of the log.
func (s *Service) admit(st *rules.State) {
	for _, m := range st.Members() {
		if m.Left {
			s.directory.Remove(m.Name)
		} else {
			s.directory.Set(link.Member{Name: m.Name, Pin: m.TLSPin})
		}
	}
}

// keepDirectory does so as the log grows, also while a run computes, until ctx ends.
func (s *Service) keepDirectory(ctx context.Context) {
	s.replica.Wait(ctx, func(st *rules.State) bool { // its only end is ctx's, or the replica's, which says so itself
		s.admit(st)
		return false
	})
}

// authority answers a run's questions from the log; it implements run.Authority.
type authority struct {
	s *Service
	a *agreed
}

// Member returns a member's keys as the log has them.
func (t authority) Member(name string) (p identity.Public, err error) {
	t.s.replica.View(func(st *rules.State) {
		m, ok := st.Member(name)
		if !ok {
			err = fmt.Errorf("%s is not a member", name)
		}
		p = m.Public
	})
	return p, err
}

// Manifest waits until the checkpoint over the authorising entry is cosigned by every participant, so that no two of them act on
// different histories, and returns what the entry fixes.
func (t authority) Manifest(ctx context.Context, name string) (*run.Manifest, error) {
	if name != t.a.run {
		return nil, fmt.Errorf("run %s is not the one at hand", name)
	}
	root, err := t.cosigned(ctx)
	if err != nil {
		return nil, err
	}
	return &run.Manifest{
		Run: name, Hash: t.a.manifest, Reference: mhe.NewReference(t.a.manifest, root), Convener: t.s.cfg.Convener,
		Payers: t.a.payers, Recipients: t.a.readers, Plan: t.a.plan,
		Deadlines: t.a.limits,
	}, nil
}

// cosigned waits for the cosigned checkpoint, and returns the log's root over the authorising entry.
func (t authority) cosigned(ctx context.Context) (root [32]byte, err error) {
	name := t.a.run
	ctx, cancel := context.WithTimeout(ctx, t.a.limits.Prepare)
	defer cancel()
	checkpoint, err := t.s.replica.WaitCosigned(ctx, t.a.index, append([]string{t.s.cfg.Convener}, t.a.payers...))
	if err != nil {
		return root, fmt.Errorf("run %s: authorisation is not cosigned by every participant: %w", name, err)
	}
	if w := t.s.opt.Simulated; w != nil && w.Gate != nil {
		w.Gate(t.a.index, checkpoint)
	}
	h, err := t.s.replica.Root(t.a.index + 1)
	if err != nil {
		return root, fmt.Errorf("run %s: %w", name, err)
	}
	return h, nil
}

// compute carries out a run's protocol in this member's role.
func (s *Service) compute(ctx context.Context, name string) (*run.Outcome, error) {
	var aggregate bool
	s.replica.View(func(st *rules.State) {
		r, ok := st.Run(name)
		aggregate = ok && r.Sum != nil
	})
	if aggregate {
		return s.aggregate(ctx, name)
	}
	var a *agreed
	var err error
	s.replica.View(func(st *rules.State) {
		if a, err = resolve(st, name); err == nil && s.cfg.Role == Payer {
			err = s.declined(st, a, s.now())
		}
	})
	if err != nil {
		return nil, err
	}
	folder, err := s.dir.Folder("runs") // the protocol makes a folder of its own for each run
	if err != nil {
		return nil, err
	}
	table := func(_ *run.Manifest, v []predicate.Value) ([]byte, error) {
		t, err := a.table(v)
		if err != nil {
			return nil, err
		}
		return t.canonical()
	}
	if s.cfg.Role == Convener {
		return coordinator.Run(ctx, coordinator.Config{
			Keys: s.keys, Endpoint: s.endpoint(), Authority: authority{s, a}, Run: name, Dir: folder, Table: table,
			Progress: s.progress, Compute: s.opt.Compute, Hooks: s.opt.Hooks, Durable: true, Memory: s.cfg.runMemory(),
		})
	}
	return party.Run(ctx, party.Config{
		Keys: s.keys, Endpoint: s.endpoint(), Authority: authority{s, a}, Run: name, Dir: folder, Table: table,
		Progress: s.progress, Compute: s.opt.Compute, Hooks: s.opt.Hooks, Memory: s.cfg.runMemory(),
		Sealing: s.sealing(), Bind: binding{s, a}.bind,
		Vector: func(ctx context.Context, _ *run.Manifest) (num, den []int64, err error) { return s.vector(ctx, a) },
	})
}

// sealing protects a payer's journal; nil for the convener, who has no secret in it.
func (s *Service) sealing() *objects.Sealing {
	if s.sealer == nil {
		return nil
	}
	return &objects.Sealing{Seal: s.sealer.Seal, Open: s.sealer.Open}
}

// vector computes what this payer contributes, on its own store. Errors name the measure or the cell, never a figure.
func (s *Service) vector(ctx context.Context, a *agreed) (num, den []int64, err error) {
	if s.opt.Simulated == nil {
		if err := s.fit(ctx, a); err != nil {
			return nil, nil, err
		}
	}
	rows := make([][]measures.Row, len(a.specs))
	for i, spec := range a.specs {
		if s.opt.Simulated != nil {
			rows[i] = s.opt.Simulated.Rows(spec)
			continue
		}
		slots, err := a.slots(s.cfg.Dir, i)
		if err != nil {
			return nil, nil, err
		}
		if rows[i], err = s.store.Measure(ctx, spec, a.year, slots...); err != nil {
			return nil, nil, err
		}
	}
	num, den = a.vector(rows)
	if err := a.plan.Check(num, den); err != nil {
		return nil, nil, err
	}
	return num, den, nil
}

// insecure says whether a parameter set protects nothing.
func insecure(set string) bool {
	s, err := mhe.Lookup(set)
	return err == nil && s.Insecure
}

// certify brings the certificate into the log (the convener writes it) and returns it with its proof, once the log has it under a
// checkpoint that every participant cosigned. The error is a held when some have not, although there was time.
func (s *Service) certify(ctx context.Context, out *run.Outcome) ([]byte, error) {
	st := out.Statement()
	var r rules.Run
	s.replica.View(func(state *rules.State) { r, _ = state.Run(out.Run) })
	if s.cfg.Role == Convener && r.Status == rules.RunAuthorised {
		body := rules.RunCertify{Statement: rules.Statement{
			Run: st.Run, Manifest: st.Manifest.String(), Transcript: st.Transcript.String(), Table: st.Table.String(),
			Set: st.Set, StatisticalBits: st.StatisticalBits, Model: modelOf(out),
		}}
		for _, name := range r.Body.Recipients {
			if r.Sum != nil && out.Signatures[name] == nil {
				continue // dropped out of the sum
			}
			body.Signatures = append(body.Signatures, rules.Signature{Member: name, Signature: out.Signatures[name]})
		}
		if _, err := s.replica.Propose(ctx, rules.KindRunCertify, body); err != nil {
			return nil, fmt.Errorf("certify run %s in the log: %w", out.Run, err)
		}
	}
	if err := s.replica.Wait(ctx, func(state *rules.State) bool {
		r, _ = state.Run(out.Run)
		return r.Status != rules.RunAuthorised
	}); err != nil {
		return nil, err
	}
	if r.Status != rules.RunCertified {
		return nil, fmt.Errorf("run %s ended in the log as %s: %s", out.Run, r.Status, r.Reason)
	}
	waiting, cancel := context.WithTimeout(ctx, cosigning(r))
	defer cancel()
	everybody := append([]string{s.cfg.Convener}, present(r)...)
	entry, proof, checkpoint, err := s.replica.ProveCosigned(waiting, r.Ended, everybody)
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return nil, &held{r.Ended, s.replica.Missing(r.Ended, everybody), waiting.Err()}
	}
	if err != nil {
		return nil, fmt.Errorf("certificate of run %s is not cosigned by every participant: %w", out.Run, err)
	}
	c := Certificate{
		Statement: string(st.Canonical()), Signatures: out.Signatures, Insecure: insecure(out.Set), Entry: entry, Index: r.Ended, Checkpoint: string(checkpoint),
	}
	if len(r.Body.Reliability) > 0 {
		if c.Reliability, err = audit.Marks(out.Table); err != nil {
			return nil, err
		}
	}
	for _, h := range proof {
		c.Proof = append(c.Proof, base64.StdEncoding.EncodeToString(h[:]))
	}
	return json.MarshalIndent(c, "", "  ")
}
