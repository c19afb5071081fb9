package replica

import (
	"errors"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/raft"
	bolt "go.etcd.io/bbolt"
)

func openStore(t *testing.T, path string) *logStore {
	t.Helper()
	s, err := openLogStore(path, time.Minute, func(err error) { t.Errorf("fatal: %v", err) })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLogStore holds the store against what raft expects of its two interfaces, across a restart.
func TestLogStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "raft.db")
	s := openStore(t, path)
	edges := func(first, last uint64) {
		t.Helper()
		f, err1 := s.FirstIndex()
		l, err2 := s.LastIndex()
		if err1 != nil || err2 != nil || f != first || l != last {
			t.Fatalf("first %d, last %d, want %d, %d (%v %v)", f, l, first, last, err1, err2)
		}
	}
	edges(0, 0)
	var got raft.Log
	if err := s.GetLog(1, &got); !errors.Is(err, raft.ErrLogNotFound) {
		t.Fatal(err)
	}
	var want []*raft.Log
	for i := uint64(1); i <= 300; i++ {
		want = append(want, &raft.Log{Index: i, Term: i / 7, Type: raft.LogType(i % 5), Data: []byte{byte(i)}, AppendedAt: time.Unix(0, int64(i))})
	}
	want[10].Data, want[11].Extensions, want[12].AppendedAt = nil, []byte("x"), time.Time{}
	if err := s.StoreLog(want[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.StoreLogs(want[1:]); err != nil {
		t.Fatal(err)
	}
	edges(1, 300)
	if err := s.Set([]byte("k"), []byte("v")); err != nil {
		t.Fatal(err)
	}
	if err := s.SetUint64([]byte("n"), 1<<40); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, path)
	defer s.close()
	for _, w := range want {
		if err := s.GetLog(w.Index, &got); err != nil || !reflect.DeepEqual(*w, got) {
			t.Fatalf("entry %d: %+v, want %+v (%v)", w.Index, got, *w, err)
		}
	}
	if v, err := s.Get([]byte("k")); err != nil || string(v) != "v" {
		t.Fatal(err)
	}
	if n, err := s.GetUint64([]byte("n")); err != nil || n != 1<<40 {
		t.Fatal(err)
	}
	if _, err := s.GetUint64([]byte("missing")); err == nil || err.Error() != "not found" {
		t.Fatalf("raft recognises a missing key by its text: %v", err)
	}
	for _, d := range []struct{ low, high, first, last uint64 }{{1, 99, 100, 300}, {250, 300, 100, 249}, {100, 249, 0, 0}} {
		if err := s.DeleteRange(d.low, d.high); err != nil {
			t.Fatal(err)
		}
		edges(d.first, d.last)
	}
}

// TestAppliedEntriesStay goes through the cases of deletion: raft compacts what a snapshot holds and clears what was never applied.
func TestAppliedEntriesStay(t *testing.T) {
	s := openStore(t, filepath.Join(t.TempDir(), "raft.db"))
	defer s.close()
	s.kept = func() (uint64, uint64) { return 20, 50 }
	for _, d := range []struct {
		low, high uint64
		refused   bool
	}{{1, 20, false}, {1, 21, true}, {51, 60, false}, {50, 60, true}, {30, 30, true}, {10, 60, true}} {
		if err := s.DeleteRange(d.low, d.high); errors.Is(err, errApplied) != d.refused {
			t.Errorf("delete %d to %d: %v", d.low, d.high, err)
		}
	}
}

// TestDiskErrorsAreFatal lets a write fail and another hang.
func TestDiskErrorsAreFatal(t *testing.T) {
	fatal := make(chan error, 2)
	s, err := openLogStore(filepath.Join(t.TempDir(), "raft.db"), 20*time.Millisecond, func(err error) { fatal <- err })
	if err != nil {
		t.Fatal(err)
	}
	hung := make(chan struct{})
	go s.update(func(*bolt.Tx) error { <-hung; return nil })
	if err := <-fatal; err == nil {
		t.Fatal("no reason")
	}
	close(hung)
	failed := errors.New("input/output error")
	if err := s.update(func(*bolt.Tx) error { return failed }); !errors.Is(err, failed) {
		t.Fatal(err)
	}
	for err := range fatal {
		if errors.Is(err, failed) {
			break
		}
	}
	s.close()
}

func FuzzRaftBytes(f *testing.F) {
	f.Add(encodeLog(&raft.Log{Term: 3, Type: raft.LogNoop, Data: []byte("x"), Extensions: []byte("y")}))
	f.Add(raft.EncodeConfiguration(raft.Configuration{Servers: []raft.Server{{ID: "payer-a", Address: "payer-a"}}}))
	f.Add([]byte(exportMagic))
	f.Add([]byte(`{"status":"done","index":7,"refusal":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var l raft.Log
		if err := decodeLog(5, b, &l); err == nil && l.Index != 5 {
			t.Fatal("index")
		}
		guardConfiguration(b)
		decodeAnswer(b)
	})
}
