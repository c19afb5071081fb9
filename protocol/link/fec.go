package link

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/reedsolomon"
)

// Packets that are not QUIC's: their first byte has none of the two upper bits,
// which QUIC's all have one of (RFC 9443).
//
//	1 byte   kind: 1 data, 2 parity, 3 probe, 4 echo
//	4 bytes  group (data, parity), or the probe's number
//	1 byte   index in the group
//	1 byte   parity: how many data packets the group has; else 0
//	…        data: a QUIC packet; parity: a Reed-Solomon shard
const (
	fecData   = 1 + iota // a packet of a group
	fecParity            // repairs packets of the group
	fecProbe             // to be sent back, for measuring loss
	fecEcho
)

const (
	fecHeader  = 7
	fecGroup   = 32   // data packets of a group, at most
	fecRepair  = 14   // parity packets of a full one: with 5 % loss one group in a million is beyond repair
	fecPacket  = 1500 // the largest packet
	fecBacklog = 8    // groups that are waited for, of one peer
)

// repairs is how many parity packets protect a group of k.
func repairs(k int) int { return 3 + k*(fecRepair-3)/fecGroup }

type fecHead struct {
	kind  byte
	group uint32
	index byte
	count byte
}

var errFEC = errors.New("malformed packet")

func (h fecHead) append(b []byte) []byte {
	b = append(b, h.kind)
	b = binary.BigEndian.AppendUint32(b, h.group)
	return append(b, h.index, h.count)
}

// parseFEC reads a packet's header; what it accepts prints as it was read.
func parseFEC(b []byte) (h fecHead, payload []byte, err error) {
	if len(b) < fecHeader || len(b) > fecPacket+fecHeader+2 {
		return h, nil, errFEC
	}
	h = fecHead{b[0], binary.BigEndian.Uint32(b[1:]), b[5], b[6]}
	payload = b[fecHeader:]
	ok := false
	switch h.kind {
	case fecData:
		ok = h.index < fecGroup && h.count == 0 && len(payload) > 0 && len(payload) <= fecPacket
	case fecParity:
		ok = h.count >= 1 && h.count <= fecGroup && int(h.index) < repairs(int(h.count)) && len(payload) > 2
	case fecProbe, fecEcho:
		ok = h.index == 0 && h.count == 0 && len(payload) == fecProbePad
	}
	if !ok {
		return h, nil, fmt.Errorf("%w of kind %d", errFEC, h.kind)
	}
	return h, payload, nil
}

// fecProbePad makes probes as large as what they stand for is on average, and
// an echo no larger than what asked for it.
const fecProbePad = 64

var (
	codersMu sync.Mutex
	coders   [fecGroup + 1]reedsolomon.Encoder
)

// coder is the code of groups of k; it may be used concurrently.
func coder(k int) reedsolomon.Encoder {
	codersMu.Lock()
	defer codersMu.Unlock()
	if coders[k] == nil {
		c, err := reedsolomon.New(k, repairs(k), reedsolomon.WithMaxGoroutines(1))
		if err != nil {
			panic("link: " + err.Error()) // k is in range
		}
		coders[k] = c
	}
	return coders[k]
}

// shard is what the code works on: length, packet, zeros up to size.
func shard(p []byte, size int) []byte {
	b := make([]byte, size)
	binary.BigEndian.PutUint16(b, uint16(len(p)))
	copy(b[2:], p)
	return b
}

// fecSender groups the packets to one peer. The caller serialises.
type fecSender struct {
	group   uint32
	packets [][]byte
	longest int
}

// add frames a packet; full says that the group must be closed.
func (s *fecSender) add(p []byte) (frame []byte, full bool) {
	frame = append(fecHead{kind: fecData, group: s.group, index: byte(len(s.packets))}.append(make([]byte, 0, fecHeader+len(p))), p...)
	s.packets = append(s.packets, frame[fecHeader:])
	s.longest = max(s.longest, len(p))
	return frame, len(s.packets) == fecGroup
}

// close returns the parity frames of the group, if it has packets, and begins
// the next.
func (s *fecSender) close() [][]byte {
	k := len(s.packets)
	if k == 0 {
		return nil
	}
	m, size := repairs(k), s.longest+2
	shards := make([][]byte, 0, k+m)
	for _, p := range s.packets {
		shards = append(shards, shard(p, size))
	}
	var frames [][]byte
	for i := range m {
		f := fecHead{fecParity, s.group, byte(i), byte(k)}.append(make([]byte, 0, fecHeader+size))
		f = f[:fecHeader+size]
		frames = append(frames, f)
		shards = append(shards, f[fecHeader:])
	}
	if err := coder(k).Encode(shards); err != nil {
		frames = nil // all shards have one size: cannot be
	}
	s.group++
	s.packets, s.longest = s.packets[:0], 0
	return frames
}

