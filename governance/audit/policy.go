package audit

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
)

// policyOf prints the trust policy (c2sp.org/tlog-policy) that the ledger's members amount to: the convener as the log, the present payers as
// witnesses, more than half of them as the quorum.
func policyOf(s *rules.State) ([]byte, error) {
	var b bytes.Buffer
	origin := s.Ledger()
	fmt.Fprintf(&b, "# Who must have signed a checkpoint of %s (c2sp.org/tlog-policy): each with Ed25519 and with ML-DSA-44, the log too, which is listed a\n", origin)
	fmt.Fprintf(&b, "# second time as a witness for that. Cosignatures have the time at which they were made (c2sp.org/tlog-cosignature); nothing depends on it.\n")
	convener := s.Genesis().Convener
	log, err := convener.NoteKey(origin)
	if err != nil {
		return nil, err
	}
	quantum, err := convener.SubtreeKey(origin)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&b, "log %s\nwitness log.ml-dsa-44 %s\n", log, quantum)
	payers := s.Payers()
	for _, name := range payers {
		p, _ := member(s, name)
		as := ledger.KeyName(origin, name)
		ed, err := p.CosignatureKey(as)
		if err != nil {
			return nil, err
		}
		if quantum, err = p.SubtreeKey(as); err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "witness %s.ed25519 %s\nwitness %s.ml-dsa-44 %s\ngroup %s.both all %s.ed25519 %s.ml-dsa-44\n", name, ed, name, quantum, name, name, name)
	}
	// Members' names have no '.', so none of them is taken for a group.
	if len(payers) == 0 {
		b.WriteString("quorum log.ml-dsa-44\n")
		return b.Bytes(), nil
	}
	fmt.Fprintf(&b, "group payers.majority %d %s.both\ngroup log.and.majority all log.ml-dsa-44 payers.majority\nquorum log.and.majority\n",
		len(payers)/2+1, strings.Join(payers, ".both "))
	return b.Bytes(), nil
}

// Policy is a trust policy that an auditor brings along (c2sp.org/tlog-policy): which keys a checkpoint must be signed with. Its methods may be
// called concurrently.
type Policy struct {
	logs      map[string]identity.VerifierKey // by key name, which is the origin
	witnesses map[string]identity.VerifierKey // by name in the policy
	groups    map[string]group
	grouped   map[string]bool // names that are a member of a group: each of one, so that groups are a tree
	quorum    string
}

type group struct {
	least   int
	members []string
}

// ParsePolicy reads a policy of Ed25519 and ML-DSA-44 keys: key type 1 or 6 for logs, 4 or 6 for witnesses. URLs are read over. A log has one key; one that
// signs with two is listed with the other as a witness.
func ParsePolicy(data []byte) (*Policy, error) {
	if len(data) > maxText {
		return nil, fmt.Errorf("policy of %d bytes, at most %d", len(data), maxText)
	}
	p := &Policy{logs: map[string]identity.VerifierKey{}, witnesses: map[string]identity.VerifierKey{}, groups: map[string]group{}, grouped: map[string]bool{}}
	seen := map[string]bool{}
	for i, line := range strings.Split(string(data), "\n") {
		f := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		if err := p.line(f, seen); err != nil {
			return nil, fmt.Errorf("policy line %d: %w", i+1, err)
		}
	}
	if len(p.logs) == 0 || p.quorum == "" {
		return nil, fmt.Errorf("policy has %d logs and quorum %q; it needs a log and a quorum", len(p.logs), p.quorum)
	}
	return p, nil
}

