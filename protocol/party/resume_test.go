package party_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/protocol/link/loopback"
	"github.com/tacet-health/tacet/protocol/party"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/run/lockstep"
	"github.com/tacet-health/tacet/protocol/run/objects"
)

// mortal is a payer that dies and comes back, and what it showed in its lives.
type mortal struct {
	n    *network
	name string
	dir  string

	dies  func(run.Point, run.Step) bool // may be nil
	ctx   context.Context
	lives int
	asked int // for the vector

	mu      sync.Mutex            // guards the rest
	objects map[string][][32]byte // revealed, by step
	commits map[string][][32]byte // published, by step
	box     cipher.AEAD
	seeds   map[string]bool // key material that was ever sealed, hex
	salts   map[string]bool
}

// mortal takes a payer out of the network's own hands.
func (n *network) mortal(name string) *mortal {
	m := &mortal{n: n, name: name, dir: n.members[name].dir, ctx: n.members[name].ctx,
		objects: map[string][][32]byte{}, commits: map[string][][32]byte{}, seeds: map[string]bool{}, salts: map[string]bool{}}
	n.members[name].absent = true
	key := make([]byte, 16)
	rand.Read(key)
	b, err := aes.NewCipher(key)
	must(n.t, err)
	m.box, err = cipher.NewGCMWithRandomNonce(b)
	must(n.t, err)
	return m
}

func (m *mortal) sealing() *objects.Sealing {
	return &objects.Sealing{
		Seal: func(plain []byte) ([]byte, error) {
			var s struct {
				Secrets lockstep.Secrets `json:"secrets"`
			}
			var party struct {
				Seed string `json:"seed"`
			}
			if err := errors.Join(json.Unmarshal(plain, &s), json.Unmarshal(s.Secrets.Party, &party)); err != nil {
				return nil, err
			}
			m.mu.Lock()
			defer m.mu.Unlock()
			m.seeds[party.Seed], m.salts[string(s.Secrets.Salt)] = true, true
			return m.box.Seal(nil, nil, plain, nil), nil
		},
		Open: func(sealed []byte) ([]byte, error) { return m.box.Open(nil, nil, sealed, nil) },
	}
}

func (m *mortal) folder() string { return filepath.Join(m.dir, m.n.manifest.Run) }

// life is one process: it ends with the run, or where dies says.
func (m *mortal) life() (*run.Outcome, error) {
	m.lives++
	member := m.n.members[m.name]
	hooks := run.Hooks{
		Reveal: func(s run.Step) {
			b, err := os.ReadFile(filepath.Join(m.folder(), s.String()+".object"))
			if err != nil {
				m.n.t.Error(err)
			}
			m.note(m.objects, s, b)
		},
		Crash: func(p run.Point, s run.Step) bool {
			if p == run.Sent {
				b, err := os.ReadFile(filepath.Join(m.folder(), s.String()+".commit"))
				if err != nil {
					m.n.t.Error(err)
				}
				m.note(m.commits, s, b)
			}
			return m.dies != nil && m.dies(p, s)
		},
	}
	return party.Run(m.ctx, party.Config{
		Keys: loopback.Keys(m.name), Endpoint: member.endpoint, Authority: authority{m.n.manifest}, Run: m.n.manifest.Run, Dir: m.dir,
		Vector: func(ctx context.Context, mf *run.Manifest) ([]int64, []int64, error) {
			m.asked++
			return member.vector(ctx, mf)
		},
		Table: member.table, Hooks: hooks, Sealing: m.sealing(),
	})
}

func (m *mortal) note(seen map[string][][32]byte, s run.Step, b []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	seen[s.String()] = append(seen[s.String()], sha256.Sum256(b))
}

// until lives until a life is not cut short.
func (m *mortal) until() result {
	for {
		o, err := m.life()
		if errors.Is(err, mhe.ErrShareUsed) {
			m.n.t.Errorf("life %d asks for a share again: %v", m.lives, err)
		}
		switch {
		case errors.Is(err, driver.ErrEnded): // it died behind the end
			o, err = driver.Past(m.dir, m.n.manifest.Run)
			return result{o, err}
		case !errors.Is(err, driver.ErrStopped) || m.n.t.Failed():
			return result{o, err}
		}
	}
}

// run lets the others run beside it.
func (m *mortal) run(live func() result) (result, map[string]result) {
	var own result
	var wg sync.WaitGroup
	wg.Go(func() { own = live() })
	others := m.n.run()
	wg.Wait()
	return own, others
}

// same: whatever was said or shown more than once was the same bytes, and there
// was one key share.
func (m *mortal) same() {
	m.n.t.Helper()
	for what, seen := range map[string]map[string][][32]byte{"object": m.objects, "commit": m.commits} {
		for step, hashes := range seen {
			if len(slices.Compact(slices.Clone(hashes))) != 1 {
				m.n.t.Errorf("step %s: not the same %s each time", step, what)
			}
		}
	}
	if len(m.seeds) != 1 || len(m.salts) != 1 {
		m.n.t.Errorf("%d key shares and %d salts were drawn and kept", len(m.seeds), len(m.salts))
	}
}

