package bounded

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/cloudflare/circl/kem/xwing"
	"github.com/cloudflare/circl/vdaf/prio3/arith/fp128"
	"github.com/cloudflare/circl/vdaf/prio3/sumvec"

	"github.com/tacet-health/tacet/crypto/secagg"
)

// Member is one member's part in one round. Its secrets are in memory only. Not safe for concurrent use.
type Member struct {
	round   Round
	base    secagg.Round
	id      [32]byte
	self    int
	sign    secagg.Signing
	step    secagg.Kind
	prover  *prover
	seed    [32]byte // everything random is drawn from it
	private []byte
	public  []byte

	hash  [32]byte       // of the last step's messages
	dealt []dealt        // of this member's report, by member
	got   []dealt        // of the others' reports, by member
	parts []part         // in the verification of the others' reports
	mine  []part         // what each aggregator's part in this member's report must be
	open  []byte         // masked share of the sum
	nonce []sumvec.Nonce // by author
}

// dealt is what goes into one box: seeds of a mask and of a tag key, and the Prio3 share.
type dealt struct{ mask, tag, share []byte }

// steps in their order.
var steps = []secagg.Kind{0, secagg.KindKeys, secagg.KindReport, secagg.KindPrep, secagg.KindCommit, secagg.KindTags, secagg.KindOpen}

// New prepares a member's part. It refuses a round that Check refuses, and one that does not name the member.
func New(r Round, self string, s secagg.Signing) (*Member, error) {
	var seed [32]byte
	rand.Read(seed[:]) // never fails
	return Resume(r, self, s, seed)
}

// Resume is New with the seed that an earlier life of this member drew (Member.Seed): the same inputs then give the same bodies of messages. The caller holds
// each against what that life has said, and stops where they differ.
func Resume(r Round, self string, s secagg.Signing, seed [32]byte) (*Member, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	i, ok := slices.BinarySearch(r.Members, self)
	if !ok {
		return nil, fmt.Errorf("bounded: %s is not in the roster", self)
	}
	p, err := newProver(r)
	if err != nil {
		return nil, fmt.Errorf("bounded: %w", err)
	}
	base := r.Base()
	m := &Member{round: r, base: base, id: base.ID(), self: i, sign: s, prover: p, seed: seed}
	m.private, m.public = xwing.DeriveKeyPairPacked(derive(seed[:], m.id, fmt.Sprintf("key-pair/%d", i)))
	return m, nil
}

// Seed is what Resume needs. It is as secret as the member's vector.
func (m *Member) Seed() [32]byte { return m.seed }

// take does a step once, in order, on the messages of the step before: all members', who all were shown the same of the step before that.
func (m *Member) take(k secagg.Kind, raw map[string][]byte) ([]*secagg.Message, error) {
	at := slices.Index(steps, k)
	if m.step != steps[at-1] {
		return nil, fmt.Errorf("%w: %s after %s", secagg.ErrOrder, k, m.step)
	}
	msgs, hash, err := collect(m.round, m.base, m.prover, m.sign, steps[at-1], raw, m.hash)
	if err != nil {
		return nil, err
	}
	m.step, m.hash = k, hash
	return msgs, nil
}

// collect opens all members' messages of a kind. All but keys begin with the hash of the step before.
func collect(r Round, base secagg.Round, p *prover, s secagg.Signing, k secagg.Kind, raw map[string][]byte, before [32]byte) ([]*secagg.Message, [32]byte, error) {
	msgs, err := secagg.Collect(s, base, k, raw, r.size(p, k))
	if err != nil {
		return nil, before, err
	}
	for _, msg := range msgs {
		if k != secagg.KindKeys && !bytes.Equal(msg.Body[:32], before[:]) {
			return nil, before, &Fault{msg.Member, OtherMessages, nil}
		}
	}
	return msgs, secagg.HashAll(msgs), nil
}

// size of a message's body.
func (r Round) size(p *prover, k secagg.Kind) int {
	others := len(r.Members) - 1
	switch k {
	case secagg.KindKeys:
		return xwing.PublicKeySize
	case secagg.KindReport:
		return 32 + p.publicSize + boxSize(p, 0) + (others-1)*boxSize(p, 1)
	case secagg.KindPrep:
		return 32 + others*p.prepSize
	case secagg.KindCommit:
		return 64
	case secagg.KindTags:
		return 32 + others*fieldSize
	case secagg.KindObjection:
		return objectionSize
	default:
		return 32 + (r.Length+1)*fieldSize
	}
}

func (m *Member) message(k secagg.Kind, parts ...[]byte) *secagg.Message {
	return secagg.Sign(m.sign, k, m.base, m.round.Members[m.self], bytes.Join(parts, nil))
}

