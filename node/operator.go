package node

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
)

// operator is the service as its local interface drives it.
type operator struct{ s *Service }

// Status implements admin.Member.
func (o operator) Status() admin.Status {
	s := o.s
	st := admin.Status{
		Name: s.cfg.Name, Role: string(s.cfg.Role), Version: Version(), PID: os.Getpid(), PeakRSS: PeakRSS(),
		BytesSent: uint64(s.endpoint().Stats().Sent),
	}
	if s.cfg.Role == Payer {
		st.Withholds = s.cfg.Withhold.describe()
	}
	payers, member := 0, false
	s.replica.View(func(r *rules.State) {
		_, member = r.Member(s.cfg.Name)
		st.Entries = r.Size()
		payers = len(r.Payers())
		st.Members = payers + 1
		for _, run := range r.Runs() {
			if run.Status == rules.RunAuthorised {
				st.Run = run.Body.Run
			}
		}
	})
	if s.hub != nil {
		st.Address = s.hub.Addr()
		st.Transports = s.hub.Transports()
		there := slices.DeleteFunc(s.hub.Connected(), isInvitation)
		if st.Connected = len(there) >= payers; !st.Connected {
			st.Waiting = "connections of " + strings.Join(s.absent(there), ", ")
		}
		st.Candidates = s.candidates()
	} else {
		st.Transport = s.payer.Transport()
		st.Connected, st.Candidates = s.payer.Connected(), s.asked.list()
		switch {
		case !st.Connected && !member:
			st.Waiting = fmt.Sprintf("the approval of %s's operator: tacet coordinator approve %s %q", s.cfg.Convener, s.cfg.Name, s.keys.Public().Fingerprint())
		case !st.Connected:
			st.Waiting = "connection to " + s.cfg.Convener
		case !member:
			st.Waiting = "the log"
		}
	}
	st.Member = member
	s.standing(&st)
	if e := s.events.latest(); st.Run != "" && e.Run == st.Run {
		st.Step = e.Step
		st.Phase, st.Since, st.Until = e.Phase, e.Since, e.Until
		if e.Waiting != "" {
			st.Waiting, st.WaitsFor = e.Waiting, e.WaitsFor
		}
	}
	return st
}

// absent are the payers who are not among those present.
func (s *Service) absent(present []string) []string {
	var out []string
	s.replica.View(func(r *rules.State) {
		for _, p := range r.Payers() {
			if !slices.Contains(present, p) {
				out = append(out, p)
			}
		}
	})
	return out
}

// Propose implements admin.Member.
func (o operator) Propose(ctx context.Context, kind string, body json.RawMessage) (uint64, error) {
	i, err := o.s.replica.Propose(ctx, kind, body)
	return i, refusal(err)
}

// Run implements admin.Member.
func (o operator) Run(ctx context.Context, run string, wait bool) (admin.Run, error) {
	r, err := o.s.results.get(ctx, run, wait)
	if err == nil && r.State == "certified" {
		r.Lines = o.s.lines(run)
	}
	if err == nil && r.State == "void" {
		r.Evidence = statements(o.s.dir.Path("runs", run), authority{s: o.s}.Member)
	}
	return r, err
}

// Events implements admin.Member.
func (o operator) Events(ctx context.Context, f func(admin.Event) error) error {
	return o.s.events.follow(ctx, f)
}

// Version is the version of this program as the Go tool recorded it.
func Version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		return b.Main.Version
	}
	return "(devel)"
}
