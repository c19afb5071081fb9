package silence

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// Keys are the one-time keys of a sitting in the order of their slots, one for every member.
type Keys []ed25519.PublicKey

func (k Keys) bytes() []byte { return bytes.Join(asBytes(k), nil) }

func asBytes(k Keys) [][]byte {
	out := make([][]byte, len(k))
	for i := range k {
		out[i] = k[i]
	}
	return out
}

// Member is one member's part in one sitting. Its key and its text are in memory only. Not safe for concurrent use.
type Member struct {
	sitting Sitting
	text    string
	key     ed25519.PrivateKey // of the last attempt
	spoken  bool
}

// NewMember takes what the member has to say, "" for nothing. The caller has let Filter see it.
func NewMember(s Sitting, text string) (*Member, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if len(text) > s.MaxText {
		return nil, fmt.Errorf("silence: %d bytes of text, at most %d", len(text), s.MaxText)
	}
	return &Member{sitting: s, text: text}, nil
}

func checksum(s Sitting, key []byte) []byte {
	h := sha256.Sum256(append(append([]byte("tacet/silence/key/v1"), s.ID[:]...), key...))
	return h[:16]
}

// Reserve is the member's vector of the first round: a new key in a slot chosen at random. Every attempt has a new one, so that attempts cannot be
// told to come from one member.
func (m *Member) Reserve() ([]int64, error) {
	if m.spoken {
		return nil, errors.New("silence: this member has spoken in the sitting")
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("silence: one-time key: %w", err)
	}
	m.key = private
	n := m.sitting.reserveSlots()
	slot, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return nil, fmt.Errorf("silence: slot: %w", err)
	}
	v := make([]int64, n*reserveWords)
	at := v[int(slot.Int64())*reserveWords:][:reserveWords]
	at[0] = 1
	words(at[1:], append(bytes.Clone(public), checksum(m.sitting, public)...))
	return v, nil
}

// ReadReserve gives the keys out of the sum of the first round. Everybody reads the same. ErrCollision and ErrJammed are its errors.
func (s Sitting) ReadReserve(sum []int64) (Keys, error) {
	if len(sum) != s.reserveSlots()*reserveWords {
		return nil, fmt.Errorf("silence: a sum of %d elements, want %d", len(sum), s.reserveSlots()*reserveWords)
	}
	var keys Keys
	total, collision := int64(0), false
	for slot := range slices.Chunk(sum, reserveWords) {
		count := slot[0]
		if count < 0 || count > int64(len(s.Members)) {
			return nil, ErrJammed
		}
		total += count
		switch b, ok := unwords(slot[1:]); {
		case count == 0:
			if slices.ContainsFunc(slot, func(w int64) bool { return w != 0 }) {
				return nil, ErrJammed
			}
		case count > 1:
			collision = true
		case !ok || !bytes.Equal(checksum(s, b[:32]), b[32:]):
			return nil, ErrJammed
		default:
			keys = append(keys, b[:32])
		}
	}
	switch sorted := asBytes(keys); {
	case total != int64(len(s.Members)):
		return nil, fmt.Errorf("%w: %d reservations of %d members", ErrJammed, total, len(s.Members))
	case collision:
		return nil, ErrCollision
	default:
		slices.SortFunc(sorted, bytes.Compare)
		if len(slices.CompactFunc(sorted, bytes.Equal)) != len(keys) {
			return nil, fmt.Errorf("%w: one key twice", ErrJammed)
		}
	}
	return keys, nil
}

func (s Sitting) signed(keys Keys, slot int, body []byte) []byte {
	h := sha256.Sum256(keys.bytes())
	b := append([]byte("tacet/silence/statement/v1"), s.ID[:]...)
	b = binary.BigEndian.AppendUint32(append(b, h[:]...), uint32(slot))
	return append(b, body...)
}

// Speak is the member's vector of the second round, whether it has something to say or not. It refuses keys among which its own is not: somebody has
// written over it, and what it would say now could be told from the rest.
func (m *Member) Speak(keys Keys) ([]int64, error) {
	if m.spoken || m.key == nil {
		return nil, errors.New("silence: speak once, after reserve")
	}
	public := m.key.Public().(ed25519.PublicKey)
	slot := slices.IndexFunc(keys, func(k ed25519.PublicKey) bool { return bytes.Equal(k, public) })
	if slot < 0 || len(keys) != len(m.sitting.Members) {
		return nil, fmt.Errorf("%w: this member's key is not among the %d", ErrJammed, len(keys))
	}
	m.spoken = true
	body := make([]byte, 4+m.sitting.MaxText)
	binary.BigEndian.PutUint32(body, uint32(len(m.text)))
	copy(body[4:], m.text)
	sig := ed25519.Sign(m.key, m.sitting.signed(keys, slot, body))
	size := m.sitting.speakWords()
	v := make([]int64, len(keys)*size)
	at := v[slot*size:][:size]
	at[0] = 1
	words(at[1:], append(body, sig...))
	m.key, m.text = nil, ""
	return v, nil
}

// ReadSpeak gives what was said, in the order of the slots, without the empty texts, and how many slots were spoiled. A text that is given is exactly
// what the owner of its key said.
func (s Sitting) ReadSpeak(keys Keys, sum []int64) (texts []string, spoiled int, err error) {
	size := s.speakWords()
	if len(keys) != len(s.Members) || len(sum) != len(keys)*size {
		return nil, 0, fmt.Errorf("silence: a sum of %d elements for %d keys, want %d for %d", len(sum), len(keys), len(s.Members)*size, len(s.Members))
	}
	for i, key := range keys {
		at := sum[i*size:][:size]
		b, ok := unwords(at[1:])
		if !ok || at[0] != 1 || !ed25519.Verify(key, s.signed(keys, i, b[:4+s.MaxText]), b[4+s.MaxText:]) {
			spoiled++
			continue
		}
		n := binary.BigEndian.Uint32(b)
		if n > uint32(s.MaxText) || bytes.ContainsFunc(b[4+n:4+s.MaxText], func(r rune) bool { return r != 0 }) {
			spoiled++ // its owner did not pad as the form says
			continue
		}
		if n > 0 {
			texts = append(texts, string(b[4:4+n]))
		}
	}
	return texts, spoiled, nil
}
