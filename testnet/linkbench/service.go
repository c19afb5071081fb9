package linkbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tacet-health/tacet/protocol/link"
)

const (
	runs   = 50 // concurrent runs whose members are connected besides
	perRun = 5  // members of one
)

// Service is what two connected payers see while others do something: medians over the rounds.
type Service struct {
	While   string  `json:"while"`
	P50     float64 `json:"p50_ms"` // of a question and its answer over the governance service
	P99     float64 `json:"p99_ms"`
	MBps    float64 `json:"bulk_megabytes_per_second"`
	Bulk    float64 `json:"bulk_to_undisturbed"` // the rounds' median of the throughput to that of the undisturbed looks before and behind
	PerSec  float64 `json:"strangers_a_second"`  // connections begun by strangers
	Refused int64   `json:"turned_away"`         // of them before a handshake
	Besides int     `json:"members_besides"`     // connected
	CPU     float64 `json:"processors"`          // that this process used: hub and its members together
}

// disturbance begins something that goes on until ctx ends; count says how many connections were begun so far.
type disturbance func(ctx context.Context) (count func() int64, err error)

// services looks at undisturbed members and at disturbed ones in turn, in one hub.
func services(ctx context.Context, o Options) ([]Service, error) {
	names := []string{"payer-1", "payer-2"}
	for i := range runs * perRun {
		names = append(names, fmt.Sprintf("member-%d", i+1))
	}
	s, err := newScene(min(o.Object, 8<<20), names...)
	if err != nil {
		return nil, err
	}
	defer s.hub.Close()
	asker, err := s.payer(ctx, "payer-1", s.hub.Addr())
	if err != nil {
		return nil, err
	}
	defer asker.Close()
	fetcher, err := s.payer(ctx, "payer-2", s.hub.Addr())
	if err != nil {
		return nil, err
	}
	defer fetcher.Close()
	calm := func(context.Context) (func() int64, error) { return func() int64 { return 0 }, nil }
	all := [3][]Service{}
	for range o.Rounds {
		for i, d := range []struct {
			while string
			begin disturbance
		}{
			{"nothing else", calm},
			{fmt.Sprintf("%d strangers a second", o.Flood), o.strangers(s.hub.Addr())},
			{"nothing else", calm},
			{fmt.Sprintf("the members of %d runs", runs), func(ctx context.Context) (func() int64, error) {
				return calm0, crowd(ctx, s, names[2:])
			}},
		} {
			v, err := look(ctx, s, o.For, asker, fetcher, d.begin)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", d.while, err)
			}
			v.While = d.while
			k := []int{0, 1, 0, 2}[i]
			all[k] = append(all[k], v)
			o.Say("%s: governance p50 %.2f ms, p99 %.2f ms; bulk %.1f MB/s; %.0f strangers a second, %d turned away; %d members besides; %.2f processors",
				v.While, v.P50, v.P99, v.MBps, v.PerSec, v.Refused, v.Besides, v.CPU)
		}
	}
	var out []Service
	for k, rounds := range all {
		m := middle(rounds)
		m.Bulk = 1
		if k > 0 {
			m.Bulk = median(rounds, func(v Service) float64 { return v.MBps }) / median(all[0], func(v Service) float64 { return v.MBps })
			o.Say("%s, median of %d: governance p99 %.2f ms; bulk %.1f MB/s, %.2f of undisturbed", m.While, len(rounds), m.P99, m.MBps, m.Bulk)
		}
		out = append(out, m)
	}
	return out, nil
}

func calm0() int64 { return 0 }

func median(all []Service, f func(Service) float64) float64 {
	var x []float64
	for _, v := range all {
		x = append(x, f(v))
	}
	slices.Sort(x)
	return x[len(x)/2]
}

func middle(all []Service) Service {
	m := Service{While: all[0].While}
	m.P50 = median(all, func(v Service) float64 { return v.P50 })
	m.P99 = median(all, func(v Service) float64 { return v.P99 })
	m.MBps = median(all, func(v Service) float64 { return v.MBps })
	m.PerSec = median(all, func(v Service) float64 { return v.PerSec })
	m.CPU = median(all, func(v Service) float64 { return v.CPU })
	for _, v := range all {
		m.Refused += v.Refused
		m.Besides = max(m.Besides, v.Besides)
	}
	return m
}

// look measures what the two payers see for a while. Both are connected all the time: an interruption is an error.
func look(ctx context.Context, s *scene, d time.Duration, asker, fetcher *link.Payer, begin disturbance) (v Service, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	count, err := begin(ctx)
	if err != nil {
		return v, err
	}
	before, began, tried, used := s.hub.Stats(), time.Now(), count(), processor()
	ctx, end := context.WithTimeout(ctx, d)
	defer end()
	var wg sync.WaitGroup
	var moved atomic.Int64
	var failed error
	wg.Go(func() {
		for ctx.Err() == nil {
			if _, err := s.fetch(ctx, fetcher, &moved); err != nil && ctx.Err() == nil {
				failed = fmt.Errorf("bulk: %w", err)
				return
			}
		}
	})
	trips, err := ask(ctx, asker)
	if ctx.Err() != nil {
		err = nil
	}
	end()
	took := time.Since(began).Seconds()
	v.MBps, v.PerSec, v.CPU = float64(moved.Load())/1e6/took, float64(count()-tried)/took, (processor()-used).Seconds()/took
	after := s.hub.Stats()
	v.Refused, v.Besides = after.TurnedAway-before.TurnedAway, len(s.hub.Connected())-2
	wg.Wait()
	if err != nil {
		err = fmt.Errorf("governance: %w", err)
	}
	if err = errors.Join(err, failed); err != nil {
		return v, err
	}
	if n := after.Connections - before.Connections; n != 0 {
		return v, fmt.Errorf("%d members lost their connection", n)
	}
	if len(trips) == 0 {
		return v, errors.New("no answer at all")
	}
	slices.Sort(trips)
	v.P50, v.P99 = trips[len(trips)/2], trips[len(trips)*99/100]
	return v, nil
}

// ask asks until ctx ends and returns how many milliseconds each answer took.
func ask(ctx context.Context, p *link.Payer) (trips []float64, err error) {
	conn, err := p.Dial(ctx, "convener", "raft")
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	for b := make([]byte, 64); ctx.Err() == nil; {
		at := time.Now()
		if _, err = conn.Write(b); err == nil {
			_, err = io.ReadFull(conn, b)
		}
		if err != nil {
			return trips, err
		}
		trips = append(trips, float64(time.Since(at).Microseconds())/1000)
		time.Sleep(2 * time.Millisecond)
	}
	return trips, nil
}

// crowd connects members, each of whom asks something every second until ctx ends. It returns when all are connected.
func crowd(ctx context.Context, s *scene, names []string) error {
	connected := make(chan error, len(names))
	for _, n := range names {
		go func() {
			p, err := s.payer(ctx, n, s.hub.Addr())
			if err != nil {
				connected <- err
				return
			}
			defer p.Close()
			c, err := p.Dial(ctx, "convener", "raft")
			connected <- err
			if err != nil {
				return
			}
			defer c.Close()
			defer context.AfterFunc(ctx, func() { c.Close() })()
			for b := make([]byte, 64); ctx.Err() == nil; {
				if _, err := c.Write(b); err != nil {
					return
				}
				if _, err := io.ReadFull(c, b); err != nil {
					return
				}
				select {
				case <-time.After(time.Second):
				case <-ctx.Done():
				}
			}
		}()
	}
	for range names {
		if err := <-connected; err != nil {
			return err
		}
	}
	return nil
}
