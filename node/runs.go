package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
)

// follow acts on the log until ctx ends: it keeps the link's directory in step with the members, and takes part in every run that
// is open and names this member, one after the other (the rules allow one open run).
func (s *Service) follow(ctx context.Context) {
	done := map[string]bool{} // runs this process has been through
	for {
		var open string
		var over []rules.Run
		err := s.replica.Wait(ctx, func(st *rules.State) bool {
			s.admit(st)
			open, over = "", nil
			for _, r := range st.Runs() {
				switch {
				case done[r.Body.Run] || !s.takesPart(r):
				case r.Status == rules.RunAuthorised:
					if may, _ := st.MayStart(r.Body.Run); may { // counsel's time to veto is over
						open = r.Body.Run
					}
				default:
					over = append(over, r)
				}
			}
			return open != "" || len(over) > 0
		})
		if err != nil {
			return // ctx ended, or the replica stopped and said so in its log
		}
		for _, r := range over {
			done[r.Body.Run] = true
			s.away(ctx, r)
		}
		if open != "" {
			done[open] = true
			s.takePart(ctx, open)
		}
	}
}

func (s *Service) takesPart(r rules.Run) bool {
	return s.cfg.Role == Convener || slices.Contains(r.Body.Contributors, s.cfg.Name)
}

// takePart runs one run to its end in the log and records it. Its part ends with the run's end in the log, whatever it still
// waits for: then nobody is there any more to answer.
func (s *Service) takePart(ctx context.Context, name string) {
	s.log.Info("run begins", "run", name)
	out, err := s.computeUntilEnded(ctx, name)
	if ctx.Err() != nil {
		return // stopped: the next start goes on
	}
	if errors.Is(err, driver.ErrEnded) || errors.Is(err, driver.ErrStopped) || errors.Is(err, context.Canceled) {
		var r rules.Run
		s.replica.View(func(st *rules.State) { r, _ = st.Run(name) })
		if r.Status != rules.RunAuthorised {
			s.away(ctx, r)
			return
		}
		if errors.Is(err, driver.ErrStopped) {
			return // as a process that died: the next start goes on
		}
		if errors.Is(err, driver.ErrEnded) { // it died between the end of its part and here
			out, err = driver.Past(s.dir.Path("runs"), name)
		}
	}
	s.conclude(ctx, name, out, err)
}

// ended waits until the log ends a run.
func (s *Service) ended(ctx context.Context, name string) error {
	return s.replica.Wait(ctx, func(st *rules.State) bool {
		r, ok := st.Run(name)
		return ok && r.Status != rules.RunAuthorised
	})
}

// conclude brings the end of a run into the log, or waits for it there, and records it.
func (s *Service) conclude(ctx context.Context, name string, out *run.Outcome, err error) {
	result := admin.Run{Run: name, State: "void"}
	if out != nil {
		s.keepSalt(name, out.Salt)
	}
	switch {
	case err != nil:
		result.Reason = err.Error()
	case !out.Certified():
		result.Reason = out.Void
	default:
		result.Table, result.Evaluation = out.Table, out.Evaluation.Seconds()
	}
	if result.Reason == "" {
		result.Certificate, err = s.certify(ctx, out)
		if why, ok := errors.AsType[*held](err); ok {
			result.State = "certified"
			s.holdBack(ctx, out, result, why)
			return
		}
		if err != nil {
			result.Reason = err.Error()
		} else {
			result.State = "certified"
		}
	}
	if result.State == "void" {
		s.log.Warn("run is void", "run", name, "reason", result.Reason)
		said := result.Reason
		if err != nil && s.cfg.Role == Payer { // a local error's text stays at home
			said = s.cfg.Name + " could not go on with the run; its operator knows why"
			if errors.Is(err, errDeclines) {
				said = s.cfg.Name + " declines the run"
			}
		}
		r, err := s.voidInLog(ctx, name, said, out != nil)
		if ctx.Err() != nil {
			return // stopped: the next start has it from the log
		}
		if err != nil {
			s.log.Error("void run not recorded in the log", "run", name, "error", err)
		}
		if r.Status == rules.RunCertified { // the others had what they needed; the log's word counts
			s.away(ctx, r)
			return
		}
		if err == nil && out == nil { // a journal that could not be gone on with still holds the key share
			if _, err := driver.Close(s.dir.Path("runs"), name, "void in the log", s.sealing()); err != nil {
				s.log.Error("journal of a void run not closed", "run", name, "error", err)
			}
		}
	} else {
		s.log.Info("run certified", "run", name)
	}
	s.record(ctx, result)
}

// record keeps the end of a run, and what follows from it.
func (s *Service) record(ctx context.Context, result admin.Run) {
	name := result.Run
	if err := s.endSum(ctx, name, result.Table); err != nil { // before anybody hears that the run has ended: the next one may need the model
		s.log.Error("what follows from a sum is not on record", "run", name, "error", err)
	}
	if err := s.results.end(result); err != nil {
		s.log.Error("result not recorded", "run", name, "error", err)
	}
}

// farewell is how long a member whose run has ended in the log waits for the protocol to say so itself, with its evidence.
const farewell = 10 * time.Second

