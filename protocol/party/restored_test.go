package party_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/wire"
)

// once dies at one place, the first time.
func once(p run.Point, k run.Kind) func(run.Point, run.Step) bool {
	died := false
	return func(at run.Point, s run.Step) bool {
		if died || at != p || s.Kind != k {
			return false
		}
		died = true
		return true
	}
}

// An older copy of the journal is put back, whole or in part: the member says so
// to everyone, gives no share, and tells its operator what to do.
func TestOlderJournalIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		put  func(t *testing.T, folder, copied string) // after the last life
		step string                                    // newest that it signed
		void string
	}{
		"the whole folder": {func(t *testing.T, folder, copied string) {
			must(t, os.RemoveAll(folder))
			must(t, os.CopyFS(folder, os.DirFS(copied)))
		}, "keys-2", "step keys-2 that its journal does not hold"},
		"from before the run": {func(t *testing.T, folder, _ string) { must(t, os.RemoveAll(folder)) }, "prepare", "step prepare that its journal does not hold"},
		"the sealed file": {func(t *testing.T, folder, copied string) {
			b, err := os.ReadFile(filepath.Join(copied, "secrets.sealed"))
			must(t, err)
			must(t, os.WriteFile(filepath.Join(folder, "secrets.sealed"), b, 0o600))
		}, "input", "lacks what it has signed"},
		"one object": {func(t *testing.T, folder, _ string) {
			must(t, os.WriteFile(filepath.Join(folder, "keys-1.object"), []byte("another"), 0o600))
		}, "keys-1", "lacks what it has signed"},
		"one statement": {func(t *testing.T, folder, _ string) { must(t, os.Remove(filepath.Join(folder, "keys-1.commit"))) }, "keys-2", "lacks what it has signed"},
	} {
		t.Run(name, func(t *testing.T) {
			if underRace && name != "the whole folder" {
				t.Skip("the goroutines are the same")
			}
			n := newNetwork(t, 3, 1)
			n.linger = 100 * time.Millisecond
			m := n.mortal(n.payers[1])
			copied := t.TempDir()
			own, others := m.run(func() result {
				m.dies = once(run.Bound, run.KeysOne)
				_, err := m.life()
				if !errors.Is(err, driver.ErrStopped) {
					return result{nil, err}
				}
				must(t, os.CopyFS(copied, os.DirFS(m.folder())))
				m.dies = once(run.Agreed, run.Input)
				if _, err = m.life(); !errors.Is(err, driver.ErrStopped) {
					return result{nil, err}
				}
				c.put(t, m.folder(), copied)
				clear(m.objects)
				m.dies = nil
				o, err := m.life()
				return result{o, err}
			})
			text := "this directory is older than what you have already signed in run run-1, step " + c.step + ": do not use it; the run is void; start a new run"
			if own.Outcome == nil || !errors.Is(own.err, driver.ErrRestored) || !strings.HasSuffix(own.err.Error(), text) {
				t.Fatalf("%+v\n%v\n%s", own.Outcome, own.err, text)
			}
			for step := range m.objects {
				if name != "the whole folder" || step != "keys-1" { // its own bytes again
					t.Errorf("an object of step %s was shown after all", step)
				}
			}
			others[m.name] = own
			for who, r := range others {
				if r.Outcome == nil || r.Code != wire.Restored || r.By != m.name || !strings.Contains(r.Void, c.void) {
					t.Errorf("%s: %+v %v", who, r.Outcome, r.err)
				}
			}
			if slices.Contains(n.revealed["input"], m.name) {
				t.Error("an input left")
			}
			m.erased()
		})
	}
}

