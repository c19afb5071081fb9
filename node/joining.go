package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/invitation"
	"github.com/tacet-health/tacet/protocol/link"
)

const (
	serviceJoin    = "join"
	serviceEndorse = "endorse"
	smallTalk      = 10 * time.Second // the longest that such a stream may take
	maxRequest     = 16 << 10
	maxJoinAnswer  = 512 << 10 // the genesis is in it
	endorseEvery   = 2 * time.Second
)

// membersOnly is the link as everything but joining uses it: streams of an invitation's key are not served.
type membersOnly struct{ link.Endpoint }

// Handle implements link.Endpoint.
func (m membersOnly) Handle(service string, h link.Handler) {
	if h == nil {
		m.Endpoint.Handle(service, nil)
		return
	}
	m.Endpoint.Handle(service, func(ctx context.Context, from string, conn link.Conn) {
		if !isInvitation(from) {
			h(ctx, from, conn)
		}
	})
}

func isInvitation(name string) bool { return strings.HasPrefix(name, invitation.Prefix) }

// joinAnswer is the convener's answer to a request to join.
type joinAnswer struct {
	Error   string `json:"error"`
	State   string `json:"state"`   // submitted | approved | member
	Genesis []byte `json:"genesis"` // canonical
}

// serveJoin answers one invited node.
func (s *Service) serveJoin(_ context.Context, from string, conn link.Conn) {
	if !isInvitation(from) {
		return
	}
	conn.SetDeadline(time.Now().Add(smallTalk))
	var r request
	if err := readMessage(conn, maxRequest, &r); err != nil {
		return
	}
	var a joinAnswer
	genesis, err := s.genesis.Canonical()
	if err == nil {
		err = s.admission.submit(from, rules.Hash(genesis), r, s.now())
	}
	if err != nil {
		a.Error = err.Error()
		s.log.Warn("request to join refused", "invitation", from, "reason", err)
	} else {
		a.Genesis, a.State = genesis, s.candidateOf(r.Public.Name).State
		s.log.Info("request to join", "name", r.Public.Name, "fingerprint", r.Public.Fingerprint())
	}
	if err := writeMessage(conn, a); err != nil {
		s.log.Warn("answer to a request to join is lost", "invitation", from, "error", err)
	}
}

// candidates are the invitations and what became of them.
func (s *Service) candidates() []admin.Candidate {
	var out []admin.Candidate
	for _, i := range s.admission.list() {
		c := admin.Candidate{Member: i.Member, Role: i.Role, State: "invited", Expires: i.Expires}
		if i.Public == nil && s.now().After(i.Expires) {
			c.State = "expired"
		}
		if i.Public != nil {
			c.State, c.Fingerprint = "submitted", i.Public.Fingerprint()
		}
		if i.Approved {
			c.State = "approved"
			s.replica.View(func(st *rules.State) {
				if _, ok := st.Member(i.Member); ok {
					c.State = "member"
				}
			})
			if c.State == "approved" {
				c.Waiting = s.endorsers.missing(i.Member)
			}
		}
		out = append(out, c)
	}
	return out
}

func (s *Service) candidateOf(member string) admin.Candidate {
	all := s.candidates()
	if i := slices.IndexFunc(all, func(c admin.Candidate) bool { return c.Member == member }); i >= 0 {
		return all[i]
	}
	return admin.Candidate{Member: member}
}

// endorsers is who has been asked for an approved candidate and has not endorsed it, with the reason. Safe for concurrent use.
type endorsers struct {
	wake    chan struct{} // a candidate was approved
	joining sync.Mutex    // one candidate at a time comes into the log

	mu   sync.Mutex // guards open
	open map[string][]string
}

func (e *endorsers) set(member string, waiting []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.open == nil {
		e.open = map[string][]string{}
	}
	e.open[member] = waiting
}

func (e *endorsers) missing(member string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.open[member]
}

