package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/sum"
	"github.com/tacet-health/tacet/protocol/wire"
)

// sumsFolder holds the journals of aggregate runs, one folder a run.
const sumsFolder = "sums"

// aggregation is an aggregate run as the log fixes it, with what this member has of the runs before it.
type aggregation struct {
	agreed // run, index, manifest, payers, readers, limits, profiles
	body   rules.RunAggregate
	def    rules.SumRecord
	kind   sumKind
	past   []audit.SumTable // of body.After, in that order
	models []rules.ModelRecord
	total  *totalling // of exact totals
	of     *audit.TotalOf
	round  secagg.Round
	proven *bounded.Round // where bounds are proven: the round is this one
}

// aggregate carries out an aggregate run in this member's role. It differs from a release in what is computed; the manifest is cosigned by everybody, the
// word in the log, the certificate and its end are the same.
func (s *Service) aggregate(ctx context.Context, name string) (*run.Outcome, error) {
	var a *aggregation
	var err error
	s.replica.View(func(st *rules.State) { a, err = s.resolveSum(st, name) })
	if err != nil {
		return nil, err
	}
	if _, err := (authority{s, &a.agreed}).cosigned(ctx); err != nil {
		return nil, err
	}
	members := map[string]identity.Public{}
	for _, n := range append([]string{s.cfg.Convener}, a.payers...) {
		if members[n], err = (authority{s, &a.agreed}).Member(n); err != nil {
			return nil, err
		}
	}
	folder, err := s.dir.Folder(sumsFolder, name)
	if err != nil {
		return nil, err
	}
	result := &run.Outcome{Run: name, Manifest: a.manifest, Set: a.def.Set(), Signatures: map[string][]byte{}}
	if s.cfg.Role == Convener {
		out, err := s.sums.Hold(ctx, sum.Holding{
			Keys: s.keys, Members: members, Round: a.round, Proven: a.proven, Dir: folder, Deadline: a.limits.Keys, Grace: a.limits.Release, Linger: farewell, Log: s.log,
			Accept: func(out *sum.Outcome, member string, word []byte) error {
				st := *result
				if err := a.conclude(out, &st); err != nil || !slices.Contains(a.readers, member) {
					return err
				}
				return st.Statement().Verify(members[member], word)
			},
			Progress: func(k secagg.Kind, waiting []string) {
				s.progress(run.Progress{Run: name, Member: s.cfg.Name, Step: run.Step{Index: int(k)}, Phase: run.Agreeing, Waiting: waiting})
			},
		})
		if err := a.end(out, err, result); err != nil || result.Void != "" {
			return result, err
		}
		for _, n := range a.readers {
			if w := out.Words[n]; w != nil {
				result.Signatures[n] = w
			}
		}
		if slices.Contains(a.readers, s.cfg.Name) {
			result.Signatures[s.cfg.Name] = result.Statement().Sign(s.keys)
		}
		return result, nil
	}
	out, err := sum.Take(ctx, sum.Part{
		Keys: s.keys, Members: members, Endpoint: s.endpoint(), Convener: s.cfg.Convener, Round: a.round, Proven: a.proven, Dir: folder, Sealing: s.sealing(), Log: s.log,
		Vector: func(ctx context.Context) ([]int64, error) { return a.vector(ctx, s) },
		Bind: func(ctx context.Context, list [32]byte) error {
			return binding{s, &a.agreed}.bind(ctx, rules.BindReveal, wire.Hash(list))
		},
		Word: func(out *sum.Outcome) []byte {
			st := *result
			if a.conclude(out, &st) != nil || !slices.Contains(a.readers, s.cfg.Name) {
				return nil
			}
			return st.Statement().Sign(s.keys)
		},
		Crash: s.opt.SumCrash, Cheat: s.opt.SumCheat,
	})
	return result, a.end(out, err, result)
}

