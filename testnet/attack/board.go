package attack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

// seat is one member's Board.
type seat struct {
	n    *network
	name string
}

// Publish gives a statement to everybody else, through the decoding and verification that a payer's control stream has.
func (s seat) Publish(m wire.Message) {
	n := s.n
	n.mu.Lock()
	defer n.mu.Unlock()
	c, isCommit := m.(*wire.SignedCommit)
	if isCommit {
		n.commits = append(n.commits, c)
	} else {
		n.voids = append(n.voids, m.(*wire.SignedVoid))
	}
	for to := range n.hooks {
		switch {
		case to == s.name:
		case isCommit && n.show != nil:
			for _, c := range n.show(to, c) {
				n.deliver(to, wire.KindCommit, c.Bytes())
			}
		case isCommit:
			n.deliver(to, wire.KindCommit, c.Bytes())
		default:
			n.deliver(to, wire.KindVoid, m.(*wire.SignedVoid).Bytes())
		}
	}
}

func (n *network) deliver(to string, kind wire.Kind, b []byte) {
	members := map[string]identity.Public{}
	for m, k := range n.keys {
		members[m] = k.Public()
	}
	if e, err := driver.Open(members, kind, b); err == nil {
		n.queues[to] <- e
	}
}

// Put takes an object in.
func (s seat) Put(_ context.Context, o wire.Object, path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	s.n.mu.Lock()
	defer s.n.mu.Unlock()
	s.n.put(o.Hash, b)
	place := s.name + " " + s.n.steps()[o.Step].String()
	s.n.shown[place] = append(s.n.shown[place], wire.Hash(sha256.Sum256(b)))
	return nil
}

// put is called with n.mu held.
func (n *network) put(h wire.Hash, b []byte) {
	n.objects[h] = b
	close(n.grown)
	n.grown = make(chan struct{})
}

// Get gives an object out, through the check of hash and size that a payer's stream has.
func (s seat) Get(ctx context.Context, o wire.Object, path string) (string, error) {
	for {
		s.n.mu.Lock()
		b, ok := s.n.objects[o.Hash]
		grown := s.n.grown
		s.n.mu.Unlock()
		if ok {
			if s.n.swap != nil {
				b = s.n.swap(s.name, o, b)
			}
			return path, objects.Receive(path, bytes.NewReader(b), o.Hash, o.Size)
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
