package secagg

import (
	"bytes"
	"errors"
	"fmt"
)

// status of a member in a list.
type status byte

const (
	absent  status = iota // its shares never came: nobody's mask has a part with it
	present               // its masked vector is in the sum
	dropped               // its shares came and its masked vector did not
)

// A list says of every member of the roster what became of it, and of those present which masked vector counts: n × (status 1, hash of the masked
// message 32). A member is in it once, so nobody can be present and dropped in one list.
func listSize(_ Round, n int) int { return n * 33 }

func maskedSize(int) int { return 64 }

// Propose makes the list of the masked messages that have come, as the convener sends it to those present. name is the convener's, who signs it.
func Propose(r Round, s Signing, name string, shares, masked map[string][]byte) (*Message, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	dealt, err := collect(s, r, KindShares, shares, sharesSize, false)
	if err != nil {
		return nil, err
	}
	msgs, err := collect(s, r, KindMasked, masked, maskedSize, false)
	if err != nil {
		return nil, err
	}
	body := make([]byte, 0, listSize(r, len(r.Members)))
	for i := range r.Members {
		var hash [32]byte
		st := absent
		switch {
		case msgs[i] != nil:
			st, hash = present, msgs[i].Hash()
		case dealt[i] != nil:
			st = dropped
		}
		body = append(append(body, byte(st)), hash[:]...)
	}
	return sign(s, KindProposal, r.ID(), name, body), nil
}

// check holds a list against the shares messages and the masked messages. It returns the statuses.
func checkList(r Round, body []byte, dealt [32]byte, has func(i int) bool, masked []*Message) ([]status, error) {
	n := len(r.Members)
	if len(body) != listSize(r, n) {
		return nil, fmt.Errorf("secagg: list: %w", errForm)
	}
	out, count := make([]status, n), 0
	for i := range n {
		st, hash := status(body[33*i]), body[33*i+1:][:32]
		name := r.Members[i]
		switch {
		case st > dropped || (st == absent) == has(i):
			return nil, fmt.Errorf("secagg: the list is wrong about %s", name)
		case st != present && !bytes.Equal(hash, make([]byte, 32)):
			return nil, fmt.Errorf("secagg: list: %s: %w", name, errForm)
		case st == present && masked[i] == nil:
			return nil, fmt.Errorf("secagg: the list has %s present, whose masked vector was not shown", name)
		case st == present:
			count++
			h := masked[i].Hash()
			if !bytes.Equal(h[:], hash) {
				return nil, fmt.Errorf("secagg: the list has another masked vector of %s", name)
			}
			if !bytes.Equal(masked[i].Body[:32], dealt[:]) {
				return nil, fmt.Errorf("secagg: %s was shown other shares than the rest: its masks would not cancel", name)
			}
		}
		out[i] = st
	}
	if count < r.Threshold {
		return nil, fmt.Errorf("secagg: %d members present, want %d", count, r.Threshold)
	}
	return out, nil
}

// Cosign is the fourth step: the member signs the list that the convener (by name) proposes, when it is right and has this member present with the
// vector it sent. masked are the messages of all present. It signs one list: a second proposal is refused, and both are evidence (Conflict).
func (m *Member) Cosign(convener string, proposal []byte, masked map[string][]byte) (*Message, error) {
	p, err := open(m.sign, KindProposal, m.round, proposal, listSize(m.round, len(m.round.Members)))
	if err != nil {
		return nil, err
	}
	if p.Member != convener {
		return nil, fmt.Errorf("secagg: the list is proposed by %.64q and not by %s", p.Member, convener)
	}
	msgs, err := collect(m.sign, m.round, KindMasked, masked, maskedSize, false)
	if err != nil {
		return nil, err
	}
	if m.masked == nil || msgs[m.self] == nil || msgs[m.self].Hash() != m.masked.Hash() {
		return nil, errors.New("secagg: this member's masked vector is not among those shown")
	}
	has := func(i int) bool { _, ok := m.got[i]; return ok }
	statuses, err := checkList(m.round, p.Body, m.sharesHash, has, msgs)
	if err != nil {
		return nil, err
	}
	if statuses[m.self] != present {
		return nil, errors.New("secagg: the list does not have this member present")
	}
	if err := m.take(KindList); err != nil {
		return nil, err
	}
	m.statuses = statuses
	m.list = m.message(KindList, p.Body)
	return m.list, nil
}

// Reveal is the last step: with the signatures of at least a threshold of members under the very list that this one has signed, it gives its shares
// of the own masks of those present and of the keys of those dropped, never both of one member. Whoever holds a threshold of reveals has the sum.
func (m *Member) Reveal(lists map[string][]byte) (*Message, error) {
	if m.list == nil {
		return nil, fmt.Errorf("%w: reveal before a list", ErrOrder)
	}
	if err := checkCosignatures(m.sign, m.round, lists, m.list.Body, m.statuses); err != nil {
		return nil, err
	}
	if err := m.take(KindReveal); err != nil {
		return nil, err
	}
	h := listHash(m.id, m.list.Body)
	body := append(make([]byte, 0, revealSize(len(m.statuses))), h[:]...)
	for j, st := range m.statuses {
		share := make([]byte, scalarSize)
		switch st {
		case present:
			share = m.got[j].maskShare
		case dropped:
			share = m.got[j].keyShare
		}
		body = append(body, share...)
	}
	return m.message(KindReveal, body), nil
}

func listHash(round [32]byte, body []byte) [32]byte { return commitment(round, "list", 0, body) }

// checkCosignatures holds that a threshold of present members signed the list.
func checkCosignatures(s Signing, r Round, lists map[string][]byte, body []byte, statuses []status) error {
	msgs, err := collect(s, r, KindList, lists, func(n int) int { return listSize(r, n) }, false)
	if err != nil {
		return err
	}
	count := 0
	for i, msg := range msgs {
		switch {
		case msg == nil:
		case !bytes.Equal(msg.Body, body):
			return fmt.Errorf("secagg: %s has signed another list: somebody was shown two", msg.Member)
		case statuses[i] != present:
			return fmt.Errorf("secagg: %s signs a list without being present", msg.Member)
		default:
			count++
		}
	}
	if count < r.Threshold {
		return fmt.Errorf("secagg: %d members have signed the list, want %d", count, r.Threshold)
	}
	return nil
}
