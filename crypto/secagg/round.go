package secagg

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// Limits of a round.
const (
	MinMembers = 3
	MaxMembers = 64
	MaxLength  = 1 << 24 // elements of a vector
	maxName    = 64      // bytes of a member's name
)

// Round is what all members agree on before anything is made. It is public; members that hold equal Rounds have the same ID.
type Round struct {
	Manifest  [32]byte // what authorised the sum
	Number    uint64   // of this round under the manifest: never used twice
	Members   []string // the roster, sorted, each once
	Threshold int      // members that must stay to the end: more than half
	Length    int      // elements of a vector
	Cap       uint64   // bound of the absolute value of one element of one member
}

// Check returns why the round cannot be held. Members × Cap is below 2^63, so that a signed sum of honest vectors cannot wrap.
func (r Round) Check() error {
	n := len(r.Members)
	switch {
	case n < MinMembers || n > MaxMembers:
		return fmt.Errorf("secagg: %d members, want %d to %d", n, MinMembers, MaxMembers)
	case r.Threshold > n || 2*r.Threshold <= n:
		return fmt.Errorf("secagg: threshold %d of %d members: it must be more than half", r.Threshold, n)
	case r.Length < 1 || r.Length > MaxLength:
		return fmt.Errorf("secagg: vector of %d elements, want 1 to %d", r.Length, MaxLength)
	}
	if hi, lo := bits.Mul64(r.Cap, uint64(n)); r.Cap == 0 || hi != 0 || lo >= 1<<63 {
		return fmt.Errorf("secagg: %d members with elements up to %d: the sum could leave 63 bits", n, r.Cap)
	}
	for i, m := range r.Members {
		if m == "" || len(m) > maxName {
			return fmt.Errorf("secagg: member %d: a name has 1 to %d bytes", i, maxName)
		}
		if i > 0 && r.Members[i-1] >= m {
			return errors.New("secagg: members must be sorted, each once")
		}
	}
	return nil
}

// ID binds every key, share, mask and signature to this round.
func (r Round) ID() [32]byte {
	h := sha256.New()
	h.Write([]byte("tacet/secagg/round/v1"))
	h.Write(r.Manifest[:])
	b := binary.BigEndian.AppendUint64(nil, r.Number)
	for _, v := range []int{len(r.Members), r.Threshold, r.Length} {
		b = binary.BigEndian.AppendUint64(b, uint64(v))
	}
	b = binary.BigEndian.AppendUint64(b, r.Cap)
	for _, m := range r.Members {
		b = append(b, byte(len(m)))
		b = append(b, m...)
	}
	h.Write(b)
	return [32]byte(h.Sum(nil))
}

// Tolerates is how many members may collude with the convener without learning an honest member's vector: fewer than the threshold, so that they
// cannot open a mask by themselves, and so few that two different lists cannot both gather a threshold of signatures.
func (r Round) Tolerates() int { return 2*r.Threshold - len(r.Members) - 1 }

func (r Round) index(name string) int {
	i, ok := slices.BinarySearch(r.Members, name)
	if !ok {
		return -1
	}
	return i
}
