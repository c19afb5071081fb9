package link

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestRepair sends packets through a path that loses 5 % at random, in order, and
// counts what does not arrive or arrives out of order.
func TestRepair(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var s fecSender
	var in fecReceiver
	const packets = 60000
	sent, wire, arrived, disorder, last := 0, 0, 0, 0, -1
	deliver := func(frames ...[]byte) {
		for _, f := range frames {
			wire++
			if r.Float64() < 0.05 {
				continue
			}
			h, p, err := parseFEC(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range in.take(h, bytes.Clone(p)) {
				n := int(b[0])<<16 | int(b[1])<<8 | int(b[2])
				if !bytes.Equal(b[3:], bytes.Repeat([]byte{byte(n)}, len(b)-3)) {
					t.Fatal("other bytes arrived")
				}
				if n < last {
					disorder++
				}
				last = n
				arrived++
			}
		}
	}
	for sent < packets {
		p := append([]byte{byte(sent >> 16), byte(sent >> 8), byte(sent)}, bytes.Repeat([]byte{byte(sent)}, 300+r.IntN(900))...)
		sent++
		frame, full := s.add(p)
		deliver(frame)
		if full || r.IntN(40) == 0 { // now and then there is nothing more to send for a moment
			deliver(s.close()...)
		}
	}
	deliver(s.close()...)
	if missing := packets - arrived - len(in.flush()); missing > packets/5000 || disorder > missing {
		t.Errorf("%d of %d packets are missing, %d out of order", missing, packets, disorder)
	}
	if wire > 2*packets {
		t.Errorf("%d packets for %d", wire, packets)
	}
}

func FuzzFEC(f *testing.F) {
	var s fecSender
	frame, _ := s.add([]byte("packet"))
	f.Add(frame, []byte{})
	for _, p := range s.close() {
		f.Add(frame, p)
		f.Add(p, p)
	}
	f.Add(fecHead{kind: fecProbe}.append(nil), append(fecHead{kind: fecEcho, group: 3}.append(nil), make([]byte, fecProbePad)...))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var r fecReceiver
		for _, in := range [][]byte{a, b, a} {
			h, p, err := parseFEC(in)
			if err != nil {
				continue
			}
			if again := append(h.append(nil), p...); !bytes.Equal(again, in) {
				t.Fatal("accepted and prints differently")
			}
			if h.kind == fecData || h.kind == fecParity {
				r.take(h, bytes.Clone(p))
			}
			if len(r.groups) > fecBacklog {
				t.Fatalf("%d groups are kept", len(r.groups))
			}
		}
		r.flush()
		if r.waiting() {
			t.Fatal("packets wait after a flush")
		}
	})
}
