package linkbench

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/run/objects"
)

// Options of a measurement. Zero values are the defaults.
type Options struct {
	Object int           // bytes of the object a payer fetches; default 32 MiB
	Delay  time.Duration // there and back; default 80 ms
	Loss   float64       // default 0.05
	Flood  int           // strangers' connections a second; default 1000
	For    time.Duration // of each flood measurement; default 5 s
	Say    func(string, ...any)
}

// Transfer is one object over one path.
type Transfer struct {
	Path    string  `json:"path"`
	Seconds float64 `json:"seconds"`
	MBps    float64 `json:"megabytes_per_second"`
	Ratio   float64 `json:"ratio"` // to the same delay without loss
}

// Service is what a connected payer sees while others do something.
type Service struct {
	While    string  `json:"while"`
	P50      float64 `json:"p50_ms"` // of a question and its answer over the governance service
	P99      float64 `json:"p99_ms"`
	MBps     float64 `json:"bulk_megabytes_per_second"`
	Tried    int64   `json:"strangers"`          // connections begun by strangers
	PerSec   float64 `json:"strangers_a_second"` //
	Refused  int64   `json:"turned_away"`        // before a handshake
	Sessions int64   `json:"sessions"`           // of members during the measurement, 0: nobody lost one
}

// Figures are the result.
type Figures struct {
	Transfers []Transfer `json:"transfers"`
	Services  []Service  `json:"services"`
}

// ErrMissed says that a figure is not what it has to be.
var ErrMissed = errors.New("a figure is not what it has to be")

// member is a name and a key.
type member struct {
	name string
	cert tls.Certificate
}

func newMember(name string) (member, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return member{}, err
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		return member{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return member{name, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}}, err
}

// scene is a hub that gives an object away and answers, and its directory.
type scene struct {
	hub     *link.Hub
	members map[string]member
	dir     *link.Directory
	object  []byte
	name    [32]byte
}

func newScene(size int, names ...string) (*scene, error) {
	s := &scene{members: map[string]member{}, dir: link.NewDirectory(), object: make([]byte, size)}
	rand.Read(s.object)
	for _, n := range append([]string{"convener"}, names...) {
		m, err := newMember(n)
		if err != nil {
			return nil, err
		}
		s.members[n] = m
		s.dir.Set(link.Member{Name: n, Pin: sha256.Sum256(m.cert.Leaf.RawSubjectPublicKeyInfo)})
	}
	hub, err := link.Listen("127.0.0.1:0", s.options("convener"))
	if err != nil {
		return nil, err
	}
	s.hub = hub
	s.name = objects.Sum(s.object)
	list := objects.List{}
	for c := range slices.Chunk(s.object, 1<<20) {
		list = append(list, sha256.Sum256(c))
	}
	hub.Handle("run/get", func(_ context.Context, _ string, c link.Conn) {
		objects.Serve(c, bytes.NewReader(s.object), list, int64(len(s.object)))
	})
	hub.Handle("raft", func(_ context.Context, _ string, c link.Conn) { io.Copy(c, c) })
	return s, nil
}

func (s *scene) options(name string) link.Options {
	return link.Options{Name: name, Certificate: s.members[name].cert, Directory: s.dir, Transport: link.TransportAuto}
}

