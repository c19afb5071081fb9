package identity

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"golang.org/x/mod/sumdb/note"
)

// A subtree cosignature (c2sp.org/tlog-cosignature, key type 6) is a checkpoint's signature by the log or by another cosigner. It is eight bytes of
// Unix time, big endian, and the ML-DSA-44 signature, with an empty FIPS 204 context, of
//
//	"subtree/v1\n\0" ‖ len(name) ‖ name ‖ time ‖ len(origin) ‖ origin ‖ start ‖ end ‖ root
//
// with lengths of one byte and numbers of eight. A checkpoint of size n is the subtree from 0 to n. Other subtrees are not signed here.

const (
	typeSubtree      = 6
	subtreeSignature = 8 + mldsa44.SignatureSize
	subtreeLabel     = "subtree/v1\n\x00"
)

// SubtreeCosigner signs checkpoints with the ML-DSA-44 key under the given key name as of the given time, which may not be before 1970. Anything but a
// checkpoint of three lines it refuses to sign: an extension line would not be covered.
func (k *Keys) SubtreeCosigner(name string, at time.Time) note.Signer {
	v, err := k.public.subtreeKey(name)
	if err == nil && at.Unix() < 0 {
		err = errors.New("cosigning: the clock is before 1970")
	}
	return &subtreeCosigner{name: name, hash: v.hash, key: k.cosign, at: uint64(at.Unix()), err: err}
}

// SubtreeVerifier verifies this member's subtree cosignatures under the given key name.
func (p Public) SubtreeVerifier(name string) (note.Verifier, error) {
	v, err := p.subtreeKey(name)
	if err != nil {
		return nil, err
	}
	return v, nil
}

// SubtreeKey is the encoded verifier key ("vkey") that other programs are configured with.
func (p Public) SubtreeKey(name string) (string, error) {
	v, err := p.subtreeKey(name)
	if err != nil {
		return "", err
	}
	return encodeKey(name, v.hash, typeSubtree, p.MLDSA44), nil
}

func (p Public) subtreeKey(name string) (subtreeVerifier, error) {
	if len(p.MLDSA44) != mldsa44.PublicKeySize {
		return subtreeVerifier{}, fmt.Errorf("ML-DSA-44 key of %s has %d bytes, want %d", p.Name, len(p.MLDSA44), mldsa44.PublicKeySize)
	}
	if err := checkKeyName(name); err != nil {
		return subtreeVerifier{}, err
	}
	return subtreeVerifier{name, keyHash(name, typeSubtree, p.MLDSA44), p.MLDSA44}, nil
}

type subtreeCosigner struct {
	name string
	hash uint32
	key  *mldsa44.PrivateKey
	at   uint64
	err  error
}

func (s *subtreeCosigner) Name() string    { return s.name }
func (s *subtreeCosigner) KeyHash() uint32 { return s.hash }

func (s *subtreeCosigner) Sign(msg []byte) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	in, err := subtreeInput(s.name, s.at, msg)
	if err != nil {
		return nil, fmt.Errorf("cosigning: %w", err)
	}
	sig := make([]byte, subtreeSignature)
	binary.BigEndian.PutUint64(sig, s.at)
	if err := mldsa44.SignTo(s.key, in, nil, false, sig[8:]); err != nil {
		return nil, fmt.Errorf("cosigning with ML-DSA-44: %w", err)
	}
	return sig, nil
}

// Format hides the key under every verb.
func (s *subtreeCosigner) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "checkpoint key %s+%08x", s.name, s.hash)
}

type subtreeVerifier struct {
	name string
	hash uint32
	key  []byte
}

func (v subtreeVerifier) Name() string    { return v.name }
func (v subtreeVerifier) KeyHash() uint32 { return v.hash }

func (v subtreeVerifier) Verify(msg, sig []byte) bool {
	if len(sig) != subtreeSignature {
		return false
	}
	in, err := subtreeInput(v.name, binary.BigEndian.Uint64(sig), msg)
	if err != nil {
		return false
	}
	pk, err := expand(&checkpointKeys, v.key, mldsa44.PublicKeySize)
	return err == nil && mldsa44.Verify(pk, in, nil, sig[8:])
}

// subtreeInput is what is signed for a checkpoint's text: origin, size, root, each a line in its one form.
func subtreeInput(name string, at uint64, msg []byte) ([]byte, error) {
	lines := bytes.Split(msg, []byte("\n"))
	if len(lines) != 4 || len(lines[0]) < 1 || len(lines[0]) > 255 || len(lines[3]) != 0 {
		return nil, errors.New("not a checkpoint of three lines")
	}
	size, err := strconv.ParseUint(string(lines[1]), 10, 63)
	if err != nil || strconv.FormatUint(size, 10) != string(lines[1]) {
		return nil, errors.New("not a checkpoint: the second line is no size")
	}
	root, err := base64.StdEncoding.DecodeString(string(lines[2]))
	if err != nil || len(root) != 32 || base64.StdEncoding.EncodeToString(root) != string(lines[2]) {
		return nil, errors.New("not a checkpoint: the third line is no root")
	}
	if at > 1<<63-1 || len(name) > 255 {
		return nil, errors.New("a time or a name out of range")
	}
	in := append([]byte(subtreeLabel), byte(len(name)))
	in = binary.BigEndian.AppendUint64(append(in, name...), at)
	in = append(append(in, byte(len(lines[0]))), lines[0]...)
	in = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(in, 0), size)
	return append(in, root...), nil
}
