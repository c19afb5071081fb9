package bounded

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/tacet-health/tacet/crypto/secagg"
)

// Form says what a vector is.
type Form byte

const (
	Vector    Form = 1 + iota // every element is in [Low, Low + 2^Bits − 1]
	Histogram                 // one element is 1, the rest are 0
)

// Limits of a round.
const (
	MaxMembers = 32
	MaxBits    = 40
	MaxSize    = 1 << 16 // Length × Bits
)

// Round is what all members agree on. It is public.
type Round struct {
	Manifest [32]byte // what authorised the sum, and asked for proofs
	Number   uint64   // of this round under the manifest: never used twice
	Members  []string // the roster, sorted, each once; all of them stay to the end
	Form     Form
	Length   int
	Low      int64 // Vector: the smallest value of an element
	Bits     int   // Vector: of the width of the range
}

// Check returns why the round cannot be held.
func (r Round) Check() error {
	switch {
	case r.Form != Vector && r.Form != Histogram:
		return fmt.Errorf("bounded: no form %d", r.Form)
	case len(r.Members) > MaxMembers:
		return fmt.Errorf("bounded: %d members, at most %d", len(r.Members), MaxMembers)
	case r.Form == Histogram && (r.Bits != 0 || r.Low != 0):
		return fmt.Errorf("bounded: a histogram has no bits and no smallest value")
	case r.Form == Vector && (r.Bits < 1 || r.Bits > MaxBits):
		return fmt.Errorf("bounded: %d bits, want 1 to %d", r.Bits, MaxBits)
	case r.Low < -1<<MaxBits || r.Low > 1<<MaxBits:
		return fmt.Errorf("bounded: smallest value beyond ±2^%d", MaxBits)
	case r.Length < 1 || r.Length > MaxSize || r.Length*max(1, r.Bits) > MaxSize:
		return fmt.Errorf("bounded: %d elements of %d bits, at most %d together", r.Length, r.Bits, MaxSize)
	case r.Form == Histogram && r.Length < 2:
		return fmt.Errorf("bounded: a histogram of one bucket says nothing")
	}
	return r.Base().Check()
}

// high is the largest value of an element.
func (r Round) high() int64 {
	if r.Form == Histogram {
		return 1
	}
	return r.Low + 1<<r.Bits - 1
}

// Base is the round the messages are signed in: its ID binds to everything here.
func (r Round) Base() secagg.Round {
	h := sha256.New()
	h.Write([]byte("tacet/secagg/bounded/v1"))
	h.Write(r.Manifest[:])
	b := binary.BigEndian.AppendUint64([]byte{byte(r.Form), byte(r.Bits)}, uint64(r.Low))
	h.Write(b)
	return secagg.Round{
		Manifest: [32]byte(h.Sum(nil)), Number: r.Number, Members: r.Members, Threshold: len(r.Members), Length: r.Length,
		Cap: uint64(max(r.high(), -r.Low, 1)),
	}
}

// inRange says which element of a vector is not as the round wants it, without its value.
func (r Round) inRange(x []int64) error {
	if len(x) != r.Length {
		return fmt.Errorf("bounded: a vector of %d elements where the round has %d", len(x), r.Length)
	}
	ones := 0
	for i, v := range x {
		if v < r.Low || v > r.high() {
			return fmt.Errorf("bounded: element %d is out of the round's range", i)
		}
		ones += int(v & 1)
	}
	if r.Form == Histogram && ones != 1 {
		return fmt.Errorf("bounded: a histogram names one bucket, this one %d", ones)
	}
	return nil
}

// aggregator is the place of member j among the aggregators of member p's report: the first, whose share is as long as the proof, is the next member
// in the roster, so that everybody is first once.
func (r Round) aggregator(p, j int) int { return (j - p - 1 + len(r.Members)) % len(r.Members) }
