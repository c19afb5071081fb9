package attack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// childVariable asks the process that Run is called in to do nothing but read truncated bytes with the library's reader, and to die of it.
const childVariable = "TACET_ATTACK_CHILD"

// child is that process. It returns only when the library has refused, which is then the attack's failure.
func child(s *scene) error {
	debug.SetMaxStack(64 << 20) // the recursion has no end; it need not fill a gigabyte first
	b, err := s.unguarded()
	if err != nil {
		return err
	}
	_, err = s.lab.ReadUnguarded(b[:len(b)/2])
	return fmt.Errorf("the library refused: %w", err)
}

// unguarded is a share in the library's own encoding.
func (s *scene) unguarded() ([]byte, error) {
	return s.lab.WriteUnguarded(s.constant(big.NewInt(5), 1))
}

// malformedObjects: shares read with the library's readers, and told apart by the hash of their bytes.
func malformedObjects(ctx context.Context, s *scene) (string, error) {
	b, err := s.unguarded()
	if err != nil {
		return "", err
	}
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	victim := exec.CommandContext(ctx, exe, "testnet", "attack", "malformed-objects")
	victim.Env = append(os.Environ(), childVariable+"=truncated")
	out, err := victim.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "stack overflow") {
		return "", fmt.Errorf("a truncated share did not end the process: %v: %.200s", err, out)
	}
	huge := bytes.Clone(b)
	binary.LittleEndian.PutUint64(huge, 1<<60)
	if _, err := guarded(func() (string, error) { _, err := s.lab.ReadUnguarded(huge); return "", err }); err == nil || !strings.HasPrefix(err.Error(), "panic") {
		return "", fmt.Errorf("a length of 2^60 did not panic: %v", err)
	}
	// one share, spelled three ways, for an aggregate that keeps the hashes of what it has added
	longer := append(bytes.Clone(b), 0)
	p, err := s.lab.ReadUnguarded(b)
	if err != nil {
		return "", err
	}
	p[0][0] += s.plan.Set().Q[0]
	other, err := s.lab.WriteUnguarded(p)
	if err != nil {
		return "", err
	}
	seen := map[[32]byte]bool{}
	sum := s.constant(big.NewInt(0), 1)
	for _, spelling := range [][]byte{b, longer, other} {
		if h := sha256.Sum256(spelling); !seen[h] {
			seen[h] = true
			p, err := s.lab.ReadUnguarded(spelling)
			if err != nil {
				return "", fmt.Errorf("the library refused a spelling: %w", err)
			}
			sum = s.each(sum, p, func(a, b, q uint64) uint64 { return add(a, b%q, q) })
		}
	}
	if sum[0][0] != 15 {
		return "", errors.New("the share was not counted three times")
	}
	return "a truncated share: fatal stack overflow, the process is dead; a length of 2^60: panic; a trailing byte, a residue + q: one share counted three times", nil
}

// object is one kind of thing that a peer sends, with the reader that takes it.
type object struct {
	name  string
	bytes []byte
	first uint64 // modulus of the first residue
	at    int    // of the first residue
	read  func(b []byte) error
}

// objects makes one of every kind, and the reader that waits for it.
func (s *scene) objects() ([]object, error) {
	n, cts, err := s.contributed("malformed")
	if err != nil {
		return nil, err
	}
	q0 := s.plan.Set().Q[0]
	add := func(f func(*bytes.Reader) error) func([]byte) error {
		return func(b []byte) error { return f(bytes.NewReader(b)) }
	}
	ct, err := s.c.NewEvaluator(nil).Rescale(cts[0])
	if err != nil {
		return nil, err
	}
	q := mhe.RefreshRequest{Stage: 0, Index: 0, Ciphertext: ct, High: true}
	var refresh, decrypt, whole bytes.Buffer
	if err := n.parties[victim].Refresh(q, &refresh); err != nil {
		return nil, err
	}
	result := s.chosen(floodless(), s.plan.Set().DecryptLevel(), true)
	if err := n.parties[victim].Decrypt(0, result, &decrypt); err != nil {
		return nil, err
	}
	if _, err := ct.WriteTo(&whole); err != nil {
		return nil, err
	}
	return []object{
		{"key share of round one", n.one[victim], q0, headerSize, add(func(r *bytes.Reader) error {
			return s.c.NewKeySum(n.ref, s.plan.Rotations()).AddRoundOne(r)
		})},
		{"key share of round two", n.two[victim], q0, headerSize, add(func(r *bytes.Reader) error {
			k, err := n.sum(n.one)
			if err != nil {
				return err
			}
			return k.AddRoundTwo(r)
		})},
		{"input share", n.inputs[victim], q0, headerSize, add(func(r *bytes.Reader) error { return s.c.NewInputSum(n.ref, 1).Add(0, r) })},
		{"refresh share", refresh.Bytes(), q0, headerSize, add(func(r *bytes.Reader) error { return s.c.NewRefreshSum(n.ref, q).Add(r) })},
		{"decryption share", decrypt.Bytes(), q0, headerSize, add(func(r *bytes.Reader) error { return s.c.NewDecryptSum(result).Add(r) })},
		{"ciphertext", whole.Bytes(), q0, headerSize + 24, add(func(r *bytes.Reader) error {
			_, err := s.c.ReadCiphertext(r, ct.Level(), false)
			return err
		})},
	}, nil
}

func malformedObjectsRefused(_ context.Context, s *scene) (string, error) {
	all, err := s.objects()
	if err != nil {
		return "", err
	}
	var texts []string
	for _, o := range all {
		if err := o.read(o.bytes); err != nil {
			return "", fmt.Errorf("%s as it should be: %w", o.name, err)
		}
		field := bytes.Clone(o.bytes)
		w := width(o.first)
		for i := range w {
			field[o.at+i] = 0xff
		}
		long := bytes.Clone(o.bytes)
		binary.LittleEndian.PutUint64(long[16:], 1<<60)
		for _, m := range []struct {
			what  string
			bytes []byte
			want  string
		}{
			{"truncated", o.bytes[:len(o.bytes)-1], "truncated"},
			{"cut in its header", o.bytes[:headerSize/2], "truncated"},
			{"empty", nil, "truncated"},
			{"oversized length", long, "other length"},
			{"trailing byte", append(bytes.Clone(o.bytes), 0), "bytes after its end"},
			{"out of field", field, "residue not below its modulus"},
		} {
			text, err := refused(o.read(m.bytes), mhe.ErrMalformed)
			if err != nil {
				return "", fmt.Errorf("%s, %s: %w", o.name, m.what, err)
			}
			if !strings.Contains(text, m.want) {
				return "", fmt.Errorf("%s, %s: %s, want %q", o.name, m.what, text, m.want)
			}
			if o.name == "input share" && m.what != "empty" && m.what != "cut in its header" {
				texts = append(texts, fmt.Sprintf("%q", text))
			}
		}
	}
	return fmt.Sprintf("%s; likewise all %d kinds of objects", strings.Join(texts, "; "), len(all)), nil
}