// computeUntilEnded is compute, interrupted when the run ends in the log: a member that lost its connection just as the convener went,
// or came back behind the end, would otherwise wait for its deadline.
func (s *Service) computeUntilEnded(ctx context.Context, name string) (*run.Outcome, error) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() {
		if s.ended(ctx, name) != nil {
			return
		}
		select {
		case <-time.After(farewell):
			s.log.Warn("run has ended in the log; this member stops waiting", "run", name)
			cancel()
		case <-ctx.Done():
		}
	})
	return s.compute(ctx, name)
}

// keepSalt keeps what opens the member's commitment to its vector in an appeal; the vector it computes again from its store.
func (s *Service) keepSalt(name string, salt []byte) {
	if salt == nil {
		return
	}
	if err := vault.Write(s.dir.Path("runs", name, "salt"), salt); err != nil {
		s.log.Error("salt of the commitment not kept", "run", name, "error", err)
	}
}

// patience is how long a payer whose part has ended void leaves it to the convener to write so.
const patience = 30 * time.Second

// voidInLog closes a run in the log, so that the next one may start, and returns it as the log has it in the end. The convener writes it; a
// payer does when the convener has not, or when the protocol has not told the others that it cannot take part.
func (s *Service) voidInLog(ctx context.Context, name, reason string, told bool) (r rules.Run, err error) {
	if s.cfg.Role != Convener && told {
		wait, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		err = s.ended(wait, name)
	} else {
		err = context.DeadlineExceeded
	}
	if err != nil && ctx.Err() == nil {
		if len(reason) > 1000 {
			reason = reason[:1000]
		}
		_, err = s.replica.Propose(ctx, rules.KindRunVoid, rules.RunVoid{Run: name, Reason: reason})
		if r, ok := errors.AsType[*rules.Refusal](err); ok && r.Code == rules.CodeRunClosed {
			err = nil
		}
	}
	s.replica.View(func(st *rules.State) { r, _ = st.Run(name) })
	return r, err
}

// progress turns the protocol's progress into events of the local interface.
func (s *Service) progress(p run.Progress) {
	e := admin.Event{
		Member: s.cfg.Name, Run: p.Run, Step: p.Step.String(), Phase: string(p.Phase), Seconds: p.Seconds,
		Sent: uint64(p.Sent), Received: uint64(p.Received),
	}
	if p.Done {
		e.Phase = "done"
	}
	e.Waiting, e.WaitsFor = strings.Join(p.Waiting, ", "), p.Waiting
	entered := time.Now().Add(-time.Duration(p.Seconds * float64(time.Second)))
	e.Since, e.Until = entered.UTC().Format(time.RFC3339), entered.Add(p.Limit).UTC().Format(time.RFC3339)
	s.events.add(e)
}

var errDeclines = errors.New("declined")

// declined says why this member does not contribute; nil when it does. The log's rules hold the age of the data by
// the log's time; a member holds it by its own clock too.
func (s *Service) declined(st *rules.State, a *agreed, now time.Time) error {
	policy := s.cfg.Policy
	if policy.Consent != "standing" {
		return fmt.Errorf("%w: %s takes no part in run %s: its policy is consent = %q", errDeclines, s.cfg.Name, a.run, policy.Consent)
	}
	if err := s.cfg.Withhold.agrees(a.withhold); err != nil {
		return fmt.Errorf("%w: %s takes no part in run %s: %w", errDeclines, s.cfg.Name, a.run, err)
	}
	for _, name := range a.payers {
		if name == s.cfg.Name {
			continue
		}
		if m, _ := st.Member(name); !policy.peer(m.Public) {
			return fmt.Errorf("%w: %s takes no part in run %s: %s is not in its policy.peers with the keys in the log", errDeclines, s.cfg.Name, a.run, name)
		}
	}
	for i, spec := range a.specs {
		if !policy.measure(spec.ID, spec.Version) {
			return fmt.Errorf("%w: %s takes no part in run %s: %s %s is not in its policy.measures", errDeclines, s.cfg.Name, a.run, spec.ID, spec.Version)
		}
		if _, err := slotsOf(s.cfg.Dir, spec); err != nil {
			return fmt.Errorf("%w: %s takes no part in run %s: %w", errDeclines, s.cfg.Name, a.run, err)
		}
		if err := policy.profile(a.profiles[i]); err != nil {
			return fmt.Errorf("%w: %s takes no part in run %s: %w", errDeclines, s.cfg.Name, a.run, err)
		}
		if open := a.year.End().AddDate(0, 0, int(a.profiles[i].MinDataAgeDays)); now.Before(open) {
			return fmt.Errorf("%w: %s takes no part in run %s: %s of period %s may not be computed before %s (min_data_age_days of its profile)",
				errDeclines, s.cfg.Name, a.run, spec.ID, a.period, open.Format(time.DateOnly))
		}
		m, _ := st.Measure(a.hashes[i])
		// Where a committee has decided, in which it may hold no seat, it must not have voted against; else it must have voted for it.
		voted := m.Decision != nil && m.Decision.Basis != rules.ByPayers
		for _, v := range m.Votes {
			if v.Member == s.cfg.Name {
				voted = v.Choice == rules.Yes
			}
		}
		if !voted {
			return fmt.Errorf("%w: %s takes no part in run %s: it has not voted for measure %s %s", errDeclines, s.cfg.Name, a.run, spec.ID, spec.Version)
		}
	}
	return nil
}
