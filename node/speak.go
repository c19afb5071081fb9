package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tacet-health/tacet/crypto/silence"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node/admin"
)

// Rooms implements admin.Rooms: the rooms on record with what was said, and how far this member's own statement is, which nobody else learns.
func (o operator) Rooms() (out []admin.Room, err error) {
	s := o.s
	s.seated.mu.Lock()
	defer s.seated.mu.Unlock()
	s.replica.View(func(st *rules.State) {
		for _, r := range st.Rooms() {
			x := admin.Room{
				Room: r.Room, Topic: r.Topic, Members: r.Members, Least: r.Least, MaxText: r.MaxText, Sittings: r.Sittings, Sat: r.Sat, Open: r.Open(), Reason: r.Reason,
				Seat: s.sealer != nil && slices.Contains(r.Members, s.cfg.Name), Said: []admin.Sitting{},
			}
			if r.Open() {
				x.Next = nextSitting(r, s.now())
				x.Due = x.Next <= s.now().Unix()
			}
			for _, p := range st.Statements() {
				if p.Room == r.Room {
					x.Said = append(x.Said, admin.Sitting{Number: p.Number, Present: p.Present, Statements: p.Statements, Withheld: p.Withheld, Entry: p.Index})
				}
			}
			if x.Seat {
				m := matter{Room: r.Room}
				var own slip
				if own, err = s.slip(m.folder()); err != nil {
					return
				}
				own.settle(st, m)
				x.Own, x.OwnText, x.OwnSitting = own.State, own.text(), max(own.Said, own.Opening)
			}
			out = append(out, x)
		}
	})
	return out, err
}

// nextSitting is the time of the next sitting that can still be held, in seconds since 1970.
func nextSitting(r rules.RoomRecord, now time.Time) int64 {
	n := r.Sat
	if past := now.Unix() - r.First; past > 0 {
		n = max(n, past/r.Every)
	}
	return r.First + n*r.Every
}

// Say implements admin.Rooms: it keeps a statement for the next sitting. Nothing leaves this member before, and then in the same bytes as a member that has
// nothing to say.
func (o operator) Say(w admin.Words) (admin.Said, error) {
	s := o.s
	if s.sealer == nil {
		return admin.Said{}, fmt.Errorf("%s holds rooms and has no place in one", s.cfg.Name)
	}
	var room rules.RoomRecord
	var known bool
	var names []string
	var taken []string
	text := strings.Join(strings.Fields(w.Text), " ")
	s.replica.View(func(st *rules.State) {
		room, known = st.Room(w.Room)
		for _, m := range st.Members() {
			names = append(names, m.Name)
		}
		taken, _ = st.Sift([]string{text}, room.MaxText)
	})
	switch {
	case !known || !room.Open() && !w.Withdraw:
		return admin.Said{}, fmt.Errorf("no room %.64q is open; see tacet node room read", w.Room)
	case !slices.Contains(room.Members, s.cfg.Name):
		return admin.Said{}, fmt.Errorf("%s has no place in room %s", s.cfg.Name, room.Room)
	case text == "" && !w.Withdraw:
		return admin.Said{}, errors.New("there is nothing to say")
	case int64(len(text)) > room.MaxText:
		return admin.Said{}, fmt.Errorf("%d bytes, a statement in room %s has at most %d", len(text), room.Room, room.MaxText)
	}
	if err := silence.Filter(text, names); err != nil {
		why, _ := errors.AsType[*silence.Refusal](err)
		switch {
		case why.Final:
			return admin.Said{}, fmt.Errorf("%w. Competitors must not talk about prices, amounts or each other's names; nobody can send this, also not by mistake. Say it without", err)
		case !w.Anyway:
			return admin.Said{}, fmt.Errorf("%w. If it is one of a quality measure and says nothing about prices or shares of a market, say so with --anyway", err)
		}
	}
	if len(taken) == 0 && !w.Withdraw {
		return admin.Said{}, errors.New("the log would not take it: it names a payer, or states a price")
	}
	s.seated.mu.Lock()
	defer s.seated.mu.Unlock()
	m := matter{Room: room.Room}
	x, err := s.slip(m.folder())
	if err != nil {
		return admin.Said{}, err
	}
	s.replica.View(func(st *rules.State) { x.settle(st, m) })
	switch {
	case x.State == slipOpening:
		return admin.Said{}, fmt.Errorf("what came of the last statement is not on record yet (sitting %d): wait, or it could be said twice", x.Opening)
	case x.State == slipWaiting && !w.Withdraw:
		return admin.Said{}, errors.New("a statement waits already, and a member has one in a sitting; take it back with --withdraw")
	}
	if x.put(text); w.Withdraw {
		x.put("")
		x.State = ""
	} else {
		x.State, x.Opening = slipWaiting, 0
	}
	if err := s.keepSlip(m.folder(), x); err != nil {
		return admin.Said{}, err
	}
	next := nextSitting(room, s.now())
	return admin.Said{State: x.State, Next: next, Due: next <= s.now().Unix(), Members: room.Members, Least: room.Least}, nil
}

