package node

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/vault"
)

// fixed makes a convener listen on the same port after a restart.
func fixed(t *testing.T, s *Service) {
	t.Helper()
	c, err := readConfig(s.cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	c.Address = s.hub.Addr()
	if err := WriteConfig(c); err != nil {
		t.Fatal(err)
	}
}

// together waits until a member has everything that the convener has, signs again, and nothing less than before.
func together(t *testing.T, convener, m *Service, before admin.Root) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	until(t, m, "has it again", func(st admin.Status) bool {
		return st.Connected && st.Recovering == "" && st.Cosigned != nil && st.Cosigned.Size >= before.Size
	})
	last := write(t, convener, 1)
	if _, err := m.replica.WaitCosigned(ctx, last, []string{"convener", "payer-1"}); err != nil {
		t.Fatal(err)
	}
	size := before.Size
	a, err := convener.replica.Root(size)
	b, err2 := m.replica.Root(size)
	if err != nil || err2 != nil || a != b || len(operator{m}.Status().Alarms) > 0 {
		t.Fatalf("roots of size %d: %v %v", size, err, err2)
	}
}

// TestLedgerComesAgain: a node's ledger is wiped, then its disk lost, while the network goes on; the convener loses its own and begins again from a payer's snapshot.
func TestLedgerComesAgain(t *testing.T) {
	t.Parallel()
	s := convening(t)
	fixed(t, s)
	p := payerOf(t, s, "payer-1")
	until(t, p, "in the log", func(st admin.Status) bool { return st.Member && st.Connected })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if _, err := p.replica.WaitCosigned(ctx, write(t, s, 2), []string{"convener", "payer-1"}); err != nil {
		t.Fatal(err)
	}
	dir, before := p.cfg.Dir, *operator{p}.Status().Cosigned
	if err := WipeLedger(dir); !errors.Is(err, vault.ErrInUse) {
		t.Fatalf("under a running service: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := WipeLedger(dir); err != nil {
		t.Fatal(err)
	}
	p = started(t, dir)
	together(t, s, p, before)

	before = *operator{p}.Status().Cosigned
	if err := errors.Join(p.Close(), os.RemoveAll(filepath.Join(dir, ledgerFolder))); err != nil {
		t.Fatal(err)
	}
	p = started(t, dir)
	if st := (operator{p}).Status(); st.Recovering == "" && st.Cosigned == nil {
		t.Fatal("it does not know that its ledger was lost")
	}
	together(t, s, p, before)

	r, err := operator{p}.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.replica.WaitCosigned(ctx, write(t, s, 3), []string{"convener", "payer-1"}); err != nil {
		t.Fatal(err)
	}
	before = *operator{s}.Status().Cosigned
	refuses(t, WipeLedger(dir), "in use")
	if err := errors.Join(s.Close(), os.RemoveAll(filepath.Join(s.cfg.Dir, ledgerFolder))); err != nil {
		t.Fatal(err)
	}
	refuses(t, WipeLedger(s.cfg.Dir), "not wiped but replaced")
	_, err = Start(ctx, s.cfg.Dir, Options{})
	refuses(t, err, "the ledger of this convener is gone")
	if err := os.RemoveAll(filepath.Join(s.cfg.Dir, ledgerFolder)); err != nil {
		t.Fatal(err)
	}
	if _, err := RestoreLedger(s.cfg.Dir, bytes.NewReader(snapshot[:len(snapshot)/2]), false); err == nil {
		t.Fatal("half a snapshot is restored")
	}
	for _, replace := range []bool{false, true} {
		got, err := RestoreLedger(s.cfg.Dir, bytes.NewReader(snapshot), replace)
		if err != nil || got.Size >= before.Size {
			t.Fatalf("%+v %v", got, err)
		}
	}
	_, err = RestoreLedger(s.cfg.Dir, bytes.NewReader(snapshot), false)
	refuses(t, err, "wipe it first")
	s = started(t, s.cfg.Dir)
	until(t, s, "has it again", func(st admin.Status) bool {
		return st.Connected && st.Recovering == "" && st.Cosigned != nil && st.Cosigned.Size >= before.Size
	})
	together(t, s, p, before)
}
