package rules

import (
	"encoding/hex"

	"github.com/tacet-health/tacet/crypto/identity"
)

// Role is what a member is.
type Role string

// The roles of this version.
const (
	RolePayer    Role = "payer"
	RoleConvener Role = "convener"
	RoleProvider Role = "provider" // a provider organisation; holds provider seats, submits its own results
	RoleExpert   Role = "expert"   // holds expert seats
	RoleCounsel  Role = "counsel"  // vetoes
	RoleAuditor  Role = "auditor"  // audits what providers submit
	RoleObserver Role = "observer" // a purchaser or a regulator: reads and comments
)

// joining are the roles that can join.
var joining = []Role{RolePayer, RoleProvider, RoleExpert, RoleCounsel, RoleAuditor, RoleObserver}

// Member is a member with its keys, present or past.
type Member struct {
	identity.Public
	Role   Role
	Joined uint64 // index of the entry that brought it; 0 for founders
	Left   bool
	Parted uint64  // index of the entry with which it left
	clock  int64   // its last reading
	seen   uint64  // size of the last root it has witnessed
	keys   []keyed // every set of keys it had, the present one last
	chain  []link  // every entry of the member; chain[i] has sequence number i+1
}

// keyed is a set of keys and the index from which it counts.
type keyed struct {
	identity.Public
	from   uint64
	digest [32]byte
}

type link struct {
	hash  [32]byte
	index uint64
}

// State is what the entries so far amount to. It is a pure function of genesis and entries: no clock, no randomness, no map
// order. It is not safe for concurrent use; what its methods return is the caller's to read, not to change.
type State struct {
	genesis     Genesis
	genesisHash [32]byte
	size        uint64
	members     []*Member // in order of joining, the convener first; a member that left stays
	byName      map[string]*Member
	measures    []*Measure // in order of proposal
	byHash      map[string]*Measure
	profiles    []*ProfileRecord // every version in order
	rosters     []*Roster
	runs        []*Run
	byRun       map[string]*Run
	released    map[releaseKey][]string // to the runs that released it: the first, then its restatements

	now          int64 // the log's time
	charters     []*CharterRecord
	seats        []Seat
	chair        string
	motions      []*Motion
	byMotion     map[string]*Motion
	agreements   []*AgreementRecord // every version in order
	structures   []*StructureRecord
	adoptions    []*Adoption
	attestations []Attestation
	appeals      []*Appeal
	submissions  []*Submission
	rooms        []*RoomRecord
	sums         []*SumRecord
	models       []*ModelRecord
	frozen       *Frozen // nil while entries are taken
	statements   []StatementRecord
	witnessed    []Witnessed
	rootAt       map[uint64]int // by size: place of the first witness
	practices    registry
}

// New is the state after the genesis alone (entry 0).
func New(g Genesis) (*State, error) {
	b, err := g.Canonical()
	if err != nil {
		return nil, err
	}
	s := &State{genesis: g, genesisHash: Hash(b), size: 1, byName: map[string]*Member{}, byHash: map[string]*Measure{},
		byRun: map[string]*Run{}, released: map[releaseKey][]string{}, byMotion: map[string]*Motion{}, practices: newRegistry(), rootAt: map[uint64]int{}}
	s.addMember(g.Convener, RoleConvener, 0)
	for _, p := range g.Members {
		s.addMember(p, RolePayer, 0)
	}
	return s, nil
}

func (s *State) addMember(p identity.Public, r Role, index uint64) {
	m := &Member{Public: p, Role: r, Joined: index, keys: []keyed{{p, index, p.Digest()}}}
	s.members, s.byName[p.Name] = append(s.members, m), m
}

// Size is the number of entries, the genesis counted: the index of the next one.
func (s *State) Size() uint64 { return s.size }

// Genesis returns the genesis.
func (s *State) Genesis() Genesis { return s.genesis }

// Ledger is the origin of the log.
func (s *State) Ledger() string { return s.genesis.Ledger }

// Convener is the convener's name.
func (s *State) Convener() string { return s.genesis.Convener.Name }

// Members returns all members, in order of joining, the convener first, those that left included.
func (s *State) Members() []Member {
	out := make([]Member, len(s.members))
	for i, m := range s.members {
		out[i] = *m
	}
	return out
}

// Member returns a present member.
func (s *State) Member(name string) (Member, bool) {
	if m := s.active(name); m != nil {
		return *m, true
	}
	return Member{}, false
}

// Keys returns the keys that a member, present or past, had when the entry at index was judged.
func (s *State) Keys(name string, index uint64) (identity.Public, bool) {
	m := s.byName[name]
	if m == nil {
		return identity.Public{}, false
	}
	for i := len(m.keys) - 1; i > 0; i-- {
		if m.keys[i].from < index {
			return m.keys[i].Public, true
		}
	}
	return m.keys[0].Public, true
}

// Replaced says whether these keys were a member's and are not any more, and the index of the entry that replaced them.
func (s *State) Replaced(p identity.Public) (index uint64, ok bool) {
	m := s.byName[p.Name]
	if m == nil {
		return 0, false
	}
	digest := p.Digest()
	for i, k := range m.keys {
		if k.digest == digest && i+1 < len(m.keys) {
			return m.keys[i+1].from, true
		}
	}
	return 0, false
}

// KeysFor returns the keys with which a member, present or past, may have signed a checkpoint of that size: all but those that an entry before its last one has
// replaced.
func (s *State) KeysFor(name string, size uint64) (out []identity.Public) {
	m := s.byName[name]
	if m == nil {
		return nil
	}
	for i, k := range m.keys {
		if i+1 == len(m.keys) || size <= m.keys[i+1].from+1 {
			out = append(out, k.Public)
		}
	}
	return out
}

// Payers returns the names of the present payers in order of joining.
func (s *State) Payers() []string {
	var out []string
	for _, m := range s.members {
		if m.Role == RolePayer && !m.Left {
			out = append(out, m.Name)
		}
	}
	return out
}

func (s *State) active(name string) *Member {
	if m := s.byName[name]; m != nil && !m.Left {
		return m
	}
	return nil
}

func (s *State) isPayer(name string) bool {
	m := s.active(name)
	return m != nil && m.Role == RolePayer
}

// Next is the sequence number and previous hash that the next entry of a member must have.
func (s *State) Next(author string) (seq uint64, prev string) {
	m := s.byName[author]
	if m == nil || len(m.chain) == 0 {
		return 1, hex.EncodeToString(s.genesisHash[:])
	}
	last := m.chain[len(m.chain)-1]
	return uint64(len(m.chain)) + 1, hex.EncodeToString(last.hash[:])
}

// Sequence returns the hash and the index of a member's entry with that sequence number, if it is in the log.
func (s *State) Sequence(author string, seq uint64) (hash [32]byte, index uint64, ok bool) {
	m := s.byName[author]
	if m == nil || seq == 0 || seq > uint64(len(m.chain)) {
		return hash, 0, false
	}
	l := m.chain[seq-1]
	return l.hash, l.index, true
}
