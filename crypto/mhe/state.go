package mhe

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// state is what a restart needs: everything else is derived from the seed.
type state struct {
	Version   int      `json:"version"`
	Set       string   `json:"set"`
	Payers    int      `json:"payers"`
	Reference string   `json:"reference"`
	Seed      string   `json:"seed"`
	RoundOne  string   `json:"round_one"`
	Used      []string `json:"used"`
	C1        []string `json:"c1"`
}

// State returns the party as bytes, to be kept across a restart beside the shares it made. It is the key share: it belongs in a sealed file
// and nowhere else, and is erased with the run.
//
// Make the share, store its bytes together with the State that follows it, durably, and only then send the bytes. Then a crash leaves
// either both (send the same bytes again) or neither (the label is still free, and nothing made under it ever left). A share is a function of
// the seed, its label and its public inputs, so even a State that is too old cannot meet one question with another one's randomness. It can
// still answer a second question: a member that finds its journal behind the log must not resume.
func (p *Party) State() ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.erased {
		return nil, ErrErased
	}
	s := state{
		Version: version, Set: p.c.set.Name, Payers: p.c.payers, Reference: hex.EncodeToString(p.ref[:]), Seed: hex.EncodeToString(p.seed[:]),
		RoundOne: hex.EncodeToString(p.one[:]), Used: slices.Sorted(maps.Keys(p.used)), C1: []string{},
	}
	if s.Used == nil {
		s.Used = []string{}
	}
	for h := range p.c1 {
		s.C1 = append(s.C1, hex.EncodeToString(h[:]))
	}
	slices.Sort(s.C1)
	return json.Marshal(s)
}

// Resume rebuilds a party from its State for the same run.
func (c *Context) Resume(ref Reference, rot []Rotation, data []byte) (*Party, error) {
	var s state
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, errors.New("resume key share: the stored state is damaged") // the decoder's text would quote it
	}
	if again, err := json.Marshal(s); err != nil || !bytes.Equal(again, data) {
		return nil, errors.New("resume key share: the stored state is damaged")
	}
	if s.Version != version || s.Set != c.set.Name || s.Payers != c.payers || s.Reference != hex.EncodeToString(ref[:]) {
		return nil, errors.New("resume key share: the stored state belongs to another run")
	}
	var seed, one [32]byte
	if unhex(seed[:], s.Seed) != nil || unhex(one[:], s.RoundOne) != nil {
		return nil, errors.New("resume key share: the stored state is damaged")
	}
	p, err := c.newParty(ref, rot, seed)
	if err != nil {
		return nil, fmt.Errorf("resume key share: %w", err)
	}
	p.one = one
	for _, u := range s.Used {
		p.used[u] = true
	}
	for _, x := range s.C1 {
		var h [32]byte
		if unhex(h[:], x) != nil {
			return nil, errors.New("resume key share: the stored state is damaged")
		}
		p.c1[h] = true
	}
	return p, nil
}

func unhex(dst []byte, s string) error {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(dst) {
		return errors.New("not the expected length")
	}
	copy(dst, b)
	return nil
}
