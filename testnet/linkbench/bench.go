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
	"sync/atomic"
	"time"

	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/testnet/lossy"
)

// Options of a measurement. Zero values are the defaults.
type Options struct {
	Object int           // bytes of the object a payer fetches; default 32 MiB
	Delay  time.Duration // there and back; default 80 ms
	Loss   float64       // default 0.05
	Flood  int           // strangers' connections a second; default 1000
	For    time.Duration // of each look at what members see; default 3 s
	Rounds int           // looks with and without each disturbance; default 3
	Only   string        // "transfer", "flood" or "run"; default all

	Executable string // the tacet program, whose hidden command is the strangers' process
	Say        func(string, ...any)
}

// Transfer is one object over one path.
type Transfer struct {
	Path    string  `json:"path"`
	Seconds float64 `json:"seconds"`
	MBps    float64 `json:"megabytes_per_second"`
	Ratio   float64 `json:"ratio"` // to the same delay without loss
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
func (s *scene) fetch(ctx context.Context, p *link.Payer, moved *atomic.Int64) (time.Duration, error) {
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
	if _, err := part.Fill(counted{c, moved}); err != nil {
		return 0, err
	}
	return time.Since(began), nil
}

// counted counts what is read.
type counted struct {
	link.Conn
	n *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.n.Add(int64(n))
	return n, err
}

// transfers measures the object over each path.
func transfers(ctx context.Context, o Options) ([]Transfer, error) {
	var out []Transfer
	var clean float64
	for _, p := range []lossy.Path{{}, {Delay: o.Delay}, {Delay: o.Delay, Loss: o.Loss}} {
		s, err := newScene(o.Object, "payer-1")
		if err != nil {
			return out, err
		}
		seconds, err := func() (float64, error) {
			defer s.hub.Close()
			r, err := lossy.New(p, s.hub.Addr())
			if err != nil {
				return 0, err
			}
			defer r.Close()
			payer, err := s.payer(ctx, "payer-1", r.Addr())
			if err != nil {
				return 0, err
			}
			defer payer.Close()
			took, err := s.fetch(ctx, payer, new(atomic.Int64))
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
