package testnet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/testnet/oracle"
	"github.com/tacet-health/tacet/testnet/synpuf"
)

// ErrDiffers: the release is not what the pooled plain data says, or recipients hold different tables.
var ErrDiffers = errors.New("the release differs from the oracle")

// Run runs a network to its end. Errors: *UsageError for the options; an input error of the data's own type before any key is
// made; ErrDiffers; otherwise the reason why the run is void. Whatever happens, no member runs any more when it returns.
func Run(ctx context.Context, o Options) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	if err := o.prepareOut(); err != nil {
		return err
	}
	bad := true // until the data and the plan have been seen to be good
	defer func() {
		if bad {
			o.removeOut()
		}
	}()
	p := newProgress(o.Stdout, o.Terminal)
	defer p.clear()

	end := p.step("input")
	src, err := o.open()
	if err != nil {
		return err
	}
	if err := o.benchmarkOnly(src); err != nil {
		return err
	}
	profiles, err := o.profiles()
	if err != nil {
		return err
	}
	end("%s; measures %s", src.describe, strings.Join(ids(src.measures), ", "))
	if o.Toy {
		p.line("INSECURE", "toy parameters: this run protects nothing, it only exercises the program")
	}

	n := newNetwork(&o)
	p.rss = n.peakRSS
	defer func() { err = errors.Join(err, n.stop()) }()
	end = p.step("load")
	if err := n.loadData(ctx, src); err != nil {
		return err
	}
	end("every payer has its own data in its own store")
	var pooled *pooledModel
	if o.Risk {
		end = p.step("pool")
		var why string
		if pooled, why, err = n.pool(ctx, src.period, profiles[riskProfile]); err != nil {
			return err
		}
		if pooled != nil {
			end("the risk model of all payers' people in one place, to hold the joint one against")
		} else {
			end("no risk model: %s", why)
		}
	}

	end = p.step("plan")
	expected, practices, err := o.expect(src, profiles)
	if err != nil {
		return err
	}
	// The population's files hold every payer's rows side by side: from here on they exist in the payers' stores alone.
	if err := os.RemoveAll(filepath.Join(o.Out, "population")); err != nil {
		return err
	}
	draft := o.draft(src, practices, profiles)
	body, roster, plan, err := node.Authorise(draft)
	if err != nil {
		return fmt.Errorf("plan the run: %w", err)
	}
	lines, err := pooledLines(src.measures, src.counts)
	if err != nil {
		return err
	}
	asked, err := o.asking(draft, plan, lines)
	if err != nil {
		return err
	}
	if err := o.writePlan(plan); err != nil {
		return err
	}
	end("%d practices, %d measures, %d cells%s; parameter set %s, %d ciphertexts of each payer, %d rounds of refreshes (plan.txt)",
		len(roster.Practices), len(src.measures), len(plan.Cells()), benchmarksOf(plan), plan.Set().Name, plan.Ciphertexts(), len(plan.Stages()))

	bad = false
	end = p.step("members")
	if err := n.initialise(); err != nil {
		return err
	}
	end("%d payers and a convener, each with its own keys and directory", o.Payers)

	if err := n.disturb(plan); err != nil {
		return err
	}
	end = p.step("start")
	if err := n.start(ctx); err != nil {
		return err
	}
	end("%d members, outbound QUIC to the convener on %s", len(n.members), n.address(ctx))

	end = p.step("govern")
	entries, err := n.govern(ctx, draft, roster)
	if err != nil {
		return err
	}
	end("%d entries in the replicated log: profiles, roster, %d measures voted by %d payers and approved", entries, len(src.measures), o.Payers)

	if len(src.fitted) > 0 {
		end = p.step("expect")
		hashes, said, err := n.expectTogether(ctx, draft, src.fitted)
		if err != nil {
			return err
		}
		draft.Models = hashes
		if body, _, _, err = node.Authorise(draft); err != nil {
			return fmt.Errorf("plan the run: %w", err)
		}
		end("%s", said)
	}
	if asked != nil {
		end = p.step("reliability")
		text, err := n.lines(ctx, &draft, asked, lines)
		if err != nil {
			return err
		}
		end("%s", text)
		if body, _, plan, err = node.Authorise(draft); err != nil {
			return fmt.Errorf("plan the run: %w", err)
		}
		if err := o.writePlan(plan); err != nil {
			return err
		}
	}

	end = p.step("authorise")
	if err := n.authorise(ctx, draft, body); err != nil {
		return err
	}
	end("run %s, %d cells%s", body.Run, len(plan.Cells()), askingOf(plan, body))

	runs, err := n.wait(ctx, body.Run, p)
	if err != nil {
		return err
	}
	if o.Totals {
		end = p.step("totals")
		text, err := n.totals(ctx, draft, expected)
		if err != nil {
			return err
		}
		end("%s", text)
	}
	var model *fitted
	if pooled != nil {
		end = p.step("risk")
		if model, err = n.risk(ctx, draft, pooled); err != nil {
			return err
		}
		end("%s", model.line())
	}
	if err := n.evidence(ctx, p); err != nil {
		return err
	}
	res, err := o.report(ctx, runs, src, expected, model, plan.Ciphertexts(), p)
	if err != nil {
		return err
	}
	if res.differing == nil && !o.Once {
		p.line("up", "the members stay up; Ctrl-C ends them")
		<-ctx.Done()
		return nil
	}
	if res.differing != nil {
		return fmt.Errorf("%w in %d cells:\n  %s", ErrDiffers, len(res.differing), strings.Join(res.differing, "\n  "))
	}
	return nil
}

