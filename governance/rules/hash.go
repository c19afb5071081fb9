package rules

import (
	"crypto/sha256"

	"github.com/tacet-health/tacet/governance/entry"
)

// memberDump is a member in print. Member itself cannot be printed: it would borrow the embedded Public's encoding.
type memberDump struct {
	Keys   []keyDump `json:"keys"`
	Role   Role      `json:"role"`
	Joined uint64    `json:"joined"`
	Left   bool      `json:"left"`
	Parted uint64    `json:"parted"`
	Clock  int64     `json:"clock"`
	Seq    uint64    `json:"seq"`
	Prev   string    `json:"prev"`
}

type keyDump struct {
	Public string `json:"public"` // digest
	From   uint64 `json:"from"`
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
	put(s.now)
	for _, m := range s.members {
		d := memberDump{Role: m.Role, Joined: m.Joined, Left: m.Left, Parted: m.Parted, Clock: m.clock}
		for _, k := range m.keys {
			d.Keys = append(d.Keys, keyDump{hexOf(k.digest), k.from})
		}
		d.Seq, d.Prev = s.Next(m.Name)
		put(d)
	}
	// One line of each list, its name before it: an element cannot pass from one list into the next.
	put([]any{"measures", s.measures})
	put([]any{"profiles", s.profiles})
	put([]any{"rosters", s.rosters})
	put([]any{"practices", s.practices.changes, s.practices.order, s.practices.identities()})
	put([]any{"charters", s.charters})
	put([]any{"seats", s.seats, s.chair})
	put([]any{"motions", s.motions})
	put([]any{"frozen", s.frozen})
	put([]any{"agreements", s.agreements})
	put([]any{"structures", s.structures})
	put([]any{"adoptions", s.adoptions})
	put([]any{"attestations", s.attestations})
	put([]any{"appeals", s.appeals})
	put([]any{"submissions", s.submissions})
	put([]any{"rooms", s.rooms})
	put([]any{"statements", s.statements})
	put([]any{"witnessed", s.witnessed})
	for _, r := range s.runs {
		put(r)
		for _, k := range r.keys() {
			put(s.released[k])
		}
	}
	return [32]byte(h.Sum(nil))
}