// end is how a round ended at this member: over, for a reason that makes the run void; stopped, which is what the driver of releases says of the end of a
// context or of a test's life; or with a sum.
func (a *aggregation) end(out *sum.Outcome, err error, result *run.Outcome) error {
	switch {
	case errors.Is(err, sum.ErrOver):
		result.Void = err.Error()
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, sum.ErrCrashed):
		return fmt.Errorf("%w: %w", driver.ErrStopped, err)
	case err != nil:
		return err
	}
	return a.conclude(out, result)
}

// resolveSum reads an aggregate run from the log's state, with the tables of the runs before it from this member's own folder, each of which must be the one
// that was certified.
func (s *Service) resolveSum(st *rules.State, name string) (*aggregation, error) {
	r, ok := st.Run(name)
	if !ok || r.Sum == nil {
		return nil, fmt.Errorf("run %s is no aggregate", name)
	}
	a, err := s.draftSum(st, *r.Sum)
	if err != nil {
		return nil, err
	}
	manifest, err := hex.DecodeString(r.Manifest)
	if err != nil || len(manifest) != 32 {
		return nil, fmt.Errorf("run %s: manifest hash in the log is malformed", name)
	}
	a.manifest, a.index = [32]byte(manifest), r.Index
	a.before(r.Index)
	if s.cfg.Role == Payer {
		if err := s.declinedSum(st, a); err != nil {
			return nil, err
		}
	}
	length, err := a.kind.length(a)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", name, err)
	}
	if length != r.Sum.Length {
		return nil, fmt.Errorf("run %s is authorised with %d elements, this program makes %d: members run different versions of tacet", name, r.Sum.Length, length)
	}
	a.round = secagg.Round{
		Manifest: a.manifest, Members: a.payers, Threshold: int(r.Sum.Threshold), Length: int(length), Cap: uint64(a.def.Cap),
	}
	if b := a.def.Bound; b != nil {
		a.proven = &bounded.Round{Manifest: a.manifest, Members: a.payers, Form: bounded.Vector, Length: int(length), Low: b.Low, Bits: int(b.Bits)}
		if b.Kind == rules.BoundHistogram {
			a.proven.Form = bounded.Histogram
		}
		return a, a.proven.Check()
	}
	return a, a.round.Check()
}

// draftSum reads what a manifest refers to.
func (s *Service) draftSum(st *rules.State, b rules.RunAggregate) (*aggregation, error) {
	def, ok := st.Sum(b.Sum)
	if !ok {
		return nil, fmt.Errorf("run %s: its sum is not in the log", b.Run)
	}
	kind, err := openSumKind(def)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", b.Run, err)
	}
	p, ok := st.Profile(def.Profile)
	if !ok {
		return nil, fmt.Errorf("run %s: profile %s is not in the log", b.Run, def.Profile)
	}
	a := &aggregation{
		agreed: agreed{run: b.Run, period: b.Period, payers: b.Contributors, readers: b.Recipients, limits: limits(b.Deadlines), withhold: b.Withhold},
		body:   b, def: def, kind: kind, models: st.Models(),
	}
	a.profiles = append(a.profiles, p.Profile)
	if a.year, err = yearOf(b.Run, b.Period); err != nil {
		return nil, err
	}
	if a.total, err = s.totalling(st, b, def); err != nil {
		return nil, err
	}
	if a.of, err = audit.TotalOfRun(&b, st); err != nil {
		return nil, err
	}
	for _, n := range b.After {
		before, ok := st.Run(n)
		if !ok || before.Result == nil {
			return nil, fmt.Errorf("run %s comes after %s, which is not certified", b.Run, n)
		}
		raw, err := os.ReadFile(s.dir.Path("runs", n, tableFile))
		if err != nil {
			return nil, fmt.Errorf("run %s comes after %s, whose table is not here: this member was not there at its end; copy table.json from another's runs/%s: %w", b.Run, n, n, err)
		}
		if h := sha256.Sum256(raw); hex.EncodeToString(h[:]) != before.Result.Table {
			return nil, fmt.Errorf("the table of run %s here is not the one that was certified", n)
		}
		t, err := audit.ReadSum(raw)
		if err != nil {
			return nil, fmt.Errorf("table of run %s: %w", n, err)
		}
		a.past = append(a.past, t)
	}
	return a, nil
}

