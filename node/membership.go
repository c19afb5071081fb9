package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/invitation"
	"github.com/tacet-health/tacet/protocol/link"
)

const serviceAbout = "about"

// convenerOnly refuses what only the convener's operator may ask for.
func (s *Service) convenerOnly(what string) error {
	if s.cfg.Role != Convener {
		return fmt.Errorf("%s is a %s; only the convener %s", s.cfg.Name, s.cfg.Role, what)
	}
	return nil
}

// Invite implements admin.Membership.
func (o operator) Invite(i admin.Invite) (admin.Invitation, error) {
	s := o.s
	if err := s.convenerOnly("invites"); err != nil {
		return admin.Invitation{}, err
	}
	life := time.Duration(i.Seconds) * time.Second
	switch {
	case !Role(i.Role).dials():
		return admin.Invitation{}, fmt.Errorf("role %q cannot join; want %q or one of %q", i.Role, Payer, Seats)
	case i.Seconds < 1 || life > maxInvitedFor || life < time.Second:
		return admin.Invitation{}, fmt.Errorf("an invitation lives between a second and %v", maxInvitedFor)
	case i.Member == s.cfg.Name || isInvitation(i.Member):
		return admin.Invitation{}, fmt.Errorf("%q cannot be the name of a member that joins", i.Member)
	}
	if _, err := identity.Generate(i.Member); err != nil { // checks the name's grammar; the keys are thrown away
		return admin.Invitation{}, err
	}
	var known bool
	s.replica.View(func(st *rules.State) {
		for _, m := range st.Members() {
			known = known || m.Name == i.Member
		}
	})
	if known {
		return admin.Invitation{}, fmt.Errorf("%s is or was a member; names are not used twice", i.Member)
	}
	g, err := s.genesis.Canonical()
	if err != nil {
		return admin.Invitation{}, err
	}
	address := s.cfg.Advertise
	if address == "" {
		address = s.hub.Addr()
	}
	now := s.now()
	inv := invitation.New(invitation.Invitation{
		Member: i.Member, Role: i.Role, Ledger: s.genesis.Ledger, Genesis: rules.Hash(g), Convener: s.cfg.Name, Address: address,
		Pin: s.keys.Public().TLSPin, Expires: now.Add(life),
	})
	if err := s.admission.issue(inv, now); err != nil {
		return admin.Invitation{}, err
	}
	s.log.Info("invited", "name", i.Member, "role", i.Role, "expires", inv.Expires)
	return admin.Invitation{Text: inv.Text(), Expires: inv.Expires}, nil
}

// Approve implements admin.Membership.
func (o operator) Approve(ctx context.Context, a admin.Approval) (admin.Candidate, error) {
	s := o.s
	if err := s.convenerOnly("approves"); err != nil {
		return admin.Candidate{}, err
	}
	if err := s.admission.approve(a.Member, a.Fingerprint); err != nil {
		return admin.Candidate{}, err
	}
	s.log.Info("approved", "name", a.Member)
	defer func() {
		select {
		case s.endorsers.wake <- struct{}{}:
		default: // it is awake
		}
	}()
	if err := s.bringIn(ctx); err != nil {
		return admin.Candidate{}, refusal(err)
	}
	return s.candidateOf(a.Member), nil
}

// Endorse implements admin.Membership.
func (o operator) Endorse(a admin.Approval) error {
	if o.s.cfg.Role != Payer {
		return fmt.Errorf("%s is a %s; payers endorse, and the convener approves", o.s.cfg.Name, o.s.cfg.Role)
	}
	return o.s.endorseKnown(a.Member, a.Fingerprint)
}

// About implements admin.Membership.
func (o operator) About(ctx context.Context) (admin.About, error) {
	s := o.s
	if s.cfg.Role == Convener {
		return s.about(), nil
	}
	return AskAbout(ctx, s.payer, s.cfg.Convener)
}

func (s *Service) about() admin.About {
	return admin.About{Version: Version(), Time: time.Now().UTC(), Entries: s.replica.Applied()}
}

// serveAbout tells a member what this convener runs and what time it is here.
func (s *Service) serveAbout(_ context.Context, from string, conn link.Conn) {
	if isInvitation(from) {
		return
	}
	conn.SetDeadline(time.Now().Add(smallTalk))
	if err := writeMessage(conn, s.about()); err != nil {
		s.log.Debug("answer about this convener is lost", "member", from, "error", err)
	}
}

// AskAbout asks the convener over a connected link.
func AskAbout(ctx context.Context, p *link.Payer, convener string) (admin.About, error) {
	var a admin.About
	begin := time.Now()
	conn, err := p.Dial(ctx, convener, serviceAbout)
	if err != nil {
		return a, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(smallTalk))
	if err := readMessage(conn, maxRequest, &a); err != nil {
		return a, fmt.Errorf("ask %s about itself: %w", convener, err)
	}
	a.RoundMS = time.Since(begin).Milliseconds()
	return a, nil
}

// refusal puts a rule's refusal into the local interface's form.
func refusal(err error) error {
	if r, ok := errors.AsType[*rules.Refusal](err); ok {
		return &admin.Problem{Code: string(r.Code), Text: r.Error() + " (" + rules.Explain(r.Code) + ")"}
	}
	return err
}