// fecReceiver puts one peer's packets in order again and repairs what is
// missing. QUIC takes a packet that comes after its third successor for lost, and
// slows down; so what follows a gap waits for the repair, until flush.
type fecReceiver struct {
	groups map[uint32]*fecGathered
	next   uint32 // the group whose packets are delivered
	begun  bool
}

type fecGathered struct {
	data      [fecGroup][]byte
	parity    [repairMost][]byte
	have      int // data packets
	spare     int // parity packets
	count     int // of data packets, once a parity packet told; 0 before
	size      int // of a shard
	delivered int
}

const repairMost = fecRepair + 1

// take returns the packets that are due, oldest first. b is kept.
func (r *fecReceiver) take(h fecHead, b []byte) (due [][]byte) {
	if !r.begun {
		r.begun, r.next, r.groups = true, h.group, map[uint32]*fecGathered{}
	}
	switch d := int32(h.group - r.next); {
	case d < 0:
		if d <= -fecBacklog { // the peer has begun anew
			*r = fecReceiver{}
			return r.take(h, b)
		}
		if h.kind == fecData {
			return [][]byte{b} // given up: late is better than never
		}
		return nil
	case d >= fecBacklog: // far ahead: what is before it is over
		for r.next != h.group-fecBacklog+1 && len(r.groups) > 0 {
			due = append(due, r.skip()...)
		}
		r.next = h.group - fecBacklog + 1
	}
	g := r.groups[h.group]
	if g == nil {
		g = &fecGathered{}
		r.groups[h.group] = g
	}
	switch {
	case h.kind == fecData && g.data[h.index] == nil && (g.count == 0 || int(h.index) < g.count):
		g.data[h.index] = b
		g.have++
	case h.kind == fecParity && g.parity[h.index] == nil && (g.count == 0 || g.count == int(h.count) && g.size == len(b)):
		g.parity[h.index] = b
		g.count, g.size = int(h.count), len(b)
		g.spare++
	}
	g.repair()
	return append(due, r.deliver()...)
}

// repair makes the missing packets when enough of the group is there.
func (g *fecGathered) repair() {
	if g.count == 0 || g.have >= g.count || g.have+g.spare < g.count {
		return
	}
	shards := make([][]byte, g.count+repairs(g.count))
	for i := range g.count {
		if p := g.data[i]; p != nil {
			if len(p)+2 > g.size {
				return // not of this group
			}
			shards[i] = shard(p, g.size)
		}
	}
	copy(shards[g.count:], g.parity[:repairs(g.count)])
	if coder(g.count).ReconstructData(shards) != nil {
		return
	}
	for i := range g.count {
		if n := int(binary.BigEndian.Uint16(shards[i])); g.data[i] == nil && n > 0 && n+2 <= g.size {
			g.data[i] = shards[i][2 : 2+n]
			g.have++
		}
	}
	g.spare = -fecGroup // once is enough
}

// deliver returns what stands at the front without a gap.
func (r *fecReceiver) deliver() (due [][]byte) {
	for {
		g := r.groups[r.next]
		if g == nil {
			return due
		}
		for g.delivered < fecGroup && g.data[g.delivered] != nil {
			due = append(due, g.data[g.delivered])
			g.delivered++
		}
		if g.delivered < fecGroup && (g.count == 0 || g.delivered < g.count) {
			return due
		}
		delete(r.groups, r.next)
		r.next++
	}
}

// skip gives the first group up and returns what there is of it.
func (r *fecReceiver) skip() (due [][]byte) {
	if g := r.groups[r.next]; g != nil {
		for _, p := range g.data[g.delivered:] {
			if p != nil {
				due = append(due, p)
			}
		}
		delete(r.groups, r.next)
	}
	r.next++
	return due
}

// waiting says whether something is held back.
func (r *fecReceiver) waiting() bool {
	for _, g := range r.groups {
		for i := g.delivered; i < fecGroup; i++ {
			if g.data[i] != nil {
				return true
			}
		}
	}
	return false
}

// flush ends the wait: packets held back go, the gaps before them stay.
func (r *fecReceiver) flush() (due [][]byte) {
	for r.waiting() {
		due = append(due, r.skip()...)
	}
	return due
}