// Keys is the first step: the member's key of this round.
func (m *Member) Keys() (*secagg.Message, error) {
	if m.step != 0 {
		return nil, fmt.Errorf("%w: keys after %s", secagg.ErrOrder, m.step)
	}
	m.step = secagg.KindKeys
	return m.message(secagg.KindKeys, m.public), nil
}

// Commit is the fourth step. Every report must be proven to be in range; the error is a Fault of the first author whose is not, and is ErrRange. This member
// knows what every aggregator of its own report must say, and names one that says something else.
func (m *Member) Commit(preps map[string][]byte) (*secagg.Message, error) {
	msgs, err := m.take(secagg.KindCommit, preps)
	if err != nil {
		return nil, err
	}
	n := len(m.round.Members)
	for j := range n {
		if j != m.self && !bytes.Equal(prepOf(m.round, m.prover, msgs, m.self, j), m.mine[j].prep) {
			return nil, &Fault{m.round.Members[j], BadPart, nil}
		}
	}
	sum := make(fp128.Vec, m.round.Length+1)
	for p := range n {
		msg, err := verified(m.round, m.prover, msgs, p)
		switch {
		case p == m.self && err != nil:
			return nil, errors.New("bounded: this member's own report is not proven to be in range")
		case err != nil:
			return nil, err
		case p == m.self:
			continue
		}
		if _, err := m.prover.PrepNext(m.parts[p].state, msg); err != nil {
			return nil, &Fault{m.round.Members[p], NotProven, err}
		}
		sum.AddAssign(append(m.parts[p].out, expand(m.got[p].tag, 1)...))
	}
	for j := range n {
		if j == m.self {
			continue
		}
		lower, higher := m.dealt[j].mask, m.got[j].mask
		if j < m.self {
			lower, higher = higher, lower
		}
		mask := expand(derive(slices.Concat(lower, higher), m.id, "mask"), len(sum))
		if m.self < j {
			sum.AddAssign(mask)
		} else {
			sum.SubAssign(mask)
		}
	}
	m.open = encode(sum)
	h := sha256.Sum256(m.open)
	return m.message(secagg.KindCommit, m.hash[:], h[:]), nil
}

// Tags is the fifth step: of every share that this member dealt.
func (m *Member) Tags(commits map[string][]byte) (*secagg.Message, error) {
	if _, err := m.take(secagg.KindTags, commits); err != nil {
		return nil, err
	}
	rho := coefficients(m.id, m.hash, m.round.Length)
	out := [][]byte{m.hash[:]}
	for j := range m.round.Members {
		if j != m.self {
			out = append(out, tag(rho, m.mine[j], m.dealt[j]))
		}
	}
	for j := range m.parts {
		if j != m.self {
			m.got[j].share = tag(rho, m.parts[j], m.got[j]) // what j must say
		}
	}
	return m.message(secagg.KindTags, out...), nil
}

// Open is the last step: when the tags of everything this member was dealt are right, its masked share of the sum.
func (m *Member) Open(tags map[string][]byte) (*secagg.Message, error) {
	msgs, err := m.take(secagg.KindOpen, tags)
	if err != nil {
		return nil, err
	}
	for p, name := range m.round.Members {
		if p != m.self && !bytes.Equal(tagOf(msgs[p], p, m.self), m.got[p].share) {
			return nil, &Fault{name, BadTag, nil}
		}
	}
	return m.message(secagg.KindOpen, m.hash[:], m.open), nil
}

// verified decides over the report of member p.
func verified(r Round, p *prover, preps []*secagg.Message, author int) (*sumvec.PrepMessage, error) {
	n := len(r.Members)
	parts := make([][]byte, n-1)
	for j := range n {
		if j != author {
			parts[r.aggregator(author, j)] = prepOf(r, p, preps, author, j)
		}
	}
	msg, err := p.verify(parts)
	if err != nil {
		return nil, &Fault{r.Members[author], NotProven, err}
	}
	return msg, nil
}

// place of p among the members without self.
func place(p, self int) int {
	if p > self {
		return p - 1
	}
	return p
}

func prepOf(_ Round, p *prover, preps []*secagg.Message, author, aggregator int) []byte {
	return preps[aggregator].Body[32+place(author, aggregator)*p.prepSize:][:p.prepSize]
}

func tagOf(msg *secagg.Message, dealer, holder int) []byte {
	return msg.Body[32+place(holder, dealer)*fieldSize:][:fieldSize]
}

func coefficients(id, commits [32]byte, n int) fp128.Vec {
	return expand(derive(commits[:], id, "coefficients"), n)
}

func tag(rho fp128.Vec, x part, d dealt) []byte {
	t := inner(rho, append(slices.Clone(x.out), expand(d.tag, 1)...))
	return encode(fp128.Vec{t})
}