// bringIn writes the member.join of every approved candidate that enough payers endorse.
func (s *Service) bringIn(ctx context.Context) error {
	s.endorsers.joining.Lock()
	defer s.endorsers.joining.Unlock()
	var errs []error
	for _, i := range s.admission.list() {
		if !i.Approved {
			continue
		}
		in := false
		var payers []string
		s.replica.View(func(st *rules.State) {
			_, in = st.Member(i.Member)
			payers = st.Payers()
		})
		if in {
			if s.now().After(i.Expires.Add(memory)) {
				s.admission.mu.Lock()
				errs = append(errs, s.admission.forget(i.Name))
				s.admission.mu.Unlock()
			}
			continue
		}
		join := rules.MemberJoin{Member: *i.Public, Role: rules.Role(i.Role), Endorsements: []rules.Signature{}}
		var waiting []string
		join.Endorsements, waiting = s.endorsements(ctx, join, payers)
		s.endorsers.set(i.Member, waiting)
		if len(payers) > 0 && 2*len(join.Endorsements) <= len(payers) {
			continue
		}
		if _, err := s.replica.Propose(ctx, rules.KindMemberJoin, join); err != nil {
			errs = append(errs, fmt.Errorf("bring %s into the log: %w", i.Member, err))
			continue
		}
		s.log.Info("member joined", "name", i.Member, "fingerprint", i.Public.Fingerprint())
	}
	return errors.Join(errs...)
}

// endorsements asks all payers at once. waiting says who does not endorse, and why.
func (s *Service) endorsements(ctx context.Context, join rules.MemberJoin, payers []string) (got []rules.Signature, waiting []string) {
	ctx, cancel := context.WithTimeout(ctx, smallTalk)
	defer cancel()
	signatures, reasons := make([][]byte, len(payers)), make([]error, len(payers))
	var wg sync.WaitGroup
	for n, p := range payers {
		wg.Go(func() { signatures[n], reasons[n] = s.askEndorsement(ctx, join, p) })
	}
	wg.Wait()
	got = []rules.Signature{}
	for n, p := range payers {
		if reasons[n] != nil {
			waiting = append(waiting, fmt.Sprintf("%s: %v", p, reasons[n]))
		} else {
			got = append(got, rules.Signature{Member: p, Signature: signatures[n]})
		}
	}
	return got, waiting
}

func (s *Service) askEndorsement(ctx context.Context, join rules.MemberJoin, payer string) ([]byte, error) {
	conn, err := s.endpoint().Dial(ctx, payer, serviceEndorse)
	if err != nil {
		return nil, errors.New("is not connected")
	}
	defer conn.Close()
	if d, ok := ctx.Deadline(); ok {
		conn.SetDeadline(d)
	}
	var a endorsement
	if err := writeMessage(conn, candidacy{join.Member, string(join.Role)}); err != nil {
		return nil, errors.New("does not answer")
	}
	if err := readMessage(conn, maxRequest, &a); err != nil {
		return nil, errors.New("does not answer")
	}
	if a.Error != "" {
		return nil, fmt.Errorf("%.300s", a.Error)
	}
	statement, err := join.Statement(s.genesis.Ledger)
	if err != nil {
		return nil, err
	}
	var keys identity.Public
	s.replica.View(func(st *rules.State) {
		m, _ := st.Member(payer)
		keys = m.Public
	})
	if err := keys.Verify(rules.JoinContext, statement, a.Signature); err != nil {
		return nil, errors.New("sent an endorsement that does not verify")
	}
	return a.Signature, nil
}

// keepJoining brings approved candidates in as soon as enough payers are there to endorse them. It sleeps while there is none.
func (s *Service) keepJoining(ctx context.Context) {
	for {
		waiting := slices.ContainsFunc(s.candidates(), func(c admin.Candidate) bool { return c.State == "approved" })
		var again <-chan time.Time
		if waiting {
			again = time.After(endorseEvery)
		}
		select {
		case <-s.endorsers.wake:
			continue
		case <-again:
			if err := s.bringIn(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("an approved member has not come into the log", "error", err)
			}
		case <-ctx.Done():
			return
		}
	}
}
