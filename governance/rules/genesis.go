package rules

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
)

// MaxMembers is the most members a ledger can have at a time, the convener counted: each puts two signatures under a checkpoint, and readers of signed notes
// take a hundred (ledger.MaxSignatures).
const MaxMembers = 50

// Genesis is what all members agree on before there is a log. Its canonical bytes are entry 0 of the ledger, the same for
// everybody, and their hash starts every author chain.
type Genesis struct {
	Format   int               `json:"format"`   // 1
	Ledger   string            `json:"ledger"`   // the origin: a name like "capci.example/governance"
	Convener identity.Public   `json:"convener"` // orders, signs checkpoints; has no vote
	Members  []identity.Public `json:"members"`  // founding payers, in the order given; none when all join through the log
	// Insecure lets runs use parameter sets that are for tests. A real ledger has it false for ever.
	Insecure bool `json:"insecure"`
}

// Canonical checks the genesis and returns its bytes.
func (g Genesis) Canonical() ([]byte, error) {
	if g.Format != 1 {
		return nil, fmt.Errorf("genesis: format %d, want 1", g.Format)
	}
	if !isOrigin(g.Ledger) {
		return nil, fmt.Errorf("genesis: %q is no ledger name; use lower-case letters, digits, '.', '-' and '/', like capci.example/governance", g.Ledger)
	}
	if len(g.Members) >= MaxMembers {
		return nil, fmt.Errorf("genesis: %d founding payers, want at most %d", len(g.Members), MaxMembers-1)
	}
	if g.Members == nil {
		g.Members = []identity.Public{} // one encoding of nobody
	}
	all := append([]identity.Public{g.Convener}, g.Members...)
	for i, p := range all {
		if err := p.Validate(); err != nil {
			return nil, fmt.Errorf("genesis: member %q: %w", p.Name, err)
		}
		for _, q := range all[:i] {
			if p.Name == q.Name {
				return nil, fmt.Errorf("genesis: two members are called %q", p.Name)
			}
			if sharesKey(p, q) {
				return nil, fmt.Errorf("genesis: %q and %q share a key", q.Name, p.Name)
			}
		}
	}
	b, err := entry.Canonical(g)
	if err != nil {
		return nil, fmt.Errorf("genesis: %w", err)
	}
	if len(b) > entry.MaxSize {
		return nil, errors.New("genesis is too long")
	}
	return b, nil
}

// ParseGenesis reads canonical genesis bytes.
func ParseGenesis(b []byte) (Genesis, error) {
	var g Genesis
	if err := entry.Decode(b, &g); err != nil {
		return Genesis{}, fmt.Errorf("genesis: %w", err)
	}
	again, err := g.Canonical()
	if err != nil {
		return Genesis{}, err
	}
	if !bytes.Equal(again, b) {
		return Genesis{}, fmt.Errorf("genesis: %w", entry.ErrForm)
	}
	return g, nil
}

// Hash is the SHA-256 of canonical genesis bytes: what an invitation names.
func Hash(genesis []byte) [32]byte { return sha256.Sum256(genesis) }

// sharesKey says whether two members have a key in common; then one could act as the other.
func sharesKey(a, b identity.Public) bool {
	return bytes.Equal(a.Ed25519, b.Ed25519) || bytes.Equal(a.MLDSA65, b.MLDSA65) || bytes.Equal(a.MLDSA44, b.MLDSA44) || bytes.Equal(a.HPKE, b.HPKE) || a.TLSPin == b.TLSPin
}

// isOrigin keeps origins fit for note key names and file names: no space, no plus, no control character.
func isOrigin(s string) bool {
	return len(s) >= 3 && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.-/") == "" && s[0] != '/' && s[len(s)-1] != '/'
}
