package identity

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A cosignature (c2sp.org/tlog-cosignature, key type 4) is a checkpoint's signature by a member that is not the log. It is eight bytes of
// Unix time, big endian, and the Ed25519 signature of
//
//	cosignature/v1
//	time UNIXTIME
//	the checkpoint
//
// The time is what the cosigner's clock said. It is there to be read; nothing in this program decides by it.

const (
	typeNote        = 1 // c2sp.org/signed-note
	typeCosignature = 4
	cosignatureSize = 8 + ed25519.SignatureSize
)

// Cosigner signs checkpoints under the given key name as of the given time, which may not be before 1970.
func (k *Keys) Cosigner(name string, at time.Time) note.Signer {
	v, err := k.public.cosignatureKey(name)
	if err == nil && at.Unix() < 0 {
		err = errors.New("cosigning: the clock is before 1970")
	}
	return &cosigner{noteSigner{name: name, hash: v.hash, key: k.ed, err: err}, uint64(at.Unix())}
}

// CosignatureVerifier verifies this member's cosignatures under the given key name.
func (p Public) CosignatureVerifier(name string) (note.Verifier, error) {
	v, err := p.cosignatureKey(name)
	if err != nil {
		return nil, err
	}
	return v, nil
}

// CosignatureKey is the encoded verifier key ("vkey") that other programs are configured with.
func (p Public) CosignatureKey(name string) (string, error) {
	v, err := p.cosignatureKey(name)
	if err != nil {
		return "", err
	}
	return encodeKey(name, v.hash, typeCosignature, p.Ed25519), nil
}

func (p Public) cosignatureKey(name string) (cosignatureVerifier, error) {
	if _, err := p.NoteKey(name); err != nil { // the key's length
		return cosignatureVerifier{}, err
	}
	if _, err := p.NoteVerifier(name); err != nil { // the name's grammar
		return cosignatureVerifier{}, err
	}
	return cosignatureVerifier{name, keyHash(name, typeCosignature, p.Ed25519), p.Ed25519}, nil
}

type cosigner struct {
	noteSigner
	at uint64
}

// Sign signs note text only, as a note's signer does.
func (s *cosigner) Sign(msg []byte) ([]byte, error) {
	timed := cosigned(s.at, msg)
	sig, err := s.noteSigner.Sign(timed)
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint64(nil, s.at), sig...), nil
}

type cosignatureVerifier struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (v cosignatureVerifier) Name() string    { return v.name }
func (v cosignatureVerifier) KeyHash() uint32 { return v.hash }

func (v cosignatureVerifier) Verify(msg, sig []byte) bool {
	return len(sig) == cosignatureSize && ed25519.Verify(v.key, cosigned(binary.BigEndian.Uint64(sig), msg), sig[8:])
}

// cosigned is the text that is signed.
func cosigned(at uint64, msg []byte) []byte {
	b := strconv.AppendUint([]byte("cosignature/v1\ntime "), at, 10)
	return append(append(b, '\n'), msg...)
}
