package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

// SignatureSize is the length in bytes of every hybrid signature.
const SignatureSize = ed25519.SignatureSize + mldsa65.SignatureSize

// MaxContext is the greatest length in bytes of a signature's context.
const MaxContext = 255

const signatureLabel = "tacet/signature/v1"

// ErrSignature is what Verify's errors wrap when a signature does not verify.
var ErrSignature = errors.New("signature does not verify")

// Sign signs msg for one use, named by context: 1 to 255 bytes, a constant of
// the calling program ("tacet/certificate/v1"). It panics on any other context,
// which no peer can bring about. The result has SignatureSize bytes and is the
// same for the same input.
func (k *Keys) Sign(context string, msg []byte) []byte {
	if err := checkContext(context); err != nil {
		panic("identity: " + err.Error())
	}
	in := signatureInput(context, k.signer, msg)
	sig := make([]byte, SignatureSize)
	copy(sig, ed25519.Sign(k.ed, in))
	if err := mldsa65.SignTo(k.mldsa, in, []byte(signatureLabel), false, sig[ed25519.SignatureSize:]); err != nil {
		panic("identity: signing with ML-DSA-65: " + err.Error()) // only for a FIPS 204 context over 255 bytes
	}
	return sig
}

// Verify checks that this member signed msg under context. Both halves must
// verify; the error wraps ErrSignature when one does not, and says which. The
// keys are a peer's and may be anything: Verify does not panic.
func (p Public) Verify(context string, msg, sig []byte) error {
	if err := checkContext(context); err != nil {
		return err
	}
	if len(sig) != SignatureSize {
		return fmt.Errorf("signature of %q has %d bytes, want %d: %w", p.Name, len(sig), SignatureSize, ErrSignature)
	}
	if len(p.Ed25519) != ed25519.PublicKeySize || len(p.MLDSA65) != mldsa65.PublicKeySize {
		return fmt.Errorf("verification keys of %q have the wrong length: %w", p.Name, ErrSignature)
	}
	pq, err := expand(&statementKeys, p.MLDSA65, mldsa65.PublicKeySize)
	if err != nil {
		return fmt.Errorf("ML-DSA-65 key of %q: %v: %w", p.Name, err, ErrSignature)
	}
	in := signatureInput(context, signerID(p.Ed25519, p.MLDSA65), msg)
	if !ed25519.Verify(p.Ed25519, in, sig[:ed25519.SignatureSize]) {
		return fmt.Errorf("Ed25519 half of a signature of %q under %q: %w", p.Name, context, ErrSignature)
	}
	if !mldsa65.Verify(pq, in, []byte(signatureLabel), sig[ed25519.SignatureSize:]) {
		return fmt.Errorf("ML-DSA-65 half of a signature of %q under %q: %w", p.Name, context, ErrSignature)
	}
	return nil
}

func checkContext(context string) error {
	if n := len(context); n < 1 || n > MaxContext {
		return fmt.Errorf("signature context has %d bytes, want 1 to %d", n, MaxContext)
	}
	return nil
}

// signatureInput is the byte string both algorithms sign; doc.go has the format.
func signatureInput(context string, signer [sha256.Size]byte, msg []byte) []byte {
	in := make([]byte, 0, 2+len(signatureLabel)+len(context)+len(signer)+len(msg))
	in = append(in, 0xff)
	in = append(in, signatureLabel...)
	in = append(in, byte(len(context)))
	in = append(in, context...)
	in = append(in, signer[:]...)
	return append(in, msg...)
}

// signerID identifies a pair of verification keys; both lengths are fixed.
func signerID(ed, mldsa []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte("tacet/signer/v1"))
	h.Write(ed)
	h.Write(mldsa)
	return [sha256.Size]byte(h.Sum(nil))
}
