package rules

import (
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// RoomOpen opens a silent room: who has a place in it, and when it sits. What is said there is nobody's; that somebody is in the room is public.
type RoomOpen struct {
	Room     string   `json:"room"`
	Topic    string   `json:"topic"`
	Members  []string `json:"members"`  // sorted
	Least    int64    `json:"least"`    // of them who must be present: the smallest anonymity set
	MaxText  int64    `json:"max_text"` // bytes of a statement; every one is padded to it
	First    int64    `json:"first"`    // time of the first sitting, in seconds since 1970
	Every    int64    `json:"every"`    // seconds from one to the next
	Sittings int64    `json:"sittings"` // with one statement a member each: how much one member can say
}

// RoomClose ends a room before its last sitting.
type RoomClose struct {
	Room   string `json:"room"`
	Reason string `json:"reason"`
}

// RoomRecord is a room on record.
type RoomRecord struct {
	RoomOpen
	Index  uint64 `json:"index"`
	Sat    int64  `json:"sat"`    // number of the last sitting on record
	Closed uint64 `json:"closed"` // index of what closed it, 0 while it is open
	Reason string `json:"reason"`
}

// Open says whether a sitting can still come.
func (r RoomRecord) Open() bool { return r.Closed == 0 && r.Sat < r.Sittings }

// MinPresent is the smallest room: with two, either knows what the other has said.
const MinPresent = 3

// Limits of a room. A statement's length is what the sums of a sitting are made for (crypto/silence).
const (
	MinRoomText = 64
	MaxRoomText = 4096
	MaxSittings = 1000
)

func validateRoomOpen(b *RoomOpen) *Refusal {
	switch {
	case !isID(b.Room) || !isText(b.Topic, 1000):
		return refuse(CodeForm, "room or topic is not in its form")
	case len(b.Members) < MinPresent || b.Least < MinPresent || b.Least > int64(len(b.Members)):
		return refuse(CodeRoom, "%d members, of whom %d must be present; at least %d", len(b.Members), b.Least, MinPresent)
	case b.MaxText < MinRoomText || b.MaxText > MaxRoomText || b.MaxText%4 != 0:
		return refuse(CodeForm, "statements of %d bytes, want %d to %d and a multiple of 4", b.MaxText, MinRoomText, MaxRoomText)
	case b.First < 1 || b.First >= maxTime || b.Every < 1 || b.Every > 366*86400 || b.Sittings < 1 || b.Sittings > MaxSittings:
		return refuse(CodeForm, "the first sitting, their distance or their number is out of bounds")
	}
	return sortedNames(b.Members, "members")
}

// sortedNames wants names in alphabetical order, each once.
func sortedNames(names []string, what string) *Refusal {
	if n, ok := repeated(names); ok {
		return refuse(CodeForm, "%.40q is among the %s twice", n, what)
	}
	if !slices.IsSorted(names) {
		return refuse(CodeForm, "the %s stand in alphabetical order", what)
	}
	return nil
}

func resolveRoomOpen(s *State, e *entry.Signed, b *RoomOpen) (effect, *Refusal) {
	if r := s.presides(e); r != nil {
		return nil, r
	}
	for _, x := range s.rooms {
		if x.Room == b.Room {
			return nil, refuse(CodeDuplicate, "room %q was opened at entry %d; choose another name", b.Room, x.Index)
		}
	}
	for _, n := range b.Members {
		if r := s.hasPlace(n); r != nil {
			return nil, r
		}
	}
	if _, ok := s.payerIn(b.Topic); ok {
		return nil, refuse(CodeNamesPayer, "the topic names a payer")
	}
	return func(index uint64) { s.rooms = append(s.rooms, &RoomRecord{RoomOpen: *b, Index: index}) }, nil
}

// hasPlace refuses who must not sit in a room of competitors' and providers' talk: purchasers and regulators above all.
func (s *State) hasPlace(name string) *Refusal {
	m := s.active(name)
	if m == nil {
		return refuse(CodeNotMember, "%.40q is not a member", name)
	}
	if m.Role != RolePayer && m.Role != RoleProvider && m.Role != RoleExpert {
		return refuse(CodeRoom, "%q has the role %s, and has no place in the room", name, m.Role)
	}
	return nil
}

func validateRoomClose(b *RoomClose) *Refusal {
	if !isText(b.Reason, 1000) {
		return refuse(CodeForm, "the reason is not a text of at most 1000 bytes")
	}
	return nil
}

func resolveRoomClose(s *State, e *entry.Signed, b *RoomClose) (effect, *Refusal) {
	if r := s.presides(e); r != nil {
		return nil, r
	}
	room, r := s.openRoom(b.Room)
	if r != nil {
		return nil, r
	}
	return func(index uint64) { room.Closed, room.Reason = index, b.Reason }, nil
}

func (s *State) openRoom(name string) (*RoomRecord, *Refusal) {
	for _, x := range s.rooms {
		if x.Room != name {
			continue
		}
		if !x.Open() {
			return nil, refuse(CodeNotOpen, "room %q is closed", name)
		}
		return x, nil
	}
	return nil, refuse(CodeUnknownRoom, "no room %.70q is on record", name)
}

// Rooms returns all rooms in order.
func (s *State) Rooms() []RoomRecord {
	out := make([]RoomRecord, len(s.rooms))
	for i, r := range s.rooms {
		out[i] = *r
	}
	return out
}

// Room returns the room of that name.
func (s *State) Room(name string) (RoomRecord, bool) {
	for _, r := range s.rooms {
		if r.Room == name {
			return *r, true
		}
	}
	return RoomRecord{}, false
}
