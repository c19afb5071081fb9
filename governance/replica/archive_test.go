package replica

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/rules"
)

// TestSnapshotAndRestore: the convener loses its disk and begins again from a payer's snapshot that is older than what it has signed; a payer wipes its ledger and begins again
// from the same. Both reach what they have signed before they sign again, and nothing is lost.
func TestSnapshotAndRestore(t *testing.T) {
	c := newCluster(t, 2)
	c.start(c.names...)
	last := c.propose("convener", rules.KindRosterSet, roster(0))
	c.cosigned(last)
	c.allVote(t)
	var snapshot bytes.Buffer
	if err := c.r["payer-a"].WriteSnapshot(c.ctx(), &snapshot); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		last = c.propose("payer-b", rules.KindMeasurePropose, proposal(t, "sp-"+string(rune('a'+i))))
	}
	c.cosigned(last)
	before, _ := c.r["convener"].Cosigned()
	genesis := c.r["convener"].genesis

	for _, n := range []string{"convener", "payer-a"} {
		c.stop(n)
		if n == "convener" {
			c.dirs[n] = filepath.Join(t.TempDir(), "new")
		} else {
			if _, err := RestoreSnapshot(c.dirs[n], genesis, bytes.NewReader(snapshot.Bytes())); err == nil || !strings.Contains(err.Error(), "wipe it first") {
				t.Fatalf("over a ledger: %v", err)
			}
			if err := Wipe(c.dirs[n]); err != nil {
				t.Fatal(err)
			}
		}
		got, err := RestoreSnapshot(c.dirs[n], genesis, bytes.NewReader(snapshot.Bytes()))
		if err != nil || got.Size >= before.Size {
			t.Fatalf("%+v %v", got, err)
		}
		if n == "payer-a" && got.Floor < before.Size {
			t.Fatalf("what it has signed is forgotten: %+v, want %d", got, before.Size)
		}
		c.start(n)
		if on, _ := c.r[n].Recovering(); !on {
			t.Fatalf("%s signs at once", n)
		}
		c.settle(last + 1)
		eventually(t, "it signs again", func() bool { on, _ := c.r[n].Recovering(); return !on })
		if head, ok := c.r[n].Cosigned(); !ok || head.Size < before.Size {
			t.Fatalf("%s is bound to %d, before to %d", n, head.Size, before.Size)
		}
		if _, err := os.Stat(filepath.Join(c.dirs[n], floorName)); err == nil {
			t.Fatal("the floor is still there")
		}
		last = c.propose(n, rules.KindMeasurePropose, proposal(t, "sp-"+n[:2]))
		c.settle(last + 1)
		c.cosigned(last)
	}
}

// TestSnapshotOfAnother: a snapshot that was changed, cut, or is of another ledger is refused and leaves nothing behind.
func TestSnapshotOfAnother(t *testing.T) {
	c := newCluster(t, 1)
	c.start(c.names...)
	for i := range 3 {
		c.propose("convener", rules.KindRosterSet, roster(i))
	}
	var snapshot bytes.Buffer
	if err := c.r["convener"].WriteSnapshot(c.ctx(), &snapshot); err != nil {
		t.Fatal(err)
	}
	good, genesis := snapshot.Bytes(), c.r["convener"].genesis
	refused := func(what string, genesis, b []byte) {
		t.Helper()
		dir := t.TempDir()
		if _, err := RestoreSnapshot(dir, genesis, bytes.NewReader(b)); err == nil {
			t.Errorf("%s: restored", what)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: leaves %v %v", what, left, err)
		}
	}
	for at := 10; at < len(good); at += 97 {
		b := bytes.Clone(good)
		b[at] ^= 1
		refused("a changed byte", genesis, b)
	}
	refused("cut", genesis, good[:len(good)-1])
	refused("with more behind it", genesis, append(bytes.Clone(good), 0))
	refused("nothing", genesis, nil)
	o := newGenesis(t)
	refused("of another ledger", o, good)
	dir := t.TempDir()
	if _, err := RestoreSnapshot(dir, genesis, bytes.NewReader(good)); err != nil {
		t.Fatal(err)
	}
	if err := Wipe(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "log")); !errors.Is(err, os.ErrNotExist) {
		t.Fatal("the ledger is still there")
	}
}

func newGenesis(t *testing.T) []byte {
	c := &cluster{t: t}
	c.genesis = rules.Genesis{Format: 1, Ledger: "other.example/log", Convener: newKeys(t, "convener").Public(), Insecure: true}
	b, err := c.genesis.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// FuzzRestore: a hostile file is refused, not crashed on.
func FuzzRestore(f *testing.F) {
	k := newKeys(f, "convener")
	g := rules.Genesis{Format: 1, Ledger: "test.example/log", Convener: k.Public(), Insecure: true}
	genesis, err := g.Canonical()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"format":"tacet-snapshot/v1"}` + "\n"))
	f.Add([]byte(exportMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := RestoreSnapshot(t.TempDir(), genesis, bytes.NewReader(b)); err == nil {
			t.Fatal("restored")
		}
	})
}

func newKeys(t testing.TB, name string) *identity.Keys {
	t.Helper()
	k, err := identity.Generate(name)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
