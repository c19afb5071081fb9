package rules

import (
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// Class is what a seat is for.
type Class string

// The classes of seats. Experts speak and have no vote.
const (
	ClassPlan     Class = "plan"
	ClassProvider Class = "provider"
	ClassExpert   Class = "expert"
)

// role is who may hold a seat of the class. Purchasers, regulators, counsel, auditors and the convener hold none.
func (c Class) role() Role {
	switch c {
	case ClassPlan:
		return RolePayer
	case ClassProvider:
		return RoleProvider
	case ClassExpert:
		return RoleExpert
	}
	return ""
}

// Seat is a seat of the committee.
type Seat struct {
	ID     string `json:"id"`
	Class  Class  `json:"class"`
	Holder string `json:"holder"`
}

// SeatSet empties and fills seats in one decision. Afterwards plan and provider seats are equal in number.
type SeatSet struct {
	Vacate []string `json:"vacate"`
	Assign []Seat   `json:"assign"`
}

// SeatChair makes a holder of a seat the chair, or with an empty name nobody.
type SeatChair struct {
	Holder string `json:"holder"`
}

func validateSeats(b *SeatSet) *Refusal {
	if len(b.Vacate)+len(b.Assign) == 0 || len(b.Vacate) > 3*MaxSeats || len(b.Assign) > 3*MaxSeats {
		return refuse(CodeForm, "%d seats to empty and %d to fill", len(b.Vacate), len(b.Assign))
	}
	ids := []string{}
	for _, x := range b.Assign {
		if !isID(x.ID) || x.Class.role() == "" || x.Holder == "" {
			return refuse(CodeForm, "seat %.40q of class %.40q: want a name of a-z, 0-9 and '-', a class (plan, provider, expert) and a holder", x.ID, x.Class)
		}
		ids = append(ids, x.ID)
	}
	if id, ok := repeated(ids); ok {
		return refuse(CodeForm, "seat %q is filled twice", id)
	}
	if id, ok := repeated(b.Vacate); ok {
		return refuse(CodeForm, "seat %.40q is emptied twice", id)
	}
	return nil
}

func resolveSeats(s *State, b *SeatSet) (effect, *Refusal) {
	after := slices.Clone(s.seats)
	constituted := s.constituted()
	for _, id := range b.Vacate {
		i := slices.IndexFunc(after, func(x Seat) bool { return x.ID == id })
		if i < 0 {
			return nil, refuse(CodeUnknownSeat, "there is no seat %.40q", id)
		}
		if !constituted && after[i].Class == ClassProvider && s.active(after[i].Holder) != nil {
			return nil, refuse(CodeNotAllowed, "while the committee cannot decide, the payers fill seats and empty their own; %q is a provider's", id)
		}
		after = slices.Delete(after, i, i+1)
	}
	for _, x := range b.Assign {
		m := s.active(x.Holder)
		if m == nil {
			return nil, refuse(CodeNotMember, "%.40q is not a member", x.Holder)
		}
		if m.Role != x.Class.role() {
			return nil, refuse(CodeSeatRole, "%q has the role %s; a %s seat goes to the role %s", x.Holder, m.Role, x.Class, x.Class.role())
		}
		for _, o := range after {
			if o.ID == x.ID || o.Holder == x.Holder {
				return nil, refuse(CodeSeatTaken, "seat %q is held by %q; a seat has one holder and a holder one seat", o.ID, o.Holder)
			}
		}
		after = append(after, x)
	}
	count := func(c Class) (n int64) {
		for _, x := range after {
			if x.Class == c && s.active(x.Holder) != nil {
				n++
			}
		}
		return n
	}
	c := s.rulebook()
	plan, provider, expert := count(ClassPlan), count(ClassProvider), count(ClassExpert)
	switch {
	case plan > c.PlanSeats || provider > c.ProviderSeats || expert > c.ExpertSeats:
		return nil, refuse(CodeTooMany, "%d plan, %d provider and %d expert seats; the charter has %d, %d and %d", plan, provider, expert, c.PlanSeats, c.ProviderSeats, c.ExpertSeats)
	case plan != provider:
		return nil, refuse(CodeSeatsUnequal, "%d plan seats and %d provider seats would be held; they are equal in number", plan, provider)
	}
	return func(uint64) {
		s.seats = after
		if !s.hasSeat(s.chair) {
			s.chair = ""
		}
	}, nil
}

func validateChair(b *SeatChair) *Refusal {
	if len(b.Holder) > 32 {
		return refuse(CodeForm, "holder is not a name")
	}
	return nil
}

func resolveChair(s *State, b *SeatChair) (effect, *Refusal) {
	if b.Holder != "" && !s.hasSeat(b.Holder) {
		return nil, refuse(CodeUnknownSeat, "%.40q holds no seat; the chair has one", b.Holder)
	}
	return func(uint64) { s.chair = b.Holder }, nil
}

// Seats returns the seats that are held, in order of filling. A holder that has left is still named; its seat does not count.
func (s *State) Seats() []Seat { return slices.Clone(s.seats) }

// Chair is the chair's name, empty when there is none.
func (s *State) Chair() string {
	if s.hasSeat(s.chair) {
		return s.chair
	}
	return ""
}

func (s *State) hasSeat(name string) bool {
	return s.active(name) != nil && slices.ContainsFunc(s.seats, func(x Seat) bool { return x.Holder == name })
}

// holders are the present members with a seat of the class.
func (s *State) holders(c Class) (out []string) {
	for _, x := range s.seats {
		if x.Class == c && s.active(x.Holder) != nil {
			out = append(out, x.Holder)
		}
	}
	return out
}

func (s *State) seated(c Class) int64 { return int64(len(s.holders(c))) }

// constituted says whether the committee can decide: plan and provider seats are held, and equal in number.
func (s *State) constituted() bool {
	n := s.seated(ClassPlan)
	return n > 0 && n == s.seated(ClassProvider)
}

// presides refuses an author that is neither the convener nor the chair.
func (s *State) presides(e *entry.Signed) *Refusal {
	if e.Author == s.Convener() || e.Author == s.Chair() {
		return nil
	}
	return refuse(CodeNotAllowed, "%s is the convener's or the chair's to write, not %q's", e.Kind, e.Author)
}
