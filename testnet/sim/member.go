package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/protocol/run"
)

// member is one member over all its lives.
type member struct {
	w     *world
	index int
	name  string
	dir   string

	mu      sync.Mutex // guards the rest
	service *node.Service
	death   chan time.Duration // of this life: how long it stays down
	fired   map[int]bool       // crashes of the scenario
	story   []string           // for the trace: what is its own doing, in order
	shown   map[string][32]byte
	said    map[string][32]byte
	acted   bool
	passed  []byte // the checkpoint that let it act
	over    uint64 // the entry that it covers
	result  *admin.Run
}

func (m *member) tell(format string, a ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.story = append(m.story, fmt.Sprintf(format, a...))
}

// live runs the member's process again and again until ctx ends or it dies for good.
func (m *member) live(ctx context.Context) {
	for life := 1; ; life++ {
		death := make(chan time.Duration, 1)
		m.mu.Lock()
		m.death = death
		m.mu.Unlock()
		s, err := node.Start(ctx, m.dir, node.Options{
			Hooks:     run.Hooks{Crash: m.crash, Reveal: m.reveal, Stage: m.stage},
			Simulated: &node.Simulated{Socket: m.w.net.socket(m.index), Rows: m.rows, Gate: m.gate},
		})
		if err != nil {
			m.w.violate("%s does not start in life %d: %v", m.name, life, err)
			return
		}
		m.mu.Lock()
		m.service = s
		m.mu.Unlock()
		down, died := m.attend(ctx, s, death)
		m.mu.Lock()
		m.service = nil
		m.mu.Unlock()
		s.Close()
		if !died || down == 0 {
			return
		}
		time.Sleep(down)
		m.w.net.revive(m.name)
	}
}

// attend waits for the result of the run, the member's death or the end.
func (m *member) attend(ctx context.Context, s *node.Service, death chan time.Duration) (time.Duration, bool) {
	waiting, cancel := context.WithCancel(ctx)
	got := make(chan struct{})
	go func() {
		defer close(got)
		for {
			r, err := s.Operator().Run(waiting, runName, true)
			if err != nil {
				return
			}
			m.mu.Lock()
			m.result = &r
			m.mu.Unlock()
			m.w.ended(m.name)
			if r.State != "certified" || r.Certificate != nil {
				return
			}
			select { // its release is held
			case <-time.After(time.Second):
			case <-waiting.Done():
				return
			}
		}
	}()
	defer func() { cancel(); <-got }()
	select {
	case down := <-death:
		return down, true
	case <-ctx.Done():
		return 0, false
	}
}

// crash implements run.Hooks: it is called at every point of every step.
func (m *member) crash(p run.Point, s run.Step) bool {
	if p == run.Entered {
		m.enter(s)
	}
	if p == run.Sent {
		m.once(m.said, s, ".commit", "statement")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, c := range m.w.s.Crashes {
		if m.fired[i] || c.Member != m.name || c.Point != p || c.Step != s.String() {
			continue
		}
		m.fired[i] = true
		m.story = append(m.story, fmt.Sprintf("dies in %s, %s", s, p))
		m.w.net.kill(m.name)
		m.service.Interrupt()
		m.death <- c.Down
		return true
	}
	return false
}

// enter checks the first act of a member, and lets its disk fail.
func (m *member) enter(s run.Step) {
	m.w.net.enter(m.name, s.String())
	m.mu.Lock()
	first := !m.acted
	m.acted = true
	m.mu.Unlock()
	if first {
		m.tell("begins")
		if err := m.authorised(); err != nil {
			m.w.violate("%s acts in the run without its authorisation: %v", m.name, err)
		}
	}
	if d := m.w.s.Disk; d != nil && d.Member == m.name && d.Step == s.String() {
		// A folder where a file must go: the rename fails as on a disk that takes nothing more.
		if os.Mkdir(m.file(s, ".commit"), 0o700) == nil {
			m.tell("disk refuses in %s", s)
		}
	}
}

// gate implements node.Simulated.
func (m *member) gate(index uint64, checkpoint []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over, m.passed = index, checkpoint
}

// authorised reads the checkpoint that the member acted on: a C2SP signed note whose second line is the size of the tree, with a signature
// line of everybody who takes part.
func (m *member) authorised() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	text, signatures, ok := strings.Cut(string(m.passed), "\n\n")
	lines := strings.Split(text, "\n")
	if !ok || len(lines) < 3 {
		return errors.New("there was no checkpoint")
	}
	if size, err := strconv.ParseUint(lines[1], 10, 64); err != nil || size <= m.over {
		return fmt.Errorf("the checkpoint of size %s does not cover entry %d", lines[1], m.over)
	}
	for _, name := range m.w.s.Names()[1:] {
		if !strings.Contains(signatures, name+" ") {
			return fmt.Errorf("%s has not cosigned it", name)
		}
	}
	if n := strings.Count(signatures, "\u2014 "); n <= m.w.s.Payers {
		return fmt.Errorf("it has %d signatures", n)
	}
	return nil
}

