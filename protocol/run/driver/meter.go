package driver

import (
	"slices"
	"sync"
	"time"

	"github.com/tacet-health/tacet/protocol/run"
)

// meter counts bytes and seconds of each step and remembers what was reported.
type meter struct {
	mu     sync.Mutex // guards totals
	totals []run.Total

	entered time.Time
	step    int
	phase   run.Phase
	waiting []string
}

func newMeter(steps []run.Step) *meter {
	m := &meter{entered: time.Now()}
	for _, s := range steps {
		m.totals = append(m.totals, run.Total{Step: s.String()})
	}
	return m
}

func (m *meter) add(step, sent, received int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if step >= 0 && step < len(m.totals) {
		m.totals[step].Sent += int64(sent)
		m.totals[step].Received += int64(received)
	}
}

// event counts the messages of others.
func (m *meter) event(e run.Event, self string) {
	if r, ok := e.(run.Received); ok && r.Commit.Body().Member != self {
		m.add(r.Commit.Body().Step, 0, len(r.Commit.Bytes()))
	}
}

func (m *meter) total(step int) run.Total {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.totals[step]
}

// Count adds bytes of objects that a board itself has sent or received for a
// step: the convener's, which moves objects its own machine never asks for.
func (d *Driver) Count(step int, sent, received int64) { d.meter.add(step, int(sent), int(received)) }

// moved counts an object that the driver had sent or brought over the network;
// the convener's own are copied on its disk.
func (d *Driver) moved(step int, sent, received int64) {
	if d.self != d.cfg.Manifest.Convener {
		d.Count(step, sent, received)
	}
}

// Totals returns what each step took so far.
func (d *Driver) Totals() []run.Total {
	d.meter.mu.Lock()
	defer d.meter.mu.Unlock()
	return slices.Clone(d.meter.totals)
}

// report tells the operator when the step, the phase, or the list of those
// waited for has changed.
func (d *Driver) report() {
	m := d.meter
	s := d.machine.Step()
	phase, waiting := d.machine.Waiting()
	if s.Index != m.step || phase == run.Over && m.phase != run.Over {
		m.mu.Lock()
		m.totals[m.step].Seconds = time.Since(m.entered).Seconds()
		m.mu.Unlock()
		done := run.Sequence(d.member.Terms().Stages)[m.step]
		complete := phase != run.Over || d.end == nil || d.end.Void == nil
		d.progress(run.Progress{Step: done, Phase: m.phase, Done: complete}, m.total(m.step))
		m.step, m.entered = s.Index, time.Now()
	} else if phase == m.phase && slices.Equal(waiting, m.waiting) {
		return
	}
	m.phase, m.waiting = phase, waiting
	if phase != run.Over {
		d.progress(run.Progress{Step: s, Phase: phase, Waiting: waiting}, m.total(s.Index))
	}
}

func (d *Driver) progress(p run.Progress, t run.Total) {
	if d.cfg.Progress == nil {
		return
	}
	p.Run, p.Member, p.Steps = d.cfg.Manifest.Run, d.self, d.machine.Steps()
	p.Seconds, p.Sent, p.Received = t.Seconds, t.Sent, t.Received
	p.Limit = d.cfg.Manifest.Deadlines.Of(p.Step.Kind)
	if !p.Done {
		p.Seconds = time.Since(d.meter.entered).Seconds()
	}
	d.cfg.Progress(p)
}