func (s *scene) payer(ctx context.Context, name, addr string) (*link.Payer, error) {
	p, err := link.NewPayer("convener", addr, s.options(name))
	if err != nil {
		return nil, err
	}
	if err := p.WaitConnected(ctx); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// fetch brings the object once.
func (s *scene) fetch(ctx context.Context, p *link.Payer) (time.Duration, error) {
	dir, err := os.MkdirTemp("", "tacet-link")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	part, err := objects.Resume(filepath.Join(dir, "object"), s.name, int64(len(s.object)))
	if err != nil {
		return 0, err
	}
	defer part.Close()
	began := time.Now()
	c, err := p.Dial(ctx, "convener", "run/get")
	if err != nil {
		return 0, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	if _, err := part.Fill(c); err != nil {
		return 0, err
	}
	return time.Since(began), nil
}

// transfers measures the object over each path.
func transfers(ctx context.Context, o Options) ([]Transfer, error) {
	var out []Transfer
	var clean float64
	for _, p := range []Path{{0, 0}, {o.Delay, 0}, {o.Delay, o.Loss}} {
		s, err := newScene(o.Object, "payer-1")
		if err != nil {
			return out, err
		}
		seconds, err := func() (float64, error) {
			defer s.hub.Close()
			r, err := newRelay(p, s.hub.Addr())
			if err != nil {
				return 0, err
			}
			defer r.close()
			payer, err := s.payer(ctx, "payer-1", r.addr())
			if err != nil {
				return 0, err
			}
			defer payer.Close()
			took, err := s.fetch(ctx, payer)
			return took.Seconds(), err
		}()
		if err != nil {
			return out, fmt.Errorf("path with %v and %g loss: %w", p.Delay, p.Loss, err)
		}
		if p.Loss == 0 {
			clean = seconds
		}
		t := Transfer{Path: fmt.Sprintf("%v round trip, %g%% loss", p.Delay, 100*p.Loss), Seconds: seconds,
			MBps: float64(o.Object) / 1e6 / seconds, Ratio: seconds / clean}
		o.Say("%s: %.2f s, %.1f MB/s, %.2f times the same delay without loss", t.Path, t.Seconds, t.MBps, t.Ratio)
		out = append(out, t)
	}
	return out, nil
}

// service measures what payers see for a while.
func service(ctx context.Context, s *scene, o Options, while string, disturb func(context.Context) int64) (Service, error) {
	asker, err := s.payer(ctx, "payer-1", s.hub.Addr())
	if err != nil {
		return Service{}, err
	}
	defer asker.Close()
	fetcher, err := s.payer(ctx, "payer-2", s.hub.Addr())
	if err != nil {
		return Service{}, err
	}
	defer fetcher.Close()
	before := s.hub.Stats()
	ctx, cancel := context.WithTimeout(ctx, o.For)
	defer cancel()
	var wg sync.WaitGroup
	var moved, tried int64
	var failed error
	wg.Go(func() { tried = disturb(ctx) })
	wg.Go(func() {
		for ctx.Err() == nil {
			if _, err := s.fetch(ctx, fetcher); err == nil {
				moved += int64(len(s.object))
			} else if ctx.Err() == nil {
				failed = fmt.Errorf("bulk: %w", err)
				return
			}
		}
	})
	var trips []float64
	began := time.Now()
	conn, err := asker.Dial(ctx, "convener", "raft")
	if err == nil {
		defer conn.Close()
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		defer stop()
		for b := make([]byte, 64); ctx.Err() == nil; {
			at := time.Now()
			if _, err = conn.Write(b); err == nil {
				_, err = io.ReadFull(conn, b)
			}
			if err != nil {
				break
			}
			trips = append(trips, float64(time.Since(at).Microseconds())/1000)
			time.Sleep(2 * time.Millisecond)
		}
	}
	if ctx.Err() == nil && err != nil {
		failed = errors.Join(failed, fmt.Errorf("governance: %w", err))
		cancel()
	}
	wg.Wait()
	if len(trips) == 0 || failed != nil {
		return Service{}, errors.Join(errors.New(while+": the service was interrupted"), failed)
	}
	slices.Sort(trips)
	took := time.Since(began).Seconds()
	after := s.hub.Stats()
	v := Service{While: while, P50: trips[len(trips)/2], P99: trips[len(trips)*99/100], MBps: float64(moved) / 1e6 / took,
		Tried: tried, PerSec: float64(tried) / took, Refused: after.TurnedAway - before.TurnedAway, Sessions: after.Connections - before.Connections}
	o.Say("%s: governance p50 %.2f ms, p99 %.2f ms; bulk %.1f MB/s; %.0f strangers a second, %d turned away", while, v.P50, v.P99, v.MBps, v.PerSec, v.Refused)
	return v, nil
}