// Without the sealing key the journal is of no use: void, and nobody draws a new
// key share for the same run.
func TestSealedJournalOfAnotherKey(t *testing.T) {
	n := newNetwork(t, 3, 1)
	n.linger = 100 * time.Millisecond
	m := n.mortal(n.payers[1])
	own, others := m.run(func() result {
		m.dies = once(run.Revealed, run.KeysOne)
		m.life()
		clear(m.objects)
		m.box = n.mortal(n.payers[1]).box
		o, err := m.life()
		return result{o, err}
	})
	others[m.name] = own
	for who, r := range others {
		if r.Outcome == nil || r.Code != wire.Restarted || r.By != m.name || (who == m.name) != (r.err != nil) {
			t.Errorf("%s: %+v %v", who, r.Outcome, r.err)
		}
	}
	if len(m.objects) != 0 || len(m.seeds) != 1 {
		t.Errorf("%d objects shown, %d key shares kept", len(m.objects), len(m.seeds))
	}
	m.erased()
}

// A payer that is stopped and started by its operator says nothing to anybody in
// between; one that is no recipient certifies too.
func TestStoppedAndStarted(t *testing.T) {
	if underRace {
		t.Skip("the goroutines are those of TestKilledAtEveryPoint")
	}
	n := newNetwork(t, 3, 1)
	m := n.mortal(n.payers[1])
	own, others := m.run(func() result {
		ctx, cancel := context.WithCancel(context.Background())
		m.ctx = ctx
		m.dies = func(p run.Point, s run.Step) bool {
			if p == run.Sent && s.Kind == run.Input {
				cancel()
			}
			return false
		}
		if o, err := m.life(); o != nil || !errors.Is(err, driver.ErrStopped) {
			return result{o, err}
		}
		m.ctx, m.dies = context.Background(), nil
		return m.until()
	})
	m.certified(own, others)
	if m.lives != 2 {
		t.Errorf("%d lives", m.lives)
	}
}

// A run that ends void leaves no key share either, and a life after it ends at
// once.
func TestVoidIsErased(t *testing.T) {
	n := newNetwork(t, 3, 1)
	m := n.mortal(n.payers[1])
	n.onEntering(n.payers[0], run.Sequence(1)[3], n.members[n.payers[0]].cancel)
	own, _ := m.run(m.until)
	if own.Outcome == nil || own.Code != wire.Aborted || own.By != n.payers[0] {
		t.Fatalf("%+v %v", own.Outcome, own.err)
	}
	m.erased()
}

// A run that the log ended while the member was away is closed without it.
func TestClosedFromOutside(t *testing.T) {
	n := newNetwork(t, 3, 1)
	n.linger = 100 * time.Millisecond
	m := n.mortal(n.payers[1])
	m.run(func() result {
		m.dies = once(run.Recorded, run.Input)
		m.life()
		n.members[hub].cancel()
		return result{}
	})
	if _, err := os.Stat(filepath.Join(m.folder(), "secrets.sealed")); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct{ run, how string }{{n.manifest.Run, "void in the log"}, {n.manifest.Run, "again"}, {"never-begun", "void in the log"}} {
		left, err := driver.Close(m.dir, c.run, c.how, m.sealing())
		must(t, err)
		if m.salts[string(left.Salt)] != (i == 0) || left.Table != nil {
			t.Errorf("closed the run with a salt of %d bytes, a table of %d, call %d", len(left.Salt), len(left.Table), i)
		}
	}
	m.erased()
	if _, err := m.life(); !errors.Is(err, driver.ErrEnded) || !strings.Contains(err.Error(), "void in the log") {
		t.Fatal(err)
	}
}

// A payer dies between the end of the run and the erasure of its secrets: the
// next life finds the outcome and erases them.
func TestKilledBehindTheEnd(t *testing.T) {
	if underRace {
		t.Skip("the goroutines are those of TestKilledAtEveryPoint")
	}
	n := newNetwork(t, 3, 1)
	n.linger = 100 * time.Millisecond // nobody says farewell
	m := n.mortal(n.payers[2])
	m.dies = func(p run.Point, _ run.Step) bool { return p == run.Finished }
	own, others := m.run(func() result {
		o, err := m.life()
		if _, serr := os.Stat(filepath.Join(m.folder(), "secrets.sealed")); serr != nil || !errors.Is(err, driver.ErrStopped) {
			t.Errorf("it did not die where it should: %v, %v", err, serr)
			return result{o, err}
		}
		return m.until()
	})
	m.certified(own, others)
}
