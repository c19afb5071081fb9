package identity

import (
	"encoding"
	"fmt"
	"sync"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

// maxExpanded bounds how many expanded keys of a kind are kept, some 60 KiB each.
const maxExpanded = 128

// expanded keeps the expanded form of verification keys: the matrix that an ML-DSA key stands for costs about as much to make as one
// verification, and a ledger's few members sign everything. It holds nothing secret and decides nothing; a key that is not in it is expanded again.
type expanded[K any] struct {
	mu   sync.Mutex // guards keys
	keys map[string]*K
}

var (
	statementKeys  expanded[mldsa65.PublicKey]
	checkpointKeys expanded[mldsa44.PublicKey]
)

// expand decodes a verification key. What it returns is shared and must not be changed.
func expand[K any, P interface {
	*K
	encoding.BinaryUnmarshaler
}](in *expanded[K], key []byte, size int) (*K, error) {
	if len(key) != size {
		return nil, fmt.Errorf("key has %d bytes, want %d", len(key), size)
	}
	in.mu.Lock()
	pk := in.keys[string(key)]
	in.mu.Unlock()
	if pk != nil {
		return pk, nil
	}
	pk = new(K)
	if err := P(pk).UnmarshalBinary(key); err != nil {
		return nil, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.keys == nil || len(in.keys) >= maxExpanded {
		in.keys = map[string]*K{}
	}
	in.keys[string(key)] = pk
	return pk, nil
}
