package logbench

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/audit"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

const batch = 256

// generated makes a log of the kinds that replicas are measured with, entry after entry by the members in turn, and its signed checkpoint.
func generated(ctx context.Context, dir string, members, entries int) (g rules.Genesis, checkpoint []byte, err error) {
	g, keys, err := cast(members)
	if err != nil {
		return g, nil, err
	}
	genesis, err := g.Canonical()
	if err != nil {
		return g, nil, err
	}
	l, err := ledger.Open(dir, genesis)
	if err != nil {
		return g, nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	own := rules.Hash(genesis)
	prev := make([]string, members)
	for i := range prev {
		prev[i] = hex.EncodeToString(own[:])
	}
	for from := 1; from < entries; from += batch {
		if ctx.Err() != nil {
			return g, nil, ctx.Err()
		}
		n := min(batch, entries-from)
		records := make([]ledger.Record, n)
		errs := make([]error, members)
		var wg sync.WaitGroup
		for who, k := range keys { // each member signs its own chain
			wg.Go(func() {
				m := &member{name: k.Name()}
				for i := from; i < from+n; i++ {
					if i%members == who && errs[who] == nil {
						m.written = i
						records[i-from], errs[who] = next(k, m, g.Ledger, i, members, &prev[who])
					}
				}
			})
		}
		wg.Wait()
		if err := errors.Join(append(errs, l.Append(records))...); err != nil {
			return g, nil, err
		}
	}
	checkpoint, err = signed(l, g.Ledger, keys)
	return g, checkpoint, err
}

func next(k *identity.Keys, m *member, origin string, i, members int, prev *string) (ledger.Record, error) {
	d := m.draft(int64(i))
	body, err := entry.Canonical(d.Body)
	if err != nil {
		return ledger.Record{}, err
	}
	seq := i / members
	if i%members != 0 {
		seq++ // who is not first in turn has had one more: entry 0 is the genesis
	}
	data, err := entry.Sign(k, entry.Entry{Origin: origin, Author: k.Name(), Seq: uint64(seq), Prev: *prev, Kind: d.Kind, Version: rules.Version, Body: body})
	if err != nil {
		return ledger.Record{}, err
	}
	e, err := entry.Open(data)
	if err != nil {
		return ledger.Record{}, err
	}
	hash := e.Hash()
	*prev = hex.EncodeToString(hash[:])
	return ledger.Record{Position: uint64(i), Data: data}, nil
}

// signed is the log's checkpoint with every member's signature.
func signed(l *ledger.Ledger, origin string, keys []*identity.Keys) ([]byte, error) {
	c, err := l.Checkpoint(origin)
	if err != nil {
		return nil, err
	}
	log, err := keys[0].Public().LogVerifiers(origin)
	if err != nil {
		return nil, err
	}
	v := ledger.NewVerifiers(origin, log...)
	var all *ledger.Signed
	for i, k := range keys {
		s := k.LogSigners(origin, time.Now())
		if i > 0 {
			name := ledger.KeyName(origin, k.Name())
			s = k.Cosigners(name, time.Now())
			key, err := k.Public().CosignatureVerifiers(name)
			if err != nil {
				return nil, err
			}
			v.Add(k.Name(), key...)
		}
		note, err := l.Cosign(c, s...)
		if err != nil {
			return nil, err
		}
		one, err := ledger.OpenSigned(note, v)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = one
		} else if all, _, err = all.Merge(one); err != nil {
			return nil, err
		}
	}
	return all.Note()
}

func measureLog(ctx context.Context, o Options, dir string, f *Figures) error {
	log := filepath.Join(dir, "log")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	g, checkpoint, err := generated(ctx, log, o.Members, o.Entries)
	if err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	if f.LedgerBytes, err = size(log); err != nil {
		return err
	}
	if err := replay(log, g, f); err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	genesis, err := g.Canonical()
	if err != nil {
		return err
	}
	l, err := ledger.Open(log, genesis)
	if err != nil {
		return err
	}
	export, bundle := filepath.Join(dir, "export"), filepath.Join(dir, "evidence.zip")
	if err := errors.Join(l.Export(export, checkpoint, l.Size()), l.Close()); err != nil {
		return err
	}
	if err := pack(export, bundle); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return verify(bundle, f)
}

// replay opens the ledger and builds the state as a replica does when it starts, and looks at what it then holds in memory.
func replay(log string, g rules.Genesis, f *Figures) error {
	genesis, err := g.Canonical()
	if err != nil {
		return err
	}
	before, began := live(), time.Now()
	l, err := ledger.Open(log, genesis)
	if err != nil {
		return err
	}
	defer l.Close()
	s, err := rules.New(g)
	if err != nil {
		return err
	}
	for s.Size() < l.Size() {
		var data [][]byte
		for i := s.Size(); i < min(s.Size()+batch, l.Size()); i++ {
			e, err := l.Entry(i)
			if err != nil {
				return err
			}
			data = append(data, e)
		}
		for _, p := range s.Prepare(data) {
			if v := s.ApplyPrepared(p); v.Refusal != nil {
				return v.Refusal
			}
		}
	}
	f.ReplayPerSec = float64(l.Size()) / time.Since(began).Seconds()
	f.ReplicaHeap = max(live()-before, 0)
	runtime.KeepAlive(s)
	runtime.KeepAlive(l)
	return nil
}

func pack(export, path string) error {
	b, err := audit.Build(os.DirFS(export), func(run, name string) ([]byte, error) { return nil, fmt.Errorf("no run %s in this log", run) })
	if err != nil {
		return err
	}
	w, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(b.Write(w), w.Close())
}

func verify(path string, f *Figures) error {
	r, err := os.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return err
	}
	f.BundleBytes = info.Size()
	most := watch(live())
	began, spent := time.Now(), cpu()
	b, err := audit.Open(r, info.Size())
	if err != nil {
		return err
	}
	res, err := audit.Verify(b, audit.Options{})
	if err != nil {
		return err
	}
	took, used := time.Since(began), cpu()-spent
	f.AuditHeap = most()
	if !res.Verified {
		return fmt.Errorf("the bundle of the generated log is not verified: %v", res.Findings)
	}
	f.AuditPerSecond = float64(f.Entries) / took.Seconds()
	if used > 0 {
		f.AuditPerCPU = float64(f.Entries) / used.Seconds()
	}
	return nil
}

// live is the heap in use after a collection.
func live() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// watch returns a function that ends the watching and says how far the heap that collections left alive has risen above base at most.
func watch(base int64) func() int64 {
	stop, most := make(chan struct{}), make(chan int64)
	go func() {
		s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		top, tick := int64(0), time.NewTicker(5*time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(s)
			top = max(top, int64(s[0].Value.Uint64())-base)
			select {
			case <-tick.C:
			case <-stop:
				most <- top
				return
			}
		}
	}()
	return func() int64 { close(stop); return <-most }
}
