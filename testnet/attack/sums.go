package attack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
)

// Attacks on secure aggregation. m00 is the victim; the prize is always its vector, which the attacker gets as a difference of two sums that open.

var prize = []int64{4_711, -815, 123_456_789, 0, 42}

func inputs(name string) []int64 {
	if name == "m00" {
		return prize
	}
	return []int64{int64(name[2]), 100, 7, -3, 1 << 30}
}

func sumRound(n, threshold int) secagg.Round {
	return secagg.Round{Manifest: [32]byte{1}, Number: 1, Members: inprocess.Roster(n), Threshold: threshold, Length: len(prize), Cap: 1 << 31}
}

func sumUpTo(n, threshold int, last secagg.Kind) (*inprocess.Room, error) {
	p, err := inprocess.New(sumRound(n, threshold), inprocess.Signatures)
	if err != nil {
		return nil, err
	}
	return p, p.Play(last, inputs)
}

// without leaves m00 out.
func without(m map[string][]byte) map[string][]byte {
	m = maps.Clone(m)
	delete(m, "m00")
	return m
}

// opened cosigns and reveals a list over masked with the given members, and recovers the sum of that history.
func opened(p *inprocess.Room, masked map[string][]byte, members map[string]*secagg.Member) (*secagg.Sum, error) {
	proposal, err := p.Propose(masked)
	if err != nil {
		return nil, err
	}
	t := p.T
	t.Masked, t.Lists, t.Reveals = masked, map[string][]byte{}, map[string][]byte{}
	for n, m := range members {
		msg, err := m.Cosign(inprocess.Convener, proposal.Bytes(), masked)
		if err != nil {
			return nil, err
		}
		t.Lists[n] = msg.Bytes()
	}
	for n, m := range members {
		msg, err := m.Reveal(t.Lists)
		if err != nil {
			return nil, err
		}
		t.Reveals[n] = msg.Bytes()
	}
	return secagg.Recover(p.Round, inprocess.Signatures(inprocess.Convener), t)
}

// difference says what the attacker has when it has both sums.
func difference(with, less *secagg.Sum) (string, error) {
	got := make([]int64, len(prize))
	for i := range got {
		got[i] = with.Values[i] - less.Values[i]
	}
	if !slices.Equal(got, prize) {
		return "", errors.New("the difference of the two sums is not the victim's vector")
	}
	return fmt.Sprintf("sum over %d members minus sum over %d: all %d elements of m00's vector, exactly", len(with.Present), len(less.Present), len(got)), nil
}

// copies are members that forget which step they have done: the defence "each step once" is off.
func copies(p *inprocess.Room, names ...string) map[string]*secagg.Member {
	out := map[string]*secagg.Member{}
	for _, n := range names {
		m := *p.Members[n]
		out[n] = &m
	}
	return out
}

// presentAndDropped: the convener lists m00 as present to members that forget, and then as dropped.
func presentAndDropped(context.Context, *scene) (string, error) {
	p, err := sumUpTo(5, 3, secagg.KindMasked)
	if err != nil {
		return "", err
	}
	with, err := opened(p, p.T.Masked, copies(p, "m01", "m02", "m03"))
	if err != nil {
		return "", err
	}
	less, err := opened(p, without(p.T.Masked), copies(p, "m01", "m02", "m03"))
	if err != nil {
		return "", err
	}
	return difference(with, less)
}

func presentAndDroppedRefused(context.Context, *scene) (string, error) {
	p, err := sumUpTo(5, 3, secagg.KindMasked)
	if err != nil {
		return "", err
	}
	real := map[string]*secagg.Member{"m01": p.Members["m01"], "m02": p.Members["m02"], "m03": p.Members["m03"]}
	if _, err := opened(p, p.T.Masked, real); err != nil {
		return "", err
	}
	_, err = opened(p, without(p.T.Masked), real)
	text, err := refused(err, secagg.ErrOrder)
	if err != nil {
		return "", err
	}
	a, _ := p.Propose(p.T.Masked)
	b, _ := p.Propose(without(p.T.Masked))
	return evidence(text, p.Round, secagg.KindProposal, a.Bytes(), b.Bytes(), inprocess.Convener)
}

// evidence adds that two signed messages convict who.
func evidence(text string, r secagg.Round, k secagg.Kind, a, b []byte, who string) (string, error) {
	name, ok := secagg.Conflict(inprocess.Signatures("m01"), r, k, a, b)
	if !ok || name != who {
		return "", fmt.Errorf("two %s messages of %s are no evidence", k, who)
	}
	return fmt.Sprintf("%q; evidence: two %s messages of one round signed by %s, which differ", text, k, who), nil
}

// halves shows one list to one half and another to the other; m04 is in collusion and signs both.
func halves(threshold int) (with, less *secagg.Sum, p *inprocess.Room, err error) {
	if p, err = sumUpTo(5, threshold, secagg.KindMasked); err != nil {
		return
	}
	a, b := copies(p, "m04"), copies(p, "m04")
	a["m00"], a["m01"], b["m02"], b["m03"] = p.Members["m00"], p.Members["m01"], p.Members["m02"], p.Members["m03"]
	if with, err = opened(p, p.T.Masked, a); err == nil {
		less, err = opened(p, without(p.T.Masked), b)
	}
	return
}

// differentLists: the threshold is the defence. With 3 of 5 the round tolerates nobody in collusion (Round.Tolerates), and one is.
func differentLists(context.Context, *scene) (string, error) {
	with, less, _, err := halves(3)
	if err != nil {
		return "", err
	}
	return difference(with, less)
}

func differentListsRefused(context.Context, *scene) (string, error) {
	_, _, p, err := halves(4)
	text, err := refused(err, nil)
	if err != nil {
		return "", err
	}
	if p.Round.Tolerates() < 1 {
		return "", errors.New("the round does not claim to tolerate one")
	}
	a, _ := p.Propose(p.T.Masked)
	b, _ := p.Propose(without(p.T.Masked))
	return evidence(text, p.Round, secagg.KindProposal, a.Bytes(), b.Bytes(), inprocess.Convener)
}

// puppets plays the round with the victim as it is and everybody else played by the convener, under keys of its own.
func puppets(victimVerifies bool) (*secagg.Sum, error) {
	victim := inprocess.Signatures("m00")
	if !victimVerifies {
		victim.Verify = func(string, string, []byte, []byte) error { return nil }
	}
	blind := func(n string) secagg.Signing {
		s := inprocess.Signatures(n + " as the convener plays it")
		s.Verify = func(string, string, []byte, []byte) error { return nil }
		return s
	}
	p, err := inprocess.New(sumRound(5, 3), func(n string) secagg.Signing {
		if n == "m00" {
			return victim
		}
		return blind(n)
	})
	if err != nil {
		return nil, err
	}
	nothing := func(n string) []int64 {
		if n == "m00" {
			return prize
		}
		return make([]int64, len(prize))
	}
	if err := p.Play(secagg.KindReveal, nothing); err != nil {
		return nil, err
	}
	return p.Sum()
}

func changedKeys(context.Context, *scene) (string, error) {
	sum, err := puppets(false)
	if err != nil {
		return "", err
	}
	if !slices.Equal(sum.Values, prize) {
		return "", errors.New("the sum is not the victim's vector")
	}
	return "the convener plays four members with keys of its own: the sum over five is m00's vector", nil
}

func changedKeysRefused(context.Context, *scene) (string, error) {
	_, err := puppets(true)
	return refused(err, nil)
}
