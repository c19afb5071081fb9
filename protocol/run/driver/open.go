package driver

import (
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/wire"
)

// Members returns the public keys of everyone who takes part.
func Members(a run.Authority, m *run.Manifest) (map[string]identity.Public, error) {
	out := map[string]identity.Public{}
	for _, name := range append(slices.Clone(m.Payers), m.Convener) {
		p, err := a.Member(name)
		if err != nil {
			return nil, fmt.Errorf("run %s: keys of member %s: %w", m.Run, name, err)
		}
		out[name] = p
	}
	return out, nil
}

// Open decodes a signed message of a peer and verifies its signature with the
// keys of the member it names.
func Open(members map[string]identity.Public, kind wire.Kind, payload []byte) (run.Event, error) {
	switch kind {
	case wire.KindCommit:
		c, err := wire.DecodeCommit(payload)
		if err != nil {
			return nil, err
		}
		p, ok := members[c.Body().Member]
		if !ok {
			return nil, fmt.Errorf("commit of %s, who takes no part in the run", c.Body().Member)
		}
		return run.Received{Commit: c}, wire.VerifyCommit(c, p)
	case wire.KindVoid:
		v, err := wire.DecodeVoid(payload)
		if err != nil {
			return nil, err
		}
		p, ok := members[v.Body().Member]
		if !ok {
			return nil, fmt.Errorf("void of %s, who takes no part in the run", v.Body().Member)
		}
		return run.Voided{Void: v}, wire.VerifyVoid(v, p)
	}
	return nil, fmt.Errorf("message of kind %d where a signed one belongs", kind)
}
