package silence

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tacet-health/tacet/crypto/secagg"
)

// Limits of a sitting.
const (
	MinText = 64
	MaxText = 4096 // bytes
)

// Sitting is public and the same for all. ID is never used twice.
type Sitting struct {
	ID      [32]byte
	Members []string // all who take part, sorted: what is shown as the anonymity set
	MaxText int      // bytes of a text; every text is padded to it
}

// Check returns why there can be no such sitting.
func (s Sitting) Check() error {
	if s.MaxText < MinText || s.MaxText > MaxText || s.MaxText%4 != 0 {
		return fmt.Errorf("silence: texts of %d bytes, want %d to %d and a multiple of 4", s.MaxText, MinText, MaxText)
	}
	return s.Reserve(0).Check()
}

const wordCap = 1<<32 - 1 // an element is a word of 32 bits

// Words of a slot. The first of each is the number of members that filled it.
const reserveWords = 1 + 8 + 4 // key, checksum

func (s Sitting) speakWords() int { return 1 + 1 + s.MaxText/4 + 16 } // length, text, signature

// reserveSlots makes a collision of honest members about one round in eight.
func (s Sitting) reserveSlots() int { return 4 * len(s.Members) * len(s.Members) }

func (s Sitting) round(phase string, attempt uint64, about []byte, length int) secagg.Round {
	h := sha256.New()
	fmt.Fprintf(h, "tacet/silence/v1/%s/", phase)
	h.Write(s.ID[:])
	h.Write(binary.BigEndian.AppendUint64(nil, attempt))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(s.MaxText)))
	h.Write(about)
	return secagg.Round{Manifest: [32]byte(h.Sum(nil)), Number: attempt, Members: s.Members, Threshold: len(s.Members), Length: length, Cap: wordCap}
}

// Reserve is the first round, at its attempt-th time.
func (s Sitting) Reserve(attempt uint64) secagg.Round {
	return s.round("reserve", attempt, nil, s.reserveSlots()*reserveWords)
}

// Speak is the second round, bound to the keys of the first.
func (s Sitting) Speak(keys Keys) secagg.Round {
	return s.round("speak", 0, keys.bytes(), len(s.Members)*s.speakWords())
}

// ErrCollision: two members chose one slot; the round is held again. It says nothing about who.
var ErrCollision = errors.New("silence: two members chose one slot: hold the round again")

// ErrJammed: somebody does not keep to the protocol, and nobody can tell who; the sitting is void.
var ErrJammed = errors.New("silence: somebody fills slots it does not have: the sitting is void")

// words of b, big endian; len(b) is a multiple of 4.
func words(dst []int64, b []byte) {
	for i := range len(b) / 4 {
		dst[i] = int64(binary.BigEndian.Uint32(b[4*i:]))
	}
}

// unwords is false when a word is not of 32 bits: more than one member filled the slot, or one that does not keep to the protocol.
func unwords(v []int64) ([]byte, bool) {
	b := make([]byte, 4*len(v))
	for i, w := range v {
		if w < 0 || w > wordCap {
			return nil, false
		}
		binary.BigEndian.PutUint32(b[4*i:], uint32(w))
	}
	return b, true
}