// askingOf says how many cells of a plan ask for reliability.
func askingOf(p *predicate.Plan, b rules.RunAuthorise) string {
	if n := len(p.Cells()) - len(b.Cells); n > 0 {
		return fmt.Sprintf(", %d of them the reliability of others", n)
	}
	return ""
}

// authorise writes the run's manifest into the log.
func (n *network) authorise(ctx context.Context, d node.Draft, body rules.RunAuthorise) error {
	if n.o.Processes {
		return n.authoriseByCommand(ctx, d)
	}
	_, err := n.members[0].client.Propose(ctx, rules.KindRunAuthorise, body)
	return err
}

// expect draws the roster and the table that must come out from the pooled plain counts.
func (o *Options) expect(s *source, profiles map[string]disclosure.Profile) ([]oracle.Cell, map[string][]string, error) {
	plain := map[string]oracle.Profile{}
	for name, p := range profiles {
		plain[name] = oracle.Rules(p)
	}
	counts, err := s.count()
	if err != nil {
		return nil, nil, err
	}
	s.counts = counts
	rosters, err := oracle.Roster(counts, o.Practices)
	if err != nil {
		return nil, nil, usage("--practices %d: %v", o.Practices, err)
	}
	practices := map[string][]string{}
	for _, g := range rosters {
		if len(g.Practices) == 0 {
			return nil, nil, &synpuf.InputError{File: s.from, Reason: fmt.Sprintf("holds nothing for the period %d: no %s has a denominator", s.period, g.Grain)}
		}
		practices[g.Grain] = g.Practices
	}
	expected, err := oracle.Expect(counts, rosters, plain)
	if err != nil {
		return nil, nil, err
	}
	expected, err = oracle.BenchmarkOnly(expected, o.BenchmarkOnly, plain)
	return expected, practices, err
}

// wait follows the run at all members and returns how it ended at each.
func (n *network) wait(ctx context.Context, name string, p *progress) ([]admin.Run, error) {
	watch := newWatch(p, len(n.members))
	fctx, stop := context.WithCancel(ctx)
	defer watch.wait()
	defer stop()
	for _, m := range n.members {
		watch.follow(fctx, m.client)
	}
	runs := make([]admin.Run, len(n.members))
	errs := make([]error, len(n.members))
	done := make(chan int)
	for i, m := range n.members {
		go func() {
			runs[i], errs[i] = m.client.WaitRun(ctx, name)
			done <- i
		}()
	}
	for range n.members {
		<-done
	}
	if err := errors.Join(errs...); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	var reasons []string
	for i, r := range runs {
		if r.State != "certified" {
			reasons = append(reasons, fmt.Sprintf("%s: %s", n.members[i].cfg.Name, r.Reason))
		}
	}
	if reasons != nil {
		return nil, fmt.Errorf("run %s is void, nothing is released:\n  %s", name, strings.Join(reasons, "\n  "))
	}
	return runs, nil
}

func (n *network) address(ctx context.Context) string {
	st, err := n.members[0].client.Status(ctx)
	if err != nil {
		return "?"
	}
	return st.Address
}