// declinedSum says why this member does not contribute; nil when it does. The policy names a sum in its measures.
func (s *Service) declinedSum(st *rules.State, a *aggregation) error {
	p := s.cfg.Policy
	if p.Consent != "standing" {
		return fmt.Errorf("%w: %s takes no part in run %s: its policy is consent = %q", errDeclines, s.cfg.Name, a.run, p.Consent)
	}
	if err := s.cfg.Withhold.agrees(a.withhold); err != nil {
		return fmt.Errorf("%w: %s takes no part in run %s: %w", errDeclines, s.cfg.Name, a.run, err)
	}
	for _, name := range a.payers {
		if m, _ := st.Member(name); name != s.cfg.Name && !p.peer(m.Public) {
			return fmt.Errorf("%w: %s takes no part in run %s: %s is not in its policy.peers with the keys in the log", errDeclines, s.cfg.Name, a.run, name)
		}
	}
	if !p.measure(a.def.ID, fmt.Sprint(a.def.Version)) {
		return fmt.Errorf("%w: %s takes no part in run %s: the exact sum %s is not in its policy.measures", errDeclines, s.cfg.Name, a.run, a.def.ID)
	}
	if err := p.profile(a.profiles[0]); err != nil {
		return fmt.Errorf("%w: %s takes no part in run %s: %w", errDeclines, s.cfg.Name, a.run, err)
	}
	if p.MinContributors > a.body.Threshold {
		return fmt.Errorf("%w: %s takes no part in run %s: %d present would be enough, policy.min_contributors is %d", errDeclines, s.cfg.Name, a.run, a.body.Threshold, p.MinContributors)
	}
	if open := a.year.End().AddDate(0, 0, int(a.profiles[0].MinDataAgeDays)); s.now().Before(open) {
		return fmt.Errorf("%w: %s takes no part in run %s: its data is too young for its profile", errDeclines, s.cfg.Name, a.run)
	}
	return nil
}

// vector is what this payer adds, computed on its own store and held against the cap.
func (a *aggregation) vector(ctx context.Context, s *Service) ([]int64, error) {
	x, err := a.kind.vector(ctx, a, s)
	if err != nil {
		return nil, err
	}
	for i, v := range x {
		if v > a.def.Cap || v < -a.def.Cap {
			return nil, fmt.Errorf("run %s: element %d is beyond the cap that was approved", a.run, i)
		}
	}
	return x, nil
}

// conclude puts what follows from a sum into an outcome: the table that is signed, and the model with it.
func (a *aggregation) conclude(out *sum.Outcome, o *run.Outcome) (err error) {
	t := audit.SumTable{
		Run: a.run, Sum: a.body.Sum, Stage: a.body.Stage, Period: a.period, Present: out.Sum.Present, Dropped: append([]string{}, out.Sum.Dropped...), Values: out.Sum.Values,
		Total: a.of,
	}
	if o.Table, err = t.Canonical(); err != nil {
		return err
	}
	o.TableHash, o.Transcript = sha256.Sum256(o.Table), out.Transcript
	model, err := a.kind.model(a, t)
	if err != nil {
		return fmt.Errorf("run %s: %w", a.run, err)
	}
	if model != nil {
		h := wire.Hash(sha256.Sum256(model))
		o.Model = &h
	}
	return nil
}

// present is who takes part in a run's end: all contributors of a release, those that signed of a sum.
func present(r rules.Run) (names []string) {
	if r.Sum == nil {
		return r.Body.Contributors
	}
	for _, sig := range r.Result.Signatures {
		if slices.Contains(r.Body.Contributors, sig.Member) {
			names = append(names, sig.Member)
		}
	}
	return names
}

func modelOf(o *run.Outcome) string {
	if o.Model == nil {
		return ""
	}
	return o.Model.String()
}
