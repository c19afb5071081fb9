package sum

import (
	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
)

// scheme is the protocol of steps that a round is held by: secagg's (masked.go), or that of package bounded with its proofs (proven.go). What is the same in
// both – who says what when, sets, journals, attempts – is in the rest of this package.
type scheme interface {
	steps() []secagg.Kind                   // a member's messages, in their order
	opening() secagg.Kind                   // once its set is fixed, members may open the sum
	size(r secagg.Round, k secagg.Kind) int // bounds a message of a kind, in bytes; 0: there is none
	open(s secagg.Signing, r secagg.Round, k secagg.Kind, member string, raw []byte) (*secagg.Message, error)
	conflict(s secagg.Signing, r secagg.Round, k secagg.Kind, a, b []byte) (member string, ok bool)
	judge(s secagg.Signing, r secagg.Round, k secagg.Kind, got *sets) error                      // what anybody can see once the set of a kind is fixed
	accused(s secagg.Signing, r secagg.Round, member string, raw []byte) (*bounded.Fault, error) // of an objection
	begin(s secagg.Signing, r secagg.Round, self string, seed *[32]byte) (speaker, error)        // without a seed it draws one
	conclude(s secagg.Signing, r secagg.Round, got *sets, vectors map[string][]byte) (*Outcome, error)
}

// speaker is a member's part in the steps of an attempt.
type speaker interface {
	Seed() [32]byte
	// say does a step on the sets of p; a vector travels beside a masked message. The list is what the member is to bind itself to before the message leaves.
	say(p *part, k secagg.Kind) (m *secagg.Message, vector []byte, err error)
	// bound is what fixes the sum, before the message of a kind leaves that opens it; ok is false for other kinds.
	bound(p *part, k secagg.Kind, m *secagg.Message) (what []byte, ok bool)
	object(f *bounded.Fault) *secagg.Message
}

// sets are messages by kind and member, 255 kinds at most.
type sets [secagg.KindObjection + 1]map[string][]byte

// schemeOf is the scheme of a round; where bounds are proven it is theirs, and r becomes the round that messages are signed in.
func schemeOf(r *secagg.Round, p *bounded.Round) (scheme, error) {
	if p == nil {
		return masked{}, r.Check()
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	*r = p.Base()
	return newProven(*p)
}
