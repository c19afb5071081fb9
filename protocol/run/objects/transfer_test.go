package objects

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tacet-health/tacet/protocol/wire"
)

// something is an object of n bytes.
func something(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

// line is a pipe on which the receiver's bytes are counted and cut off.
type line struct {
	net.Conn
	left int // bytes until the cut; negative: never
}

func (l *line) Read(b []byte) (int, error) {
	if l.left == 0 {
		l.Close()
		return 0, io.ErrUnexpectedEOF
	}
	if l.left > 0 {
		b = b[:min(len(b), l.left)]
	}
	n, err := l.Conn.Read(b)
	if l.left > 0 {
		l.left -= n
	}
	return n, err
}

// fetch runs one transfer; alter may change what the sender has.
func fetch(t *testing.T, p *Partial, body []byte, left int, list List) (got, sent int64, err error) {
	t.Helper()
	ours, theirs := pair(t)
	var wg sync.WaitGroup
	wg.Go(func() {
		sent, _, _, _ = Serve(theirs, bytes.NewReader(body), list, int64(len(body)))
		theirs.Close()
	})
	got, err = p.Fill(&line{ours, left})
	ours.Close()
	wg.Wait()
	return got, sent, err
}

// pair is a connection with buffers, as the link's are.
func pair(t *testing.T) (ours, theirs net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if ours, err = net.Dial("tcp", l.Addr().String()); err == nil {
		theirs, err = l.Accept()
	}
	if err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}

func listOf(b []byte) List {
	c := newChunker()
	c.Write(b)
	return c.list()
}

// TestTransferIsResumed: over lines that break, and lives that end, no chunk
// that arrived comes a second time.
func TestTransferIsResumed(t *testing.T) {
	body := something(20*wire.Chunk + 12345)
	path := filepath.Join(t.TempDir(), "object")
	name, size, l := Sum(body), int64(len(body)), listOf(body)
	total := int64(0)
	for tries := 0; ; tries++ {
		p, err := Resume(path, name, size) // as after kill -9
		if err != nil {
			t.Fatal(err)
		}
		before := 0
		if p.whole {
			t.Fatal("whole before it was kept")
		}
		got, _, err := fetch(t, p, body, 4*wire.Chunk+77*1000, l)
		for _, h := range p.have {
			if h {
				before++
			}
		}
		total += got
		if p.Complete() {
			if err := p.Keep(true); err != nil {
				t.Fatal(err)
			}
			p.Close()
			break
		}
		if err == nil || tries > 10 {
			t.Fatalf("try %d: %d chunks are there, %v", tries, before, err)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if left, _ := os.ReadFile(path + unfinished); tries == 2 { // bytes that a disk spoiled are fetched again, nothing else
			left[3*wire.Chunk+5] ^= 1
			os.WriteFile(path+unfinished, left, 0o600)
		}
	}
	// Each cut loses less than a chunk, and one was spoiled.
	if most := size + 6*wire.Chunk; total > most {
		t.Errorf("%d bytes for an object of %d, want at most %d", total, size, most)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, body) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	p, err := Resume(path, name, size) // who holds it asks for nothing
	if err != nil || !p.Complete() {
		t.Fatalf("the object that is there does not count: %v", err)
	}
	p.Close()
}

// TestTransferOverSeveralStreams: together they bring each chunk once.
func TestTransferOverSeveralStreams(t *testing.T) {
	body := something(30*wire.Chunk + 1)
	p, err := Resume(filepath.Join(t.TempDir(), "object"), Sum(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := int64(0)
	for range 4 {
		wg.Go(func() {
			got, _, err := fetch(t, p, body, -1, listOf(body))
			mu.Lock()
			defer mu.Unlock()
			if total += got; err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if total != int64(len(body)) || !p.Complete() {
		t.Fatalf("%d bytes for an object of %d", total, len(body))
	}
	if err := p.Keep(false); err != nil {
		t.Fatal(err)
	}
}

// TestTransferOfOtherBytes: nothing wrong is ever kept, and what was right is.
func TestTransferOfOtherBytes(t *testing.T) {
	body := something(3 * wire.Chunk)
	other := bytes.Clone(body)
	other[2*wire.Chunk] ^= 1
	path := filepath.Join(t.TempDir(), "object")
	p, err := Resume(path, Sum(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if got, _, err := fetch(t, p, other, -1, listOf(other)); !errors.Is(err, ErrWrong) || got != 0 {
		t.Fatalf("another list: %v after %d bytes", err, got)
	}
	if got, _, err := fetch(t, p, other, -1, listOf(body)); !errors.Is(err, ErrWrong) || got != int64(len(body)) || p.Complete() {
		t.Fatalf("another chunk: %v after %d bytes", err, got)
	}
	if err := p.Keep(true); err == nil {
		t.Fatal("an incomplete object is kept")
	}
	if got, _, err := fetch(t, p, body, -1, listOf(body)); err != nil || got != wire.Chunk || !p.Complete() {
		t.Fatalf("the right one: %v after %d bytes", err, got)
	}
	os.WriteFile(path, other, 0o600) // something else under the name
	if p, err := Resume(path, Sum(body), int64(len(body))); err != nil || p.Complete() {
		t.Fatalf("another file counts as the object: %v", err)
	} else {
		p.Close()
	}
	if _, err := Resume(path, Sum(body), wire.MaxSize+1); err == nil {
		t.Error("any size is taken")
	}
}

func TestListNamesTheObject(t *testing.T) {
	body := something(2*wire.Chunk + 7)
	l := listOf(body)
	if len(l) != wire.Chunks(int64(len(body))) || l[2] != wire.Hash(sha256.Sum256(body[2*wire.Chunk:])) {
		t.Fatal("the list is not that of the chunks")
	}
	names := map[wire.Hash]bool{Sum(body): true, l.Hash(int64(len(body)) + 1): true, l[:2].Hash(int64(len(body))): true,
		List{l[1], l[0], l[2]}.Hash(int64(len(body))): true, wire.Hash(sha256.Sum256(body)): true}
	if len(names) != 5 {
		t.Error("two objects have one name")
	}
}

// FuzzServe: whatever the other side asks for, it gets chunks of the object or
// the end.
func FuzzServe(f *testing.F) {
	frame := func(k wire.Kind, s string) []byte {
		var b bytes.Buffer
		wire.WriteFrame(&b, k, []byte(s))
		return b.Bytes()
	}
	f.Add(frame(wire.KindWant, `{"first":0,"count":2}`))
	f.Add(append(frame(wire.KindWant, `{"first":1,"count":1}`), frame(wire.KindPosted, `{}`)...))
	f.Add(frame(wire.KindWant, `{"first":65535,"count":64}`))
	body := something(wire.Chunk + 5)
	l := listOf(body)
	f.Fuzz(func(t *testing.T, in []byte) {
		s := &script{in: bytes.NewReader(in)}
		sent, _, _, _ := Serve(s, bytes.NewReader(body), l, int64(len(body)))
		if s.out != 32*len(l)+int(sent) {
			t.Fatalf("%d bytes went out, %d of them chunks", s.out, sent)
		}
	})
}

// FuzzFill: whatever comes, only the object is kept.
func FuzzFill(f *testing.F) {
	body := []byte("an object of one chunk")
	l := listOf(body)
	f.Add(append(bytes.Clone(l[0][:]), body...))
	f.Add(append(bytes.Clone(l[0][:]), body[:5]...))
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := Resume(filepath.Join(t.TempDir(), "object"), Sum(body), int64(len(body)))
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		p.Fill(&script{in: bytes.NewReader(in)})
		if p.Complete() != bytes.HasPrefix(in, append(bytes.Clone(l[0][:]), body...)) {
			t.Fatal("the wrong thing is complete")
		}
	})
}
