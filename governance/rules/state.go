package rules

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/governance/entry"
)

// Role is what a member is.
type Role string

// The roles of this version.
const (
	RolePayer    Role = "payer"
	RoleConvener Role = "convener"
)

// Member is a member with its keys, present or past.
type Member struct {
	identity.Public
	Role   Role
	Joined uint64 // index of the entry that brought it; 0 for founders
	Left   bool
	digest [32]byte // of Public
	chain  []link   // every entry of the member; chain[i] has sequence number i+1
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
	released    map[releaseKey]string // to the run that released it
}

// New is the state after the genesis alone (entry 0).
func New(g Genesis) (*State, error) {
	b, err := g.Canonical()
	if err != nil {
		return nil, err
	}
	s := &State{genesis: g, genesisHash: Hash(b), size: 1, byName: map[string]*Member{}, byHash: map[string]*Measure{},
		byRun: map[string]*Run{}, released: map[releaseKey]string{}}
	s.addMember(g.Convener, RoleConvener, 0)
	for _, p := range g.Members {
		s.addMember(p, RolePayer, 0)
	}
	return s, nil
}

func (s *State) addMember(p identity.Public, r Role, index uint64) {
	m := &Member{Public: p, Role: r, Joined: index, digest: p.Digest()}
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

// memberDump is a member in print. Member itself cannot be printed: it would borrow the embedded Public's encoding.
type memberDump struct {
	Public string `json:"public"` // digest
	Role   Role   `json:"role"`
	Joined uint64 `json:"joined"`
	Left   bool   `json:"left"`
	Seq    uint64 `json:"seq"`
	Prev   string `json:"prev"`
}

// Hash is a digest of everything the state holds. Two replicas with the same entries have the same hash; it is for comparing them
// and stands in no entry.
func (s *State) Hash() [32]byte {
	h := sha256.New()
	put := func(v any) {
		b, err := entry.Canonical(v)
		if err != nil { // only strings, integers and slices of them are printed
			panic("rules: state cannot be printed: " + err.Error())
		}
		h.Write(append(b, '\n'))
	}
	put(hexOf(s.genesisHash))
	put(s.size)
	for _, m := range s.members {
		seq, prev := s.Next(m.Name)
		put(memberDump{hexOf(m.digest), m.Role, m.Joined, m.Left, seq, prev})
	}
	for _, m := range s.measures {
		put(m)
	}
	for _, p := range s.profiles {
		put(p)
	}
	for _, r := range s.rosters {
		put(r)
	}
	for _, r := range s.runs {
		put(r)
		for _, k := range r.keys() {
			put(s.released[k])
		}
	}
	return [32]byte(h.Sum(nil))
}