func (m *member) file(s run.Step, suffix string) string {
	return filepath.Join(m.dir, "runs", runName, s.String()+suffix)
}

// reveal implements run.Hooks.
func (m *member) reveal(s run.Step) {
	m.once(m.shown, s, ".object", "object")
	if l := m.w.s.Liar; l != nil && l.Member == m.name && l.How == "object" && l.Step == s.String() {
		m.tell("reveals other bytes in %s", s)
		if b, err := os.ReadFile(m.file(s, ".object")); err == nil {
			b[len(b)/2] ^= 1
			os.WriteFile(m.file(s, ".object"), b, 0o600)
		}
	}
}

// once holds that a member shows one thing in a step, however often it shows it.
func (m *member) once(seen map[string][32]byte, s run.Step, suffix, what string) {
	b, err := os.ReadFile(m.file(s, suffix))
	if err != nil {
		m.w.violate("%s sends a %s in step %s that is not in its journal: %v", m.name, what, s, err)
		return
	}
	h := sha256.Sum256(b)
	m.mu.Lock()
	defer m.mu.Unlock()
	if before, ok := seen[s.String()]; ok && before != h && m.w.s.Honest(m.name) {
		m.w.violate("%s sends a second %s in step %s", m.name, what, s)
	}
	seen[s.String()] = h
}

// stage implements run.Hooks: a liar computes something else.
func (m *member) stage(s run.Step, st *predicate.Stage) error {
	l := m.w.s.Liar
	if l == nil || l.Member != m.name || l.How != "state" || l.Step != s.String() {
		return nil
	}
	m.tell("computes something else in %s", s)
	if s.Kind == run.Refresh && len(st.Refresh) > 1 {
		st.Refresh[0], st.Refresh[1] = st.Refresh[1], st.Refresh[0]
		return nil
	}
	return errors.New("it does not want to")
}

func (m *member) rows(*measures.Spec) []measures.Row { return population(m.index - 1) }

// check holds at the end of a scenario, for a member whose process has ended.
func (m *member) check() {
	err := filepath.WalkDir(filepath.Join(m.dir, "runs"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && (e.Name() == "secrets.sealed" || strings.HasSuffix(e.Name(), ".object") || strings.HasSuffix(e.Name(), ".board")) {
			m.w.violate("%s keeps %s after the end of the run", m.name, e.Name())
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		m.w.violate("%s: %v", m.name, err)
	}
}

// line is the member's line of the trace.
func (m *member) line() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	end := "no verdict"
	if m.w.s.Lost(m.name) {
		end = "lost" // what it still heard is a matter of milliseconds
	} else if m.result != nil {
		end = m.result.State
		if m.result.Table != nil {
			h := sha256.Sum256(m.result.Table)
			end += ", table " + hex.EncodeToString(h[:6])
		}
	}
	return fmt.Sprintf("  %s: %s", m.name, strings.Join(append(slices.Clone(m.story), end), "; "))
}
