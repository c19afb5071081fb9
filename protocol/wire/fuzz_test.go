package wire

import (
	"bytes"
	"testing"
)

// roundTrip: whatever a decoder accepts prints as the bytes it was read from.
func roundTrip(t *testing.T, in []byte, m Message) {
	t.Helper()
	out, err := m.payload()
	if err != nil {
		t.Fatalf("accepted and cannot be printed: %v", err)
	}
	if !bytes.Equal(in, out) {
		t.Fatalf("accepted %q, printed %q", in, out)
	}
}

func seed(f *testing.F, ms ...Message) {
	for _, m := range ms {
		b, err := m.payload()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(append([]byte(" "), b...))
		f.Add(b[:len(b)-1])
		f.Add(bytes.ToUpper(b))
	}
	f.Add([]byte("null"))
	f.Add([]byte(`{"body":null,"signature":"AA=="}`))
	f.Add(bytes.Repeat([]byte("["), 1000))
}

func FuzzCommit(f *testing.F) {
	s, _ := SignCommit(hashKey("k"), commit())
	seed(f, s)
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := DecodeCommit(b); err == nil {
			roundTrip(t, b, s)
			again, err := marshal(s.body)
			if err != nil || !bytes.Equal(again, s.statement) {
				t.Fatal("the statement is not the canonical body")
			}
		}
	})
}

func FuzzVoid(f *testing.F) {
	s, _ := SignVoid(hashKey("k"), Void{Run: "r", Member: "alder", Code: Deadline, Text: "waited for <birch> & co", Evidence: []Hash{{9}}})
	seed(f, s)
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := DecodeVoid(b); err == nil {
			roundTrip(t, b, s)
		}
	})
}

func FuzzObject(f *testing.F) {
	o := Object{Run: "r", Member: "alder", Step: 1, Hash: Hash{1}, Size: 5}
	seed(f, Put(o), Get(o))
	f.Fuzz(func(t *testing.T, b []byte) {
		if o, err := DecodeObject(b); err == nil {
			roundTrip(t, b, Posted(o))
		}
	})
}

func FuzzWant(f *testing.F) {
	seed(f, Want{First: 3, Count: MaxRun}, Want{First: Chunks(MaxSize) - 1, Count: 1})
	f.Add([]byte(`{"first":-1,"count":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if w, err := DecodeWant(b); err == nil {
			roundTrip(t, b, w)
		}
	})
}

func FuzzHello(f *testing.F) {
	seed(f, Hello{Version: Version, Run: "r"}, Ended{Run: "r"}, Refusal{Text: "no such run", Retry: true})
	f.Fuzz(func(t *testing.T, b []byte) {
		if h, err := DecodeHello(b); err == nil {
			roundTrip(t, b, h)
		}
		if e, err := DecodeEnded(b); err == nil {
			roundTrip(t, b, e)
		}
		if r, err := DecodeRefusal(b); err == nil {
			roundTrip(t, b, r)
		}
	})
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00\x03abc"))
	f.Add([]byte("\x02\xff\xff\xff\xffabc"))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, p, err := ReadFrame(bytes.NewReader(b))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := WriteFrame(&out, k, p); err != nil || !bytes.HasPrefix(b, out.Bytes()) {
			t.Fatalf("read a frame that prints differently: %v", err)
		}
	})
}
