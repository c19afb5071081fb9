package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
)

// renewed waits for a service's rotation and starts the member again, as tacet node run does.
func renewed(t *testing.T, s *Service) *Service {
	t.Helper()
	select {
	case <-s.Renewed():
	case <-time.After(time.Minute):
		t.Fatalf("%s: not rotated in a minute: %+v", s.cfg.Name, operator{s}.Status())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return started(t, s.cfg.Dir)
}

// settled checks that a member goes on with the keys of that fingerprint, and that the old ones are of no use any more.
func settled(t *testing.T, convener, m *Service, fingerprint string, old *identity.Keys) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	until(t, m, "connected with the new keys", func(st admin.Status) bool {
		return st.Connected && st.Member && st.Fingerprint == fingerprint && st.Rotating == ""
	})
	last := write(t, convener, 1)
	if _, err := convener.replica.WaitCosigned(ctx, last, []string{"convener", m.cfg.Name}); err != nil {
		t.Fatal(err)
	}
	var now rules.Member
	convener.replica.View(func(st *rules.State) { now, _ = st.Member(m.cfg.Name) })
	if now.Fingerprint() != fingerprint {
		t.Fatalf("the log has the keys %s", now.Fingerprint())
	}
	if m.accepted(ctx, old) {
		t.Fatal("the convener takes the old keys")
	}
	end := time.Now().Add(time.Minute)
	for {
		_, err := os.Stat(filepath.Join(m.cfg.Dir, oldFolder))
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the old keys are still on disk")
		}
		time.Sleep(20 * time.Millisecond)
	}
	if _, err := os.Stat(filepath.Join(m.cfg.Dir, nextFolder)); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("keys.next is still there")
	}
}

// TestRotate: a payer and an auditor replace their keys while the network runs, and a payer goes on from every place at which it can be interrupted.
func TestRotate(t *testing.T) {
	t.Parallel()
	s := convening(t)
	_, err := operator{s}.Rotate()
	refuses(t, err, "the convener's key is the log's own")
	p := payerOf(t, s, "payer-1")
	until(t, p, "in the log", func(st admin.Status) bool { return st.Member && st.Connected })
	a := member(t, s, "auditor-1", Auditor, nil)
	until(t, a, "in the log", func(st admin.Status) bool { return st.Member && st.Connected })

	old := a.keys
	r, err := operator{a}.Rotate()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := (operator{a}).Rotate(); err != nil || again != r {
		t.Fatalf("asked again: %v %v", again, err)
	}
	a = renewed(t, a)
	settled(t, s, a, r.Fingerprint, old)

	// A payer, stopped as soon as the new keys are on disk; and its sealing key goes along.
	sealing, err := os.ReadFile(p.dir.Path(keysFolder, sealingFile))
	if err != nil {
		t.Fatal(err)
	}
	old = p.keys
	if r, err = (operator{p}).Rotate(); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = renewed(t, started(t, p.cfg.Dir))
	settled(t, s, p, r.Fingerprint, old)
	if b, err := os.ReadFile(p.dir.Path(keysFolder, sealingFile)); err != nil || string(b) != string(sealing) {
		t.Fatalf("another sealing key: %v", err)
	}

	// Stopped when the entry is in the log and nothing else has happened.
	old = p.keys
	next := p.prepared(t)
	body, err := p.rotateBody(next)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	_, err = p.replica.Propose(ctx, rules.KindMemberRotate, body) // its answer may be lost with the connection
	cancel()
	t.Log("answer:", err)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = started(t, p.cfg.Dir)
	if p.keys.Public().Fingerprint() != next.Public().Fingerprint() { // it did not know; it finds out
		p = renewed(t, p)
	}
	settled(t, s, p, next.Public().Fingerprint(), old)

	// Stopped between the two renames.
	old, next = p.keys, p.prepared(t)
	if body, err = p.rotateBody(next); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 3*time.Second)
	_, err = p.replica.Propose(ctx, rules.KindMemberRotate, body)
	cancel()
	t.Log("answer:", err)
	if err := errors.Join(p.Close(), os.Rename(filepath.Join(p.cfg.Dir, keysFolder), filepath.Join(p.cfg.Dir, oldFolder))); err != nil {
		t.Fatal(err)
	}
	p = started(t, p.cfg.Dir)
	settled(t, s, p, next.Public().Fingerprint(), old)
}

// prepared are new keys on disk, as a rotation begins.
func (s *Service) prepared(t *testing.T) *identity.Keys {
	t.Helper()
	k, err := identity.Generate(s.cfg.Name)
	if err == nil {
		err = k.Save(s.dir.Path(nextFolder))
	}
	if err == nil {
		err = s.dir.Write(filepath.Join(nextFolder, rotatedFile), []byte("after\n"))
	}
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestReplacedKeysAreRefused: a backup of keys that were replaced does not start.
func TestReplacedKeysAreRefused(t *testing.T) {
	t.Parallel()
	s := convening(t)
	p := payerOf(t, s, "payer-1")
	until(t, p, "in the log", func(st admin.Status) bool { return st.Member && st.Connected })
	backup := filepath.Join(t.TempDir(), "backup")
	if err := os.CopyFS(backup, os.DirFS(p.dir.Path(keysFolder))); err != nil {
		t.Fatal(err)
	}
	r, err := operator{p}.Rotate()
	if err != nil {
		t.Fatal(err)
	}
	old := p.keys
	p = renewed(t, p)
	settled(t, s, p, r.Fingerprint, old)
	if err := errors.Join(p.Close(), os.RemoveAll(p.dir.Path(keysFolder)), os.Rename(backup, p.dir.Path(keysFolder)), os.Chmod(p.dir.Path(keysFolder), 0o700)); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"keys.json", "public.json", sealingFile} {
		if err := os.Chmod(p.dir.Path(keysFolder, f), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err = Start(t.Context(), p.cfg.Dir, Options{})
	refuses(t, err, "keys were replaced")
}
