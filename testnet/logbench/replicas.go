package logbench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/replica"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/protocol/link"
)

const convener = "convener"

// member is one replica with its end of the network.
type member struct {
	name     string
	replica  *replica.Replica
	endpoint link.Endpoint
	leave    func() error // closes the endpoint
	written  int
}

// streams is an endpoint as a replica wants it.
type streams struct{ link.Endpoint }

func (s streams) Dial(ctx context.Context, member, service string) (net.Conn, error) {
	return s.Endpoint.Dial(ctx, member, service)
}

func (s streams) Handle(service string, h func(context.Context, string, net.Conn)) {
	s.Endpoint.Handle(service, func(ctx context.Context, from string, conn link.Conn) { h(ctx, from, conn) })
}

// cast generates the members and the genesis that names them.
func cast(n int) (rules.Genesis, []*identity.Keys, error) {
	g := rules.Genesis{Format: 1, Ledger: "bench.tacet.example/log", Insecure: true}
	var keys []*identity.Keys
	for i := range n {
		name := convener
		if i > 0 {
			name = fmt.Sprintf("payer-%d", i)
		}
		k, err := identity.Generate(name)
		if err != nil {
			return g, nil, err
		}
		if keys = append(keys, k); i == 0 {
			g.Convener = k.Public()
		} else {
			g.Members = append(g.Members, k.Public())
		}
	}
	return g, keys, nil
}

// open starts all members; close ends what was started, whatever the error.
func open(dir string, n int) (all []*member, closeAll func() error, err error) {
	closeAll = func() error {
		var errs []error
		for _, m := range slices.Backward(all) {
			if m.replica != nil {
				errs = append(errs, m.replica.Close())
			}
			errs = append(errs, m.leave())
		}
		return errors.Join(errs...)
	}
	g, keys, err := cast(n)
	if err != nil {
		return nil, closeAll, err
	}
	addr := ""
	for _, k := range keys {
		cert, err := k.TLSCertificate()
		if err != nil {
			return all, closeAll, err
		}
		d := link.NewDirectory()
		for _, other := range keys {
			d.Set(link.Member{Name: other.Name(), Pin: other.Public().TLSPin})
		}
		m := &member{name: k.Name()}
		o := link.Options{Name: m.name, Certificate: cert, Directory: d, ResetKey: k.ResetKey(), Transport: link.TransportQUIC}
		if m.name == convener {
			hub, err := link.Listen("127.0.0.1:0", o)
			if err != nil {
				return all, closeAll, err
			}
			m.endpoint, m.leave, addr = hub, hub.Close, hub.Addr()
		} else {
			p, err := link.NewPayer(convener, addr, o)
			if err != nil {
				return all, closeAll, err
			}
			m.endpoint, m.leave = p, p.Close
		}
		all = append(all, m)
		if m.replica, err = replica.Open(replica.Config{Dir: filepath.Join(dir, m.name), Keys: k, Genesis: g, Endpoint: streams{m.endpoint}, Convener: m.name == convener}); err != nil {
			return all, closeAll, err
		}
	}
	return all, closeAll, nil
}

// draft is the member's next entry. serial is not used before in this run.
func (m *member) draft(serial int64) replica.Draft {
	if m.name == convener {
		return replica.Draft{Kind: rules.KindRosterSet, Body: rules.NewRosterSet([]string{fmt.Sprint("practice-", serial)})}
	}
	m.written++
	return replica.Draft{Kind: rules.KindClock, Body: rules.Clock{Time: 1_700_000_000 + int64(m.written)}}
}

