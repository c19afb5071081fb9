package replica

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// TestFullDisk: a payer's disk, a small one of its own, is filled while it replicates. Its process ends with the ballast given back; the next one can
// be read, says that the disk is full, votes and signs nothing; and when there is room it ends so that the third takes part, with all that the
// others have. The others need none of it.
func TestFullDisk(t *testing.T) {
	small := t.TempDir()
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("needs a disk that can be full, and may not mount one: %v", err)
	}
	t.Cleanup(func() { // after the replicas have ended
		if err := syscall.Unmount(small, 0); err != nil {
			t.Error(err)
		}
	})
	const who = "payer-a"
	c := newCluster(t, 3)
	c.dirs[who] = filepath.Join(small, who)
	dead := c.dying(who)
	c.start(c.names...)
	last := c.propose(who, rules.KindMeasurePropose, proposal(t, "sp-before"))
	c.settle(last + 1)
	filler := filepath.Join(small, "filler")
	fill(t, filler)
	await := func(what string) {
		t.Helper()
		for i := range 200 {
			select {
			case err := <-dead:
				if !strings.Contains(err.Error(), what) {
					t.Fatalf("the process ended because of %v", err)
				}
				return
			default:
				c.propose("convener", rules.KindRosterSet, roster(i))
			}
		}
		t.Fatal("the process goes on")
	}
	await("no space left on device")
	c.r[who].Close() // with an error: it could not save all; a killed process would not even have tried
	delete(c.r, who)
	if _, err := os.Stat(filepath.Join(c.dirs[who], ballastName)); err == nil {
		t.Fatal("the ballast is still there")
	}

	// The second process: it can be read and says why it does nothing.
	fill(t, filler) // others take what the ballast gave back, but for a little
	dead = c.dying(who)
	change := c.change
	c.change = func(cfg *Config) { change(cfg); cfg.RoomEvery = 20 * time.Millisecond }
	c.start(who)
	r := c.r[who]
	if err := r.Err(); !errors.Is(err, ErrStopped) || !errors.Is(err, ErrFull) || !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("a full disk: %v", err)
	}
	size := r.Applied()
	if size <= last {
		t.Fatalf("%d entries, %d were acknowledged", size, last+1)
	}
	root, err := c.r["convener"].Root(size)
	if mine, merr := r.Root(size); err != nil || merr != nil || mine != root {
		t.Fatalf("its log differs: %v, %v", err, merr)
	}
	if _, err := r.Entry(last); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Propose(c.ctx(), rules.KindMeasurePropose, proposal(t, "sp-full")); !errors.Is(err, ErrFull) {
		t.Fatalf("it proposes: %v", err)
	}
	c.net.node(who).connect()
	c.propose("convener", rules.KindRosterSet, roster(1000))
	if r.Applied() != size {
		t.Fatal("it takes entries in")
	}
	select {
	case err := <-dead:
		t.Fatalf("it ended: %v", err)
	default:
	}

	// Room again.
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-dead:
		if !strings.Contains(err.Error(), "has room again") {
			t.Fatal(err)
		}
	case <-time.After(patience):
		t.Fatal("it does not see the room")
	}
	c.r[who].Close()
	c.net.node(who).connect()
	c.change = nil
	c.start(who)
	last = c.propose(who, rules.KindMeasurePropose, proposal(t, "sp-after"))
	c.settle(last + 1)
	note, err := c.r["payer-b"].WaitCosigned(c.ctx(), last, c.names)
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.r[who].verifiers()
	if err != nil {
		t.Fatal(err)
	}
	if s, err := ledger.OpenSigned(note, v); err != nil || !s.Members[who] {
		t.Fatal(err)
	}
}

// fill writes until the disk is full, but for some pages.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if i, err := f.Stat(); err != nil || f.Truncate(i.Size()-40<<10) != nil {
		t.Fatal(err)
	}
}
