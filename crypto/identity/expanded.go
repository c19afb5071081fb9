package identity

import (
	"fmt"
	"sync"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

// maxExpanded bounds how many expanded ML-DSA-65 keys are kept, some 60 KiB each.
const maxExpanded = 128

// expanded keeps the expanded form of verification keys: the matrix that an ML-DSA key stands for costs about as much to make as one
// verification, and a ledger's few members sign everything. It holds nothing secret and decides nothing; a key that is not in it is expanded again.
var expanded = struct {
	sync.Mutex // guards keys
	keys       map[[mldsa65.PublicKeySize]byte]*mldsa65.PublicKey
}{keys: map[[mldsa65.PublicKeySize]byte]*mldsa65.PublicKey{}}

// expand decodes an ML-DSA-65 verification key. What it returns is shared and must not be changed.
func expand(key []byte) (*mldsa65.PublicKey, error) {
	if len(key) != mldsa65.PublicKeySize {
		return nil, fmt.Errorf("ML-DSA-65 key has %d bytes, want %d", len(key), mldsa65.PublicKeySize)
	}
	id := [mldsa65.PublicKeySize]byte(key)
	expanded.Lock()
	pk := expanded.keys[id]
	expanded.Unlock()
	if pk != nil {
		return pk, nil
	}
	pk = new(mldsa65.PublicKey)
	if err := pk.UnmarshalBinary(key); err != nil {
		return nil, err
	}
	expanded.Lock()
	defer expanded.Unlock()
	if len(expanded.keys) >= maxExpanded {
		clear(expanded.keys)
	}
	expanded.keys[id] = pk
	return pk, nil
}
