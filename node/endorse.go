package node

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/protocol/link"
)

const endorsedFolder = "endorsed" // one file a candidate that this payer's operator endorsed, with the digest of its keys and, for a seat, its role

// candidacy is what the convener asks a payer to endorse; endorsement is the answer.
type candidacy struct {
	Member identity.Public `json:"member"`
	Role   string          `json:"role"`
}

// mark is what an operator's endorsement is kept as.
func (c candidacy) mark() string {
	digest := c.Member.Digest()
	if c.Role == string(Payer) {
		return hex.EncodeToString(digest[:])
	}
	return hex.EncodeToString(digest[:]) + " " + c.Role
}

type endorsement struct {
	Error     string `json:"error"`
	Signature []byte `json:"signature"`
}

// asked are the candidates whom this payer was asked about and did not endorse, the latest of each name. Safe for concurrent use.
type asked struct {
	mu   sync.Mutex // guards open
	open map[string]candidacy
}

const maxAsked = 64

func (a *asked) note(c candidacy) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open == nil || len(a.open) >= maxAsked {
		a.open = map[string]candidacy{}
	}
	a.open[c.Member.Name] = c
}

func (a *asked) get(name string) (candidacy, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c, ok := a.open[name]
	return c, ok
}

func (a *asked) done(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.open, name)
}

func (a *asked) list() []admin.Candidate {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []admin.Candidate
	for _, c := range a.open {
		out = append(out, admin.Candidate{Member: c.Member.Name, Role: c.Role, State: "asked", Fingerprint: c.Member.Fingerprint()})
	}
	slices.SortFunc(out, func(x, y admin.Candidate) int { return strings.Compare(x.Member, y.Member) })
	return out
}

// serveEndorse answers the convener's question whether this payer endorses a candidate.
func (s *Service) serveEndorse(_ context.Context, from string, conn link.Conn) {
	if from != s.cfg.Convener {
		return
	}
	conn.SetDeadline(time.Now().Add(smallTalk))
	var c candidacy
	if err := readMessage(conn, maxRequest, &c); err != nil {
		return
	}
	var a endorsement
	if sig, err := s.endorse(c); err != nil {
		a.Error = err.Error()
		s.log.Warn("candidate not endorsed", "candidate", c.Member.Name, "fingerprint", c.Member.Fingerprint())
	} else {
		a.Signature = sig
		s.log.Info("candidate endorsed", "candidate", c.Member.Name, "fingerprint", c.Member.Fingerprint())
	}
	if err := writeMessage(conn, a); err != nil {
		s.log.Warn("endorsement is lost; it will be asked for again", "error", err)
	}
}

// endorse signs for a candidate that the policy or the operator knows.
func (s *Service) endorse(c candidacy) ([]byte, error) {
	if !Role(c.Role).dials() {
		return nil, fmt.Errorf("%s knows no role %.40q", s.cfg.Name, c.Role)
	}
	known, err := os.ReadFile(s.dir.Path(endorsedFolder, c.Member.Name)) // the name's grammar was checked when it was decoded
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s cannot read what its operator endorsed", s.cfg.Name)
	}
	if !s.cfg.Policy.endorses(Role(c.Role), c.Member) && strings.TrimSpace(string(known)) != c.mark() {
		s.asked.note(c)
		return nil, fmt.Errorf("its policy does not name %s with these keys as a %s; its operator can run: tacet node endorse %s FINGERPRINT", c.Member.Name, c.Role, c.Member.Name)
	}
	s.asked.done(c.Member.Name)
	statement, err := rules.MemberJoin{Member: c.Member, Role: rules.Role(c.Role)}.Statement(s.genesis.Ledger)
	if err != nil {
		return nil, err
	}
	return s.keys.Sign(rules.JoinContext, statement), nil
}

// endorseKnown keeps the operator's endorsement of a candidate that the convener has asked about; the convener asks again by itself.
func (s *Service) endorseKnown(member, fingerprint string) error {
	c, ok := s.asked.get(member)
	if !ok {
		return fmt.Errorf("the convener has not asked %s about %s: its operator approves the candidate first", s.cfg.Name, member)
	}
	if !isFingerprint(c.Member, fingerprint) {
		return fmt.Errorf("the keys of %s have another fingerprint than the one given: compare it with that member's operator again; nothing was endorsed", member)
	}
	if _, err := s.dir.Folder(endorsedFolder); err != nil {
		return err
	}
	if err := s.dir.Write(endorsedFolder+"/"+member, []byte(c.mark()+"\n")); err != nil {
		return err
	}
	s.asked.done(member)
	return nil
}
