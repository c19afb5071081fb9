package sim

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tacet-health/tacet/governance/rules"
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

// play runs a scenario on copies of the founded directories, in virtual time.
func play(t *testing.T, s Scenario, f founding, dir string) (res Result) {
	must(t, copyTree(dir, f.dir))
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
		w.authorise(ctx, f.body)
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
func (w *world) authorise(ctx context.Context, body rules.RunAuthorise) {
	for ctx.Err() == nil {
		c := w.members[0]
		c.mu.Lock()
		s := c.service
		c.mu.Unlock()
		if s != nil && propose(ctx, s, rules.KindRunAuthorise, body) == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	w.violate("the run is not authorised: %v", ctx.Err())
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
