package audit

import (
	"bytes"
	"encoding/base64"
	"fmt"
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
	fmt.Fprintf(&b, "# Who must have signed a checkpoint of %s (c2sp.org/tlog-policy).\n", origin)
	fmt.Fprintf(&b, "# Cosignatures have the time at which they were made (key type 4, c2sp.org/tlog-cosignature); nothing depends on it.\n")
	log, err := s.Genesis().Convener.NoteKey(origin)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&b, "log %s\n", log)
	payers := s.Payers()
	for _, name := range payers {
		p, _ := member(s, name)
		key, err := p.CosignatureKey(ledger.KeyName(origin, name))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "witness %s %s\n", name, key)
	}
	if len(payers) == 0 {
		b.WriteString("quorum none\n")
		return b.Bytes(), nil
	}
	fmt.Fprintf(&b, "group majority-of-payers %d %s\nquorum majority-of-payers\n", len(payers)/2+1, strings.Join(payers, " "))
	return b.Bytes(), nil
}

// Policy is a trust policy that an auditor brings along (c2sp.org/tlog-policy): which keys a checkpoint must be signed with. Its methods may be
// called concurrently.
type Policy struct {
	logs      map[string]identity.Public // by key name, which is the origin
	witnesses map[string]noteKey         // by name in the policy
	groups    map[string]group
	grouped   map[string]bool // names that are a member of a group: each of one, so that groups are a tree
	quorum    string
}

type noteKey struct {
	name string
	key  identity.Public // with the Ed25519 key alone
}

type group struct {
	least   int
	members []string
}

// ParsePolicy reads a policy of Ed25519 keys: key type 1 for logs, 4 for witnesses. URLs are read over.
func ParsePolicy(data []byte) (*Policy, error) {
	if len(data) > maxText {
		return nil, fmt.Errorf("policy of %d bytes, at most %d", len(data), maxText)
	}
	p := &Policy{logs: map[string]identity.Public{}, witnesses: map[string]noteKey{}, groups: map[string]group{}, grouped: map[string]bool{}}
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
	key := func(vkey string, encode func(identity.Public, string) (string, error)) (noteKey, error) {
		k, err := parseKey(vkey, encode)
		if err == nil && seen[string(k.key.Ed25519)] {
			err = fmt.Errorf("the key of %s is listed twice", k.name)
		}
		seen[string(k.key.Ed25519)] = true
		return k, err
	}
	switch {
	case f[0] == "log" && (len(f) == 2 || len(f) == 3):
		k, err := key(f[1], identity.Public.NoteKey)
		if err != nil {
			return err
		}
		p.logs[k.name] = k.key
	case f[0] == "witness" && (len(f) == 3 || len(f) == 4):
		k, err := key(f[2], identity.Public.CosignatureKey)
		if err != nil {
			return err
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

// satisfied says whether the signers, by key name, are a quorum.
func (p *Policy) satisfied(name string, signed map[string]bool) bool {
	if name == "none" {
		return true
	}
	if w, ok := p.witnesses[name]; ok {
		return signed[w.name]
	}
	n := 0
	for _, m := range p.groups[name].members {
		if p.satisfied(m, signed) {
			n++
		}
	}
	return n >= p.groups[name].least
}

// parseKey reads a verifier key NAME+HASH+BASE64 of an Ed25519 type, the one that encode prints.
func parseKey(vkey string, encode func(identity.Public, string) (string, error)) (noteKey, error) {
	f := strings.SplitN(vkey, "+", 3)
	if len(f) != 3 {
		return noteKey{}, fmt.Errorf("%.40q is not a verifier key NAME+HASH+KEY", vkey)
	}
	b, err := base64.StdEncoding.DecodeString(f[2])
	if err != nil || len(b) != 33 {
		return noteKey{}, fmt.Errorf("the key of %.40q is not a type and an Ed25519 key", f[0])
	}
	k := noteKey{f[0], identity.Public{Name: f[0], Ed25519: b[1:]}}
	if again, err := encode(k.key, k.name); err != nil || again != vkey {
		return noteKey{}, fmt.Errorf("the key of %.40q does not have the hash beside it, or not the type: 1 for a log, 4 for a witness", f[0])
	}
	return k, nil
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
	k, err := log.NoteVerifier(c.Origin)
	if err != nil {
		return nil, bad(CodeAnchor, where, "%v", err)
	}
	v := ledger.NewVerifiers(c.Origin, k)
	member := map[string]string{} // what ledger calls a signer, to the key name
	for _, w := range p.witnesses {
		name, ok := strings.CutPrefix(w.name, c.Origin+"/")
		if !ok {
			continue
		}
		k, err := w.key.CosignatureVerifier(w.name)
		if err != nil {
			return nil, bad(CodeAnchor, where, "%v", err)
		}
		v.Add(name, k)
		member[name] = w.name
	}
	s, err := ledger.OpenSigned(note, v)
	if err != nil {
		return nil, bad(CodeSignature, where, "%v", err)
	}
	signed := map[string]bool{}
	for m := range s.Members {
		signed[member[m]] = true
	}
	if !s.Log || !p.satisfied(p.quorum, signed) {
		return nil, bad(CodeAnchor, where, "the signatures are not the log's and a quorum of the policy given")
	}
	return s, nil
}
