package testnet

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/testnet/oracle"
)

// Members is a network of processes that is up and governed, for somebody who disturbs it: runs are authorised in it one after the other,
// and every member's process can be signalled and started again. It is not safe for concurrent use, but for Client and Dead.
type Members struct {
	n        *network
	draft    node.Draft
	expected []oracle.Cell
	runs     int
}

// StartMembers makes and starts a network. Stop it, also after an error of any other method.
func StartMembers(ctx context.Context, o Options) (m *Members, err error) {
	o.Processes = true
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := o.prepareOut(); err != nil {
		return nil, err
	}
	src, err := o.open()
	if err != nil {
		return nil, err
	}
	profiles, err := o.profiles()
	if err != nil {
		return nil, err
	}
	n := newNetwork(&o)
	if err := n.loadData(ctx, src); err != nil {
		return nil, err
	}
	expected, practices, err := o.expect(src, profiles)
	if err != nil {
		return nil, err
	}
	draft := o.draft(src, practices, profiles)
	_, roster, _, err := node.Authorise(draft)
	if err != nil {
		return nil, err
	}
	if err := n.initialise(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.stop())
		}
	}()
	if err := n.start(ctx); err != nil {
		return nil, err
	}
	if _, err := n.govern(ctx, draft, roster); err != nil {
		return nil, err
	}
	return &Members{n: n, draft: draft, expected: expected}, nil
}

// Names are the members: the convener, then the payers.
func (m *Members) Names() []string {
	var names []string
	for _, x := range m.n.members {
		names = append(names, x.cfg.Name)
	}
	return names
}

func (m *Members) member(name string) *member {
	for _, x := range m.n.members {
		if x.cfg.Name == name {
			return x
		}
	}
	panic("testnet: no member " + name)
}

// Dir is a member's data directory.
func (m *Members) Dir(name string) string { return m.member(name).cfg.Dir }

// Client is a member's local interface in its present life.
func (m *Members) Client(name string) *admin.Client { return m.member(name).client }

// Dead is closed when the member's present process has ended.
func (m *Members) Dead(name string) <-chan struct{} { return m.member(name).dead }

// Signal sends a signal to the member's process.
func (m *Members) Signal(name string, s os.Signal) error { return m.member(name).signal(s) }

// Restart starts a member whose process has ended.
func (m *Members) Restart(ctx context.Context, name string) error {
	x := m.member(name)
	x.client.Close()
	return m.n.startMember(ctx, x)
}

// Next prepares another run of the same figures and returns its name and what authorises it: a figure is released once, so the measures
// are approved in a version of their own first.
func (m *Members) Next(ctx context.Context) (name string, authorise func() error, err error) {
	m.runs++
	d := m.draft
	d.Run = fmt.Sprintf("run-%d", m.runs)
	d.Measures = nil
	for _, s := range m.draft.Measures {
		v := *s
		v.Version = fmt.Sprintf("%s.%d", majorMinor(s.Version), 1000+m.runs)
		d.Measures = append(d.Measures, &v)
	}
	if _, err := m.n.approve(ctx, d.Measures); err != nil {
		return "", nil, err
	}
	body, _, _, err := node.Authorise(d)
	if err != nil {
		return "", nil, err
	}
	return d.Run, func() error {
		_, err := m.n.members[0].client.Propose(ctx, rules.KindRunAuthorise, body)
		return err
	}, nil
}

// majorMinor is a version without its last number.
func majorMinor(v string) string {
	for i := len(v) - 1; i > 0; i-- {
		if v[i] == '.' {
			return v[:i]
		}
	}
	return v
}

// Steps names the steps of the network's runs in order.
func (m *Members) Steps() ([]string, error) {
	_, _, plan, err := node.Authorise(m.draft)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range run.Sequence(len(plan.Stages())) {
		names = append(names, s.String())
	}
	return names, nil
}

// Differing lists the cells of a released table that are not what the pooled plain data says.
func (m *Members) Differing(table []byte) ([]string, error) {
	t, err := node.ParseTable(table)
	if err != nil {
		return nil, err
	}
	var got []oracle.Row
	for _, c := range t.Cells {
		r := oracle.Row{Practice: c.Practice, Measure: c.Measure, Stratum: c.Stratum, Status: c.Status, Bound: c.Bound}
		if c.Value != nil {
			r.Value = fmt.Sprint(*c.Value)
		}
		got = append(got, r)
	}
	var out []string
	for _, d := range oracle.Compare(got, m.expected) {
		out = append(out, d.String())
	}
	return out, nil
}

// Stop ends all processes.
func (m *Members) Stop() error { return m.n.stop() }
