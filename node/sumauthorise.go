package node

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/protocol/sum"
)

// authoriseSum puts the manifest of an aggregate run into the log; how long its vector is follows from the runs it comes after.
func (o operator) authoriseSum(ctx context.Context, q admin.RunRequest) (out admin.Authorised, err error) {
	var b rules.RunAggregate
	var def rules.SumRecord
	o.s.replica.View(func(st *rules.State) {
		b, err = o.s.sumManifest(st, q)
		def, _ = st.Sum(b.Sum)
	})
	if err != nil {
		return out, err
	}
	out = admin.Authorised{Run: b.Run, Cells: int(b.Length), Set: def.Set()}
	raw, err := json.Marshal(b)
	if err != nil {
		return out, err
	}
	if out.Text = audit.Sentence(rules.KindRunAggregate, raw); q.Plan {
		return out, nil
	}
	out.Index, err = o.s.replica.Propose(ctx, rules.KindRunAggregate, b)
	return out, refusal(err)
}

// sumManifest fills a manifest in from a request and the log.
func (s *Service) sumManifest(st *rules.State, q admin.RunRequest) (b rules.RunAggregate, err error) {
	id, version, exact := strings.Cut(q.Sum, "@")
	var def *rules.SumRecord
	for _, x := range st.Sums() {
		if x.ID == id && (!exact || version == fmt.Sprint(x.Version)) {
			def = &x
		}
	}
	if def == nil {
		return b, fmt.Errorf("the exact sum %s is not approved in the log; it needs a motion (%s)", q.Sum, rules.SubjectSum)
	}
	p, ok := st.Profile(def.Profile)
	if !ok {
		return b, fmt.Errorf("profile %s is not in the log", def.Profile)
	}
	payers := slices.Clone(q.Payers)
	if payers == nil {
		payers = st.Payers()
	}
	slices.Sort(payers)
	recipients := q.Recipients
	if recipients == nil {
		recipients = append([]string{st.Convener()}, payers...)
	}
	present := max(int64(len(payers)/2+1), p.Profile.MinContributors)
	if def.Bound != nil { // everybody verifies everybody: nobody may drop
		present = int64(len(payers))
	}
	second := cmp.Or(q.Seconds, 15*60)
	b = rules.RunAggregate{
		Run: q.Run, Sum: def.Hash, Stage: q.Stage, After: append([]string{}, q.After...), Period: q.Period, Contributors: payers, Recipients: recipients,
		Threshold: cmp.Or(q.Threshold, present), Purpose: q.Purpose, Agreement: q.Agreement, Withhold: s.cfg.Withhold.digest(),
		// Prepare: for the cosigned authorisation; Keys: of a step that too few are there for; Release: how long the rest waits for somebody who may have dropped.
		Deadlines: rules.Deadlines{Prepare: max(second, 60), Keys: second, Input: second, Refresh: max(second, 60), Release: cmp.Or(q.Grace, min(second, 120)), Certify: second},
	}
	if q.Totals != "" {
		if err := s.draftTotal(st, &b, *def, q.Totals, q.Groups); err != nil {
			return b, err
		}
		if q.Recipients == nil {
			b.Recipients = append([]string{st.Convener()}, b.Contributors...)
		}
	}
	a, err := s.draftSum(st, b)
	if err != nil {
		return b, err
	}
	if a.year, err = yearOf(b.Run, b.Period); err != nil {
		return b, err
	}
	b.Length, err = a.kind.length(a)
	return b, err
}

const reportFile = "report.json"

// endSum closes the journal of an aggregate run that has ended in the log, and does what follows from its sum.
// table is what a member that was there has opened, else nil.
func (s *Service) endSum(ctx context.Context, name string, table []byte) error {
	var r rules.Run
	s.replica.View(func(st *rules.State) { r, _ = st.Run(name) })
	if r.Sum == nil || r.Status == rules.RunAuthorised {
		return nil
	}
	err := sum.Close(s.dir.Path(sumsFolder, name))
	if r.Status == rules.RunCertified {
		err = errors.Join(err, s.afterSum(ctx, name, table))
	}
	return err
}

// afterSum does what follows from a certified sum: its report for people, and at the convener the model on record. Done twice it does nothing more.
func (s *Service) afterSum(ctx context.Context, name string, raw []byte) error {
	var a *aggregation
	var model string
	var err error
	known := false
	version := int64(1)
	s.replica.View(func(st *rules.State) {
		r, _ := st.Run(name)
		if r.Sum == nil || r.Result == nil {
			return
		}
		model = r.Result.Model
		if a, err = s.draftSum(st, *r.Sum); err != nil {
			return
		}
		a.before(r.Index)
		for _, m := range st.Models() {
			known = known || m.Run == name
		}
		if m, ok := st.Model(a.def.ID); ok {
			version = m.Version + 1
		}
	})
	if a == nil || err != nil {
		return err
	}
	if raw == nil {
		raw, err = os.ReadFile(s.dir.Path("runs", name, tableFile))
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it was not there at the end
		}
		if err != nil {
			return err
		}
	}
	if _, err := s.dir.Folder("runs", name); err != nil {
		return err
	}
	t, err := audit.ReadSum(raw)
	if err != nil {
		return err
	}
	report, err := a.kind.report(a, t)
	if err != nil {
		return err
	}
	if report != nil {
		b, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return err
		}
		if err := vault.Write(s.dir.Path("runs", name, reportFile), append(b, '\n')); err != nil {
			return err
		}
	}
	if model == "" || known || s.cfg.Role != Convener {
		return nil
	}
	m, err := a.kind.model(a, t)
	if err != nil {
		return err
	}
	if h := sha256.Sum256(m); hex.EncodeToString(h[:]) != model {
		return fmt.Errorf("run %s: the model made here is not the one that was signed", name)
	}
	_, err = s.replica.Propose(ctx, rules.KindModelSet, rules.ModelSet{ID: a.def.ID, Version: version, Run: name, Model: m})
	return err
}

// before leaves the models that were on record when the run was authorised, so that everybody starts from the same.
func (a *aggregation) before(index uint64) {
	a.models = slices.DeleteFunc(a.models, func(m rules.ModelRecord) bool { return m.Index > index })
}