func measureReplicas(ctx context.Context, o Options, dir string, f *Figures) (err error) {
	all, closeAll, err := open(dir, o.Members)
	defer func() { err = errors.Join(err, closeAll()) }()
	if err != nil {
		return err
	}
	var serial atomic.Int64
	// Everybody is connected, and a voter with a checkpoint behind it, before the clock starts.
	var names []string
	for _, m := range all {
		names = append(names, m.name)
		d := m.draft(serial.Add(1))
		at, err := m.replica.Propose(ctx, d.Kind, d.Body)
		if err != nil {
			return err
		}
		if _, err := all[0].replica.WaitCosigned(ctx, at, names); err != nil {
			return err
		}
	}
	if err := sustained(ctx, all, &serial, o.Duration, f); err != nil {
		return fmt.Errorf("sustained: %w", err)
	}
	if err := latency(ctx, all, &serial, o.Duration, f); err != nil {
		return fmt.Errorf("latency: %w", err)
	}
	if err := agreed(ctx, all, f); err != nil {
		return err
	}
	if f.ReplicaBytes, err = size(filepath.Join(dir, convener)); err != nil {
		return err
	}
	log, err := size(filepath.Join(dir, convener, "log"))
	f.RaftBytes = f.ReplicaBytes - log
	return err
}

func sustained(ctx context.Context, all []*member, serial *atomic.Int64, d time.Duration, f *Figures) error {
	var wg sync.WaitGroup
	var n atomic.Int64
	errs := make([]error, len(all))
	began, spent := time.Now(), cpu()
	for i, m := range all {
		wg.Go(func() {
			for errs[i] == nil && time.Since(began) < d {
				var drafts []replica.Draft
				for range 32 {
					drafts = append(drafts, m.draft(serial.Add(1)))
				}
				at, err := m.replica.ProposeAll(ctx, drafts)
				n.Add(int64(len(at)))
				errs[i] = err
			}
		})
	}
	wg.Wait()
	f.Written = int(n.Load())
	f.PerSecond = float64(f.Written) / time.Since(began).Seconds()
	f.CPUPerEntry = (cpu() - spent).Seconds() * 1000 / float64(max(f.Written, 1))
	return errors.Join(errs...)
}

// latency writes at the rate whether or not the log keeps up: an entry's time begins when it was due, so waiting for the one before counts.
func latency(ctx context.Context, all []*member, serial *atomic.Int64, d time.Duration, f *Figures) error {
	var wg sync.WaitGroup
	took := make([][]time.Duration, len(all))
	errs := make([]error, len(all))
	began := time.Now()
	step := time.Second * time.Duration(len(all)) / Rate
	for i, m := range all {
		wg.Go(func() {
			for due := began.Add(step * time.Duration(i) / time.Duration(len(all))); due.Sub(began) < d; due = due.Add(step) {
				select {
				case <-time.After(time.Until(due)):
				case <-ctx.Done():
					errs[i] = ctx.Err()
					return
				}
				e := m.draft(serial.Add(1))
				if _, errs[i] = m.replica.Propose(ctx, e.Kind, e.Body); errs[i] != nil {
					return
				}
				took[i] = append(took[i], time.Since(due))
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	sorted := slices.Sorted(slices.Values(slices.Concat(took...)))
	ms := func(q float64) float64 {
		return float64(sorted[min(int(q*float64(len(sorted))), len(sorted)-1)].Microseconds()) / 1000
	}
	f.Samples, f.P50, f.P99, f.Worst = len(sorted), ms(0.5), ms(0.99), ms(1)
	return nil
}

// agreed compares roots and states when all have everything.
func agreed(ctx context.Context, all []*member, f *Figures) error {
	f.Agreed = all[0].replica.Applied()
	var root ledger.Hash
	var state [32]byte
	for i, m := range all {
		if err := m.replica.Wait(ctx, func(s *rules.State) bool { return s.Size() >= f.Agreed }); err != nil {
			return err
		}
		r, err := m.replica.Root(f.Agreed)
		if err != nil {
			return err
		}
		var h [32]byte
		m.replica.View(func(s *rules.State) { h = s.Hash() })
		if i == 0 {
			root, state = r, h
		}
		if r != root || h != state {
			return fmt.Errorf("%s has another root or state than %s at size %d", m.name, all[0].name, f.Agreed)
		}
	}
	return nil
}
