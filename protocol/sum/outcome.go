package sum

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/secagg"
)

// Errors of a member's part.
var (
	// ErrRestored: the member's folder is older than what it has signed.
	ErrRestored = errors.New("this directory is older than what you have already signed in this round: do not use it")
	// ErrContradiction: somebody has signed two things; both are in the folder's evidence.
	ErrContradiction = errors.New("two signed messages contradict each other; both are kept as evidence")
	// ErrConvicted: the convener has signed what it may not (Convicts); what proves it is in the folder's evidence.
	ErrConvicted = errors.New("what the convener has signed convicts it; it is kept as evidence")
	// ErrOver: the convener says that the round has ended without a sum.
	ErrOver = errors.New("the round ended without a sum")
	// ErrCrashed: a test's Crash said so.
	ErrCrashed = errors.New("stopped as by a crash")
)

// Outcome is a round with its sum.
type Outcome struct {
	Round      secagg.Round // with the number of the attempt that was held to its end
	Sum        *secagg.Sum
	Transcript [32]byte          // the same for everybody: binds everything that fixes the sum
	Words      map[string][]byte // the convener's: what Accept took
}

// transcript binds to all that fixes the sum: of proven bounds, the hash of all tags. Of masks, the list: it holds the hashes of the masked messages, those of all shares, those of all keys; who has cosigned
// and revealed is left out, since the sum does not depend on it.
func transcript(r secagg.Round, fixes []byte) [32]byte {
	id := r.ID()
	h := sha256.New()
	h.Write([]byte("tacet/sum/transcript/v1"))
	h.Write(id[:])
	h.Write(fixes)
	return [32]byte(h.Sum(nil))
}

// signing makes and checks signatures with the members' keys, which come from the caller's directory and never from the convener.
func signing(k *identity.Keys, members map[string]identity.Public) secagg.Signing {
	return secagg.Signing{Sign: k.Sign, Verify: func(member, context string, msg, sig []byte) error {
		p, ok := members[member]
		if !ok {
			return fmt.Errorf("no member %.64q", member)
		}
		return p.Verify(context, msg, sig)
	}}
}
