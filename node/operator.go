package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

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
	payers := 0
	s.replica.View(func(r *rules.State) {
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
		n := len(s.hub.Connected())
		if st.Connected = n >= payers; !st.Connected {
			st.Waiting = fmt.Sprintf("%d of %d payers connected", n, payers)
		}
	} else if st.Connected = s.payer.Connected(); !st.Connected {
		st.Waiting = "connection to " + s.cfg.Convener
	} else {
		st.Transport = s.payer.Transport()
	}
	if e := s.events.latest(); st.Run != "" && e.Run == st.Run {
		st.Step = e.Step
		st.Phase, st.Since, st.Until = e.Phase, e.Since, e.Until
		if e.Waiting != "" {
			st.Waiting, st.WaitsFor = e.Waiting, e.WaitsFor
		}
	}
	return st
}

// Propose implements admin.Member.
func (o operator) Propose(ctx context.Context, kind string, body json.RawMessage) (uint64, error) {
	i, err := o.s.replica.Propose(ctx, kind, body)
	if r, ok := errors.AsType[*rules.Refusal](err); ok {
		return 0, &admin.Problem{Code: string(r.Code), Text: r.Error()}
	}
	return i, err
}

// Run implements admin.Member.
func (o operator) Run(ctx context.Context, run string, wait bool) (admin.Run, error) {
	r, err := o.s.results.get(ctx, run, wait)
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
