package replica

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/tacet-health/tacet/governance/ledger"
)

// TestRequestBudget has a peer send without end: raft's decoder is cut off before it can hold more than one request.
func TestRequestBudget(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	s := newStream(b)
	defer s.Close()
	go func() {
		junk := make([]byte, 1<<20)
		for {
			if _, err := a.Write(junk); err != nil {
				return
			}
		}
	}()
	n, err := io.Copy(io.Discard, struct{ io.Reader }{s})
	if !errors.Is(err, errBudget) || n > maxRPC {
		t.Fatalf("%d bytes read, %v", n, err)
	}
}

// TestBudgetIsPerRequest: a response renews it.
func TestBudgetIsPerRequest(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	s := newStream(b)
	defer s.Close()
	buf := make([]byte, 1<<20)
	for range 3 * maxRPC >> 20 {
		go a.Write(buf)
		if _, err := io.ReadFull(s, buf); err != nil {
			t.Fatal(err)
		}
		go io.ReadFull(a, make([]byte, 1))
		if _, err := s.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFrameLimit(t *testing.T) {
	var w bytes.Buffer
	if err := writeFrame(&w, make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	if _, err := readFrame(bytes.NewReader(w.Bytes()), 99); err == nil {
		t.Fatal("a frame over the limit is read")
	}
	if b, err := readFrame(bytes.NewReader(w.Bytes()), 100); err != nil || len(b) != 100 {
		t.Fatal(err)
	}
	if _, err := readFrame(bytes.NewReader(w.Bytes()[:50]), 100); err == nil {
		t.Fatal("a frame that is cut off is read")
	}
}

func FuzzExport(f *testing.F) {
	f.Add(encodeExportHeader(1, ledger.Hash{}))
	f.Add(append(encodeExportHeader(2, ledger.Hash{}), 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1, 'x'))
	f.Fuzz(func(t *testing.T, b []byte) {
		read := exportHeader
		size, root, err := readExport(bytes.NewReader(b), func(_ uint64, r ledger.Record) error {
			read += exportRecord + len(r.Data)
			return nil
		})
		if err == nil && (read != len(b) || !bytes.HasPrefix(b, encodeExportHeader(size, root))) {
			t.Fatal("bytes that are not accounted for")
		}
	})
}
