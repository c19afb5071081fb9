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
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node"
)

const (
	runName = "simulated"
	period  = "2024" // the data are old enough for every profile
	horizon = 90 * time.Minute
)

// today is when networks are founded; scenarios play on the day after. Virtual time begins in 2000, before any log.
var today = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Result is how one seed ended.
type Result struct {
	Seed       uint64
	Verdict    string // certified | void | open (nobody who could say is left)
	Code       string // of a void, as the log's reason has it; not part of the trace, for several members may notice in one instant
	Reason     string
	Heap       uint64 // bytes of live heap of all members at the end
	Violations []string
	Trace      string
	Virtual    time.Duration
	Packets    int
}

// world is one scenario while it runs.
type world struct {
	s       Scenario
	net     *network
	members []*member

	mu         sync.Mutex // guards the rest
	violations []string
	over       map[string]bool
	changed    chan struct{}
}

func (w *world) violate(format string, a ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.violations = append(w.violations, fmt.Sprintf(format, a...))
}

func (w *world) ended(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over[name] = true
	close(w.changed)
	w.changed = make(chan struct{})
}

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

// found makes the directories of a network with an approved measure under root, once for all scenarios with that many payers.
func found(t *testing.T, root string, payers int) {
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
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(today))
		n := newNetwork(s)
		var services []*node.Service
		for i, name := range names {
			v, err := node.Start(t.Context(), filepath.Join(root, name), node.Options{Simulated: &node.Simulated{Socket: n.socket(i)}})
			must(t, err)
			services = append(services, v)
		}
		must(t, approve(t.Context(), services, names[1:]))
		for _, v := range services {
			must(t, v.Close())
		}
		n.close()
	})
}

func propose(ctx context.Context, s *node.Service, kind string, body any) error {
	b, err := json.Marshal(body)
	if err == nil {
		_, err = s.Operator().Propose(ctx, kind, b)
	}
	return err
}

// approve plays the people of a founding meeting.
func approve(ctx context.Context, services []*node.Service, payers []string) error {
	d, err := draft(payers)
	if err != nil {
		return err
	}
	_, roster, _, err := node.Authorise(d)
	if err != nil {
		return err
	}
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

// play runs a scenario on copies of the founded directories, in virtual time.
func play(t *testing.T, s Scenario, founded, dir string) (res Result) {
	must(t, copyTree(dir, founded))
	defer func() {
		if p := recover(); p != nil { // goroutines that never end are a deadlock of the bubble
			res.Seed, res.Violations = s.Seed, append(res.Violations, fmt.Sprint("the simulation does not end: ", p))
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(today.AddDate(0, 0, 1)))
		w := &world{s: s, net: newNetwork(s), over: map[string]bool{}, changed: make(chan struct{})}
		ctx, cancel := context.WithTimeout(t.Context(), horizon)
		var wg sync.WaitGroup
		for i, name := range s.Names() {
			m := &member{w: w, index: i, name: name, dir: filepath.Join(dir, name), fired: map[int]bool{}, shown: map[string][32]byte{}, said: map[string][32]byte{}}
			w.members = append(w.members, m)
			wg.Go(func() { m.live(ctx) })
		}
		w.authorise(ctx)
		w.await(ctx)
		evidence := w.evidence(ctx)
		res.Virtual = time.Since(w.net.start)
		cancel()
		wg.Wait()
		w.net.close()
		res.Packets = w.net.packets()
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}} // what the last collection could not free
		metrics.Read(live)
		if res.Heap = live[0].Value.Uint64(); res.Heap > heapLimit {
			w.violate("%d MB of heap in use", res.Heap>>20)
		}
		w.conclude(&res, evidence)
	})
	return res
}

// authorise lets the convener's operator put the run on record, as soon as the log takes it.
func (w *world) authorise(ctx context.Context) {
	d, err := draft(w.s.Names()[1:])
	if err != nil {
		w.violate("%v", err)
		return
	}
	body, _, _, err := node.Authorise(d)
	for err == nil && ctx.Err() == nil {
		c := w.members[0]
		c.mu.Lock()
		s := c.service
		c.mu.Unlock()
		if s != nil {
			if err := propose(ctx, s, rules.KindRunAuthorise, body); err == nil {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	w.violate("the run is not authorised: %v %v", err, ctx.Err())
}

// await returns when everybody who can come to a verdict has one.
func (w *world) await(ctx context.Context) {
	if w.s.gone(convener) {
		time.Sleep(4 * deadline) // nobody will ever hear how it ended; every payer gives up by itself
		return
	}
	for {
		w.mu.Lock()
		changed, done := w.changed, true
		for _, m := range w.members {
			done = done && (w.over[m.name] || w.s.Lost(m.name))
		}
		w.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// evidence asks an honest member that is there for its evidence, which the member verifies before it hands it out.
func (w *world) evidence(ctx context.Context) error {
	time.Sleep(10 * time.Second) // verdicts are recorded a moment before a restart may end
	for _, m := range w.members {
		m.mu.Lock()
		s := m.service
		m.mu.Unlock()
		if s == nil || !w.s.Honest(m.name) || w.s.Lost(m.name) || !w.s.Quorum() {
			continue
		}
		f, err := s.Operator().Evidence(ctx)
		if err != nil {
			return fmt.Errorf("evidence of %s: %w", m.name, err)
		}
		return f.Close()
	}
	return nil
}

// conclude compares what the members ended with.
func (w *world) conclude(r *Result, evidence error) {
	r.Seed, r.Verdict = w.s.Seed, "open"
	if evidence != nil {
		w.violate("%v", evidence)
	}
	var lines []string
	table := ""
	for _, m := range w.members {
		lines = append(lines, m.line())
		switch {
		case w.s.Honest(m.name) && !w.s.gone(m.name) && w.s.gone(convener):
			m.check()
		case !w.s.Honest(m.name) || w.s.Lost(m.name):
		case m.result == nil:
			w.violate("%s has no verdict after %s", m.name, horizon)
		default:
			if r.Verdict != "open" && r.Verdict != m.result.State {
				w.violate("%s ends %s, another %s", m.name, m.result.State, r.Verdict)
			}
			if r.Verdict = m.result.State; r.Verdict == "void" {
				r.Reason, r.Code = m.result.Reason, code(m.result.Reason)
			}
			if b := string(m.result.Table); b != "" {
				if table != "" && table != b {
					w.violate("%s has another table", m.name)
				}
				table = b
			}
			m.check()
		}
	}
	if table != "" && !strings.Contains(table, released(w.s.Payers)) {
		w.violate("the released table is wrong")
	}
	slices.Sort(w.violations)
	r.Violations = w.violations
	r.Trace = w.s.String() + strings.Join(lines, "\n") + "\n  verdict " + r.Verdict + "\n"
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
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

// code is what kind of end a void's sentence tells of.
func code(reason string) string {
	for _, c := range [][2]string{
		{"not finished in time", "deadline"}, {"process ended", "restarted"}, {"backup was restored", "restored"}, {"it committed to", "object"},
		{"is not valid", "share"}, {"did not give its vector", "declined"}, {"not integers", "spoiled"}, {"could not write", "journal"},
		{"could not compute", "evaluation"}, {"was stopped", "aborted"}, {"differ", "differ"},
	} {
		if strings.Contains(reason, c[0]) {
			return c[1]
		}
	}
	return "other"
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