func (p *Policy) line(f []string, seen map[string]bool) error {
	key := func(vkey string) (identity.VerifierKey, error) {
		k, err := identity.ParseVerifierKey(vkey)
		if err == nil && seen[string(k.PublicKey)] {
			err = fmt.Errorf("the key of %s is listed twice", k.Name())
		}
		seen[string(k.PublicKey)] = true
		return k, err
	}
	switch {
	case f[0] == "log" && (len(f) == 2 || len(f) == 3):
		k, err := key(f[1])
		if err != nil {
			return err
		}
		if _, twice := p.logs[k.Name()]; twice || !k.Log {
			return fmt.Errorf("%s has a key already, or its key is not of a log's type, 1 or 6", k.Name())
		}
		p.logs[k.Name()] = k
	case f[0] == "witness" && (len(f) == 3 || len(f) == 4):
		k, err := key(f[2])
		if err != nil {
			return err
		}
		if !k.Cosigner {
			return fmt.Errorf("the key of %s is not of a witness's type, 4 or 6", k.Name())
		}
		if p.defined(f[1]) {
			return fmt.Errorf("%s is defined twice", f[1])
		}
		p.witnesses[f[1]] = k
	case f[0] == "group" && len(f) >= 4:
		return p.group(f[1], f[2], f[3:])
	case f[0] == "quorum" && len(f) == 2:
		if p.quorum != "" || f[1] != "none" && !p.defined(f[1]) {
			return fmt.Errorf("quorum %s is a second one, or not defined above", f[1])
		}
		p.quorum = f[1]
	default:
		return fmt.Errorf("%q with %d words is not a line of a policy", f[0], len(f))
	}
	return nil
}

func (p *Policy) group(name, least string, members []string) error {
	if name == "none" || p.defined(name) {
		return fmt.Errorf("group %s is defined twice", name)
	}
	g := group{members: members}
	switch least {
	case "any":
		g.least = 1
	case "all":
		g.least = len(members)
	default:
		n, err := strconv.Atoi(least)
		if err != nil || n < 1 || n > len(members) {
			return fmt.Errorf("group %s: %q of %d members", name, least, len(members))
		}
		g.least = n
	}
	for _, m := range members {
		if !p.defined(m) || p.grouped[m] {
			return fmt.Errorf("group %s: member %s is in a group already, or not defined above", name, m)
		}
		p.grouped[m] = true
	}
	p.groups[name] = g
	return nil
}

func (p *Policy) defined(name string) bool {
	_, w := p.witnesses[name]
	_, g := p.groups[name]
	return w || g
}

// satisfied says whether the signers, by their names in the policy, are a quorum.
func (p *Policy) satisfied(name string, signed map[string]bool) bool {
	if name == "none" {
		return true
	}
	if _, ok := p.witnesses[name]; ok {
		return signed[name]
	}
	n := 0
	for _, m := range p.groups[name].members {
		if p.satisfied(m, signed) {
			n++
		}
	}
	return n >= p.groups[name].least
}

// signers are the witnesses behind a checkpoint: who signed with several keys once, a log's members without its name.
func (p *Policy) signers(s *ledger.Signed) []string {
	var out []string
	for name := range s.Members {
		out = append(out, strings.TrimPrefix(p.witnesses[name].Name(), s.Origin+"/"))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// open verifies a signed checkpoint under the policy. Signatures of others are ignored, as the C2SP formats want.
func (p *Policy) open(note []byte, where string) (*ledger.Signed, *Finding) {
	c, err := textOf(note)
	if err != nil {
		return nil, bad(CodeCheckpoint, where, "%v", err)
	}
	log, ok := p.logs[c.Origin]
	if !ok {
		return nil, bad(CodeAnchor, where, "the policy does not know the log %.80q", c.Origin)
	}
	v := ledger.NewVerifiers(c.Origin, log)
	for name, k := range p.witnesses {
		v.Add(name, k)
	}
	s, err := ledger.OpenSigned(note, v)
	if err != nil {
		return nil, bad(CodeSignature, where, "%v", err)
	}
	if !s.Log || !p.satisfied(p.quorum, s.Members) {
		return nil, bad(CodeAnchor, where, "the signatures are not the log's and a quorum of the policy given")
	}
	return s, nil
}
