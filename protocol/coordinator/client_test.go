package coordinator_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/coordinator"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/link/loopback"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var names = []string{"alder", "birch", "cedar", "outsider"}

// world is a convener with its run, and links of members that a test speaks
// for byte by byte.
type world struct {
	t        *testing.T
	manifest *run.Manifest
	sizes    []int64
	links    map[string]*link.Payer
	dir      string
	cancel   context.CancelFunc
	ended    chan *run.Outcome
}

func (w *world) Manifest(context.Context, string) (*run.Manifest, error) { return w.manifest, nil }
func (w *world) Member(name string) (identity.Public, error) {
	return loopback.Keys(name).Public(), nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	plan, err := predicate.NewPlan([]predicate.Cell{{
		Name: "practice", ScaleNum: 100, ScaleDen: 1, Lo: 5, Hi: 95, CapNum: 400, CapDen: 400, Proportion: true,
		Rules: []predicate.Rule{{Name: "denominator", AnyOf: []predicate.Form{{Den: 1, Const: -30}}}},
	}}, 3, true)
	must(t, err)
	w := &world{t: t, dir: t.TempDir(), ended: make(chan *run.Outcome, 1), manifest: &run.Manifest{
		Run: "run-1", Hash: [32]byte{1}, Reference: mhe.NewReference([32]byte{1}, [32]byte{2}), Convener: "hub",
		Payers: []string{"alder", "birch", "cedar"}, Recipients: []string{"hub"}, Plan: plan,
	}}
	c, err := mhe.NewContext(plan.Set(), 3)
	must(t, err)
	terms, err := w.manifest.Terms(c)
	must(t, err)
	w.sizes = terms.Sizes
	hub, payers := loopback.Connect(t, "hub", names...)
	w.links = payers
	for _, p := range payers {
		must(t, p.WaitConnected(t.Context()))
	}
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	go func() {
		o, _ := coordinator.Run(ctx, coordinator.Config{
			Keys: loopback.Keys("hub"), Endpoint: hub, Authority: w, Run: "run-1", Dir: w.dir, Linger: time.Millisecond,
			Table: func(*run.Manifest, []predicate.Value) ([]byte, error) { return nil, nil },
		})
		w.ended <- o
	}()
	t.Cleanup(w.stop)
	return w
}

// stop ends the run and checks that the board's files are gone.
func (w *world) stop() {
	w.cancel()
	if o := <-w.ended; o == nil || o.Certified() {
		w.t.Errorf("the run ended with %+v", o)
	} else {
		w.ended <- o
	}
	if left, _ := filepath.Glob(filepath.Join(w.dir, "*.board")); len(left) != 0 {
		w.t.Error("the board is left behind")
	}
}

// stream is a test's end of one stream.
type stream struct {
	t *testing.T
	link.Conn
}

func (w *world) open(member, service string) stream {
	w.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		conn, err := w.links[member].Dial(w.t.Context(), "hub", service)
		if err == nil {
			w.t.Cleanup(func() { conn.Close() })
			conn.SetDeadline(time.Now().Add(time.Minute))
			return stream{w.t, conn}
		}
		if time.Now().After(deadline) { // the convener's run begins beside us
			w.t.Fatal(err)
		}
	}
}

// control opens a control stream and says hello.
func (w *world) control(member string) stream {
	s := w.open(member, wire.ServiceCommit)
	s.send(wire.Hello{Version: wire.Version, Run: "run-1", Manifest: w.manifest.Hash})
	s.expect(wire.KindHello)
	return s
}

func (s stream) send(m wire.Message) {
	s.t.Helper()
	must(s.t, wire.Write(s, m))
}

// expect reads frames up to the next of a kind that is not the convener's own
// commit nor its second hello, and returns its payload.
func (s stream) expect(kind wire.Kind) []byte {
	s.t.Helper()
	for {
		k, p, err := wire.ReadFrame(s)
		must(s.t, err)
		if c, err := wire.DecodeCommit(p); err == nil && c.Body().Member == "hub" {
			continue
		}
		if k == wire.KindHello && kind != wire.KindHello {
			continue
		}
		if k != kind {
			s.t.Fatalf("a frame of kind %d instead of %d: %.300s", k, kind, p)
		}
		return p
	}
}

// refused expects a refusal with a text.
func (s stream) refused(text string, retry bool) {
	s.t.Helper()
	r, err := wire.DecodeRefusal(s.expect(wire.KindRefusal))
	must(s.t, err)
	if r.Text != text || r.Retry != retry {
		s.t.Errorf("refused with %+v, want %q", r, text)
	}
}

// closed expects the end of the stream, after any number of frames.
func (s stream) closed() {
	s.t.Helper()
	for {
		if _, _, err := wire.ReadFrame(s); err != nil {
			if os.IsTimeout(err) {
				s.t.Error("the stream stays open")
			}
			return
		}
	}
}

// commit is a statement for a step after the first: the convener's own machine
// is at the first until all three payers speak, so it files or refuses the
// statement and goes on.
func (w *world) commit(member string, step int, change func(*wire.Commit)) *wire.SignedCommit {
	w.t.Helper()
	c := wire.Commit{Run: "run-1", Manifest: w.manifest.Hash, Step: step, Member: member, Object: sha256.Sum256([]byte(fmt.Sprint(member, step))), Size: w.sizes[step]}
	if change != nil {
		change(&c)
	}
	s, err := wire.SignCommit(loopback.Keys(member), c)
	must(w.t, err)
	return s
}

// object is what a member may reveal in step 1.
func (w *world) object(member string) (wire.Object, []byte) {
	b := slices.Repeat([]byte(member[:4]), int(w.sizes[1])/4+1)[:w.sizes[1]]
	return wire.Object{Run: "run-1", Manifest: w.manifest.Hash, Step: 1, Member: member, Hash: objects.Sum(b), Size: w.sizes[1]}, b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