// erased reads every file of the member: the key share is in none, in no form,
// and the sealed file and the objects are gone.
func (m *mortal) erased() {
	m.n.t.Helper()
	var needles [][]byte
	for seed := range m.seeds {
		raw, err := hex.DecodeString(seed)
		must(m.n.t, err)
		needles = append(needles, raw, []byte(seed), []byte(base64.StdEncoding.EncodeToString(raw)))
	}
	if len(needles) == 0 {
		m.n.t.Error("no key share was ever kept: the test shows nothing")
	}
	files := 0
	must(m.n.t, filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		for _, s := range needles {
			if bytes.Contains(b, s) {
				m.n.t.Errorf("%s holds the key share", path)
			}
		}
		switch name := d.Name(); {
		case name == "ended", name == "outcome.json", name == "commits.jsonl", filepath.Ext(name) == ".commit", filepath.Base(filepath.Dir(path)) == "evidence":
		default:
			m.n.t.Errorf("left behind: %s", path)
		}
		return err
	}))
	if files == 0 {
		m.n.t.Error("no file was read")
	}
}

// certified: the outcome is the oracle's, which is that of an undisturbed run.
func (m *mortal) certified(own result, others map[string]result) {
	m.n.t.Helper()
	if own.err != nil || own.Outcome == nil || !own.Certified() {
		m.n.t.Fatalf("%s after %d lives: %+v %v", m.name, m.lives, own.Outcome, own.err)
	}
	want := m.n.manifest.Plan.Oracle(m.n.num, m.n.den)
	if slices.Contains(m.n.manifest.Recipients, m.name) && !slices.Equal(own.Values, want) {
		m.n.t.Errorf("%v, the oracle %v", own.Values, want)
	}
	hubs := others[hub]
	table, err := json.Marshal(want)
	must(m.n.t, err)
	if hubs.err != nil || !hubs.Certified() || own.TableHash != sha256.Sum256(table) || hubs.TableHash != own.TableHash || hubs.Transcript != own.Transcript {
		m.n.t.Errorf("the convener: %+v %v", hubs.Outcome, hubs.err)
	}
	m.n.checkCommitments(map[string]result{m.n.payers[0]: others[m.n.payers[0]], m.n.payers[1]: others[m.n.payers[1]], m.n.payers[2]: others[m.n.payers[2]], m.name: own})
	m.same()
	m.erased()
}

var everywhere = flag.Bool("everywhere", false, "kill a payer at every point of every step, not only where it tells")

// tells: the points between which something becomes durable or leaves, in every
// step; all points in the steps of each sort.
func tells(p run.Point, s run.Step) bool {
	switch {
	case p == run.Finished: // TestKilledBehindTheEnd
		return false
	case underRace:
		return s.Index%len(run.Points) == slices.Index(run.Points, p)
	case *everywhere || s.Kind == run.KeysOne || s.Kind == run.Certify || s.Stage == 1:
		return true
	}
	return p == run.Made || p == run.Bound || p == run.Agreed
}

// A payer dies at every point of every step and comes back: the run is
// certified with the table of an undisturbed run, nothing is made twice, and
// what is sent again is the same to the byte.
func TestKilledAtEveryPoint(t *testing.T) {
	n := newNetwork(t, 3, 2)
	m := n.mortal(n.payers[2]) // a recipient
	type place struct {
		run.Point
		run.Step
	}
	var mu sync.Mutex
	killed := map[place]bool{}
	m.dies = func(p run.Point, s run.Step) bool {
		mu.Lock()
		defer mu.Unlock()
		at := place{p, s}
		if killed[at] || !tells(p, s) {
			return false
		}
		killed[at] = true
		return true
	}
	started := time.Now()
	own, others := m.run(m.until)
	t.Logf("%d lives in %v", m.lives, time.Since(started))
	m.certified(own, others)
	if m.asked > 3 {
		t.Errorf("the vector was asked for %d times", m.asked)
	}
	for _, s := range run.Sequence(len(n.manifest.Plan.Stages())) {
		for _, p := range run.Points {
			reveals := s.Kind != run.Prepare && s.Kind != run.Result
			due := tells(p, s) && (reveals || p != run.Agreed && p != run.Revealed)
			if due && !killed[place{p, s}] {
				t.Errorf("it was never killed at %s of %s", p, s)
			}
		}
	}
	past, err := driver.Past(m.dir, n.manifest.Run)
	must(t, err)
	if past.TableHash != own.TableHash || !bytes.Equal(past.Table, own.Table) || past.Statement() != own.Statement() {
		t.Error("the journal keeps another outcome")
	}
}