// ballotOn finds a matter that is voted on by sealed ballots, and whether this member has a vote.
func (s *Service) ballotOn(st *rules.State, name string) (m matter, voters []string, err error) {
	m = matter{Ballot: rules.BallotOpen{Motion: name}}
	voters = st.MotionVoters(name)
	if _, ok := st.Motion(name); !ok {
		m, voters = matter{}, st.MeasureVoters()
		for _, x := range st.Measures() {
			if x.Sealed != nil && (x.ID == name || x.ID+"@"+x.Version == name || x.Hash == name) {
				m.Ballot = rules.BallotOpen{Measure: x.Hash}
			}
		}
	}
	d, ok := m.vote(st)
	switch {
	case !ok || d.Sealed == nil:
		return m, nil, fmt.Errorf("no sealed vote on %.64q is open", name)
	case d.Sealed.Result != nil:
		return m, nil, fmt.Errorf("the ballots on %s are counted: entry %d", name, d.Sealed.Index)
	}
	return m, voters, nil
}

// Ballot implements admin.Rooms: it keeps this member's ballot until the votes are counted. It may be changed until then, and is shown to nobody.
func (o operator) Ballot(b admin.Ballot) (err error) {
	s := o.s
	var m matter
	var voters []string
	s.replica.View(func(st *rules.State) { m, voters, err = s.ballotOn(st, b.Matter) })
	switch {
	case err != nil:
		return err
	case s.sealer == nil || !slices.Contains(voters, s.cfg.Name):
		return fmt.Errorf("%s has no vote on %s", s.cfg.Name, b.Matter)
	case b.Choice != string(rules.Yes) && b.Choice != string(rules.No) && b.Choice != string(rules.Abstain):
		return fmt.Errorf("%.20q, want yes, no or abstain", b.Choice)
	}
	s.seated.mu.Lock()
	defer s.seated.mu.Unlock()
	x, err := s.slip(m.folder())
	if err != nil {
		return err
	}
	x.put(b.Choice)
	x.State = slipWaiting
	return s.keepSlip(m.folder(), x)
}

// Count implements admin.Rooms: the convener has the ballots of everybody present counted.
func (o operator) Count(ctx context.Context, name string) (out admin.Tally, err error) {
	s := o.s
	if err := s.convenerOnly("counts ballots"); err != nil {
		return out, err
	}
	var a sitting
	s.replica.View(func(st *rules.State) { a.matter, a.Present, err = s.ballotOn(st, name) })
	if err != nil {
		return out, err
	}
	if a.Number = 1; s.absentFrom(&a) {
		why := fmt.Errorf("at least %d must be", rules.MinPresent)
		s.replica.View(func(st *rules.State) {
			if r := st.EnoughFor(a.Ballot, a.Present); r != nil {
				why = r
			}
		})
		return out, fmt.Errorf("%d of those who vote on %s are connected (%s): %w", len(a.Present), name, strings.Join(a.Present, ", "), why)
	}
	if err := s.hold(ctx, a); err != nil {
		return out, err
	}
	s.replica.View(func(st *rules.State) {
		if d, ok := a.vote(st); ok && d.Sealed != nil && d.Sealed.Result != nil {
			r := d.Sealed.Result
			out = admin.Tally{Yes: r.Yes, No: r.No, Abstain: r.Abstain, Invalid: r.Invalid, Present: r.Present, Entry: d.Sealed.Index}
		}
	})
	if out.Entry == 0 {
		err = errors.New("the count is not on record")
	}
	return out, err
}
