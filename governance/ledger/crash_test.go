package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

var genesis = []byte(`{"ledger":"test.example/log"}`)

func entryN(i int) []byte {
	if i%100 == 7 { // some are too long for a bundle
		return bytes.Repeat([]byte(fmt.Sprintf("{%06d", i)), 10_000)
	}
	return fmt.Appendf(nil, `{"entry":%d}`, i)
}

func records(from, to int) []Record {
	var out []Record
	for i := from; i < to; i++ {
		out = append(out, Record{Position: uint64(2 * i), Data: entryN(i)})
	}
	return out
}

// checkLedger compares everything the ledger says with what was appended: entry i is entryN(i), in order, from the genesis.
func checkLedger(t *testing.T, l *Ledger) {
	t.Helper()
	var h hashes
	for i := range l.Size() {
		want := genesis
		if i > 0 {
			want = entryN(int(i))
		}
		got, err := l.Entry(i)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("entry %d: %v, %d bytes", i, err, len(got))
		}
		if p, err := l.Position(i); err != nil || p != 2*i {
			t.Fatalf("position of %d: %d, %v", i, p, err)
		}
		if at, ok := l.Find(2 * i); i > 0 && (!ok || at != i) {
			t.Fatalf("find %d: %d, %v", 2*i, at, ok)
		}
		if _, ok := l.Find(2*i + 1); ok {
			t.Fatalf("found position %d", 2*i+1)
		}
		if err := h.add(i, LeafHash(want)); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(h) != fmt.Sprint(l.hashes) {
		t.Fatal("hashes differ")
	}
}

var errDisk = errors.New("disk error")

// failingDisk fails its n-th operation and all after it; a write that fails has put half of its bytes down.
type failingDisk struct {
	osDisk
	left int
}

func (d *failingDisk) op() error {
	if d.left--; d.left < 0 {
		return errDisk
	}
	return nil
}
func (d *failingDisk) Create(n string) (file, error) {
	if err := d.op(); err != nil {
		return nil, err
	}
	f, err := d.osDisk.Create(n)
	return failingFile{f, d}, err
}
func (d *failingDisk) Open(n string) (file, error) {
	if err := d.op(); err != nil {
		return nil, err
	}
	f, err := d.osDisk.Open(n)
	return failingFile{f, d}, err
}
func (d *failingDisk) Rename(a, b string) error {
	if err := d.op(); err != nil {
		return err
	}
	return d.osDisk.Rename(a, b)
}
func (d *failingDisk) SyncDir(n string) error {
	if err := d.op(); err != nil {
		return err
	}
	return d.osDisk.SyncDir(n)
}

type failingFile struct {
	file
	d *failingDisk
}

func (f failingFile) WriteAt(b []byte, at int64) (int, error) {
	if err := f.d.op(); err != nil {
		n, _ := f.file.WriteAt(b[:len(b)/2], at)
		return n, err
	}
	return f.file.WriteAt(b, at)
}
func (f failingFile) Sync() error { return f.d.op() } // the test's process does not die, so the page cache is the disk
func (f failingFile) Truncate(n int64) error {
	if err := f.d.op(); err != nil {
		return err
	}
	return f.file.Truncate(n)
}

// TestEveryDiskErrorIsSurvived fails the n-th disk operation of the same work for every n: what was acknowledged is there after
// the next start, what was cosigned is not taken back, and the work can be finished.
func TestEveryDiskErrorIsSurvived(t *testing.T) {
	const total = 600
	for n := 0; ; n++ {
		dir := t.TempDir()
		d := &failingDisk{left: n}
		acked, committed := 0, uint64(0)
		l, err := open(d, dir, genesis)
		if err == nil {
			acked = 1
			for at := 1; at < total && err == nil; {
				to := min(at+97, total)
				if err = l.Append(records(at, to)); err == nil {
					acked, at = to, to
					var c Checkpoint
					if c, err = l.Checkpoint("test.example/log"); err == nil {
						if err = l.Commit(c); err == nil {
							committed = c.Size
						}
					}
				}
			}
			if err != nil && !errors.Is(l.Append(records(acked, acked+1)), ErrBroken) {
				t.Fatalf("operation %d: a broken ledger takes entries", n)
			}
			l.Close()
		}
		if err != nil && !errors.Is(err, errDisk) {
			t.Fatalf("operation %d: %v", n, err)
		}
		l, err2 := Open(dir, genesis)
		if err2 != nil {
			t.Fatalf("operation %d: open after the error: %v", n, err2)
		}
		if int(l.Size()) < acked || l.Size() < committed {
			t.Fatalf("operation %d: %d of %d acknowledged entries left", n, l.Size(), acked)
		}
		if err := l.Append(records(int(l.Size()), total)); err != nil {
			t.Fatal(err)
		}
		checkLedger(t, l)
		l.Close()
		if err == nil {
			t.Logf("%d disk operations", n)
			return
		}
		if n > 40 { // the pattern repeats; go on in larger steps
			n += 4
		}
	}
}

// TestTornAppend cuts the journal at every byte of the last batch: what is left is the log before it or a beginning of it.
func TestTornAppend(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir, genesis)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Append(records(1, 4)); err != nil {
		t.Fatal(err)
	}
	start := l.end
	if err := l.Append(records(4, 6)); err != nil {
		t.Fatal(err)
	}
	l.Close()
	path := filepath.Join(dir, journalName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := start; cut <= int64(len(whole)); cut++ {
		for _, junk := range [][]byte{nil, make([]byte, 200)} { // a file may also have grown before its bytes came
			if err := os.WriteFile(path, append(bytes.Clone(whole[:cut]), junk...), 0o600); err != nil {
				t.Fatal(err)
			}
			l, err := Open(dir, genesis)
			if err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			if n := l.Size(); n < 4 || (cut == int64(len(whole)) && n != 6) {
				t.Fatalf("cut at %d: %d entries", cut, n)
			}
			checkLedger(t, l)
			if err := l.Append(records(int(l.Size()), 7)); err != nil {
				t.Fatal(err)
			}
			checkLedger(t, l)
			l.Close()
		}
	}
	// Below what was cosigned there is no recovery.
	os.WriteFile(path, whole, 0o600)
	if l, err = Open(dir, genesis); err != nil {
		t.Fatal(err)
	}
	c, _ := l.Checkpoint("test.example/log")
	if err := l.Commit(c); err != nil {
		t.Fatal(err)
	}
	l.Close()
	os.WriteFile(path, whole[:start], 0o600)
	if _, err = Open(dir, genesis); !errors.Is(err, ErrLost) {
		t.Fatalf("a ledger that lost cosigned entries opened: %v", err)
	}
}

func TestChangedTileIsRefused(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir, genesis)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Append(records(1, 300)); err != nil {
		t.Fatal(err)
	}
	l.Close()
	for _, name := range []string{"tile/entries/000", "tile/0/000", "position/000"} {
		p := filepath.Join(dir, name)
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		c := bytes.Clone(b)
		c[len(c)/2+1] ^= 0x40
		os.WriteFile(p, c, 0o600)
		if _, err := Open(dir, genesis); err == nil {
			t.Fatalf("%s changed and not noticed", name)
		}
		os.WriteFile(p, b, 0o600)
	}
	if _, err := Open(dir, []byte("{}")); err == nil {
		t.Fatal("opened with another genesis")
	}
	os.Remove(filepath.Join(dir, journalName))
	if _, err := Open(dir, genesis); err == nil {
		t.Fatal("opened without its journal")
	}
}
