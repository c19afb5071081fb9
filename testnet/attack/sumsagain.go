package attack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
)

// shrunkRoster: m00 takes part in the round the convener names, with m03 and m04 in collusion.
func shrunkRoster(context.Context, *scene) (string, error) {
	r := sumRound(5, 3)
	r.Members, r.Threshold = []string{"m00", "m03", "m04"}, 2
	p, err := inprocess.New(r, inprocess.Signatures)
	if err != nil {
		return "", err
	}
	if err := p.Play(secagg.KindReveal, inputs); err != nil {
		return "", err
	}
	sum, err := p.Sum()
	if err != nil {
		return "", err
	}
	for i := range prize {
		if sum.Values[i]-inputs("m03")[i]-inputs("m04")[i] != prize[i] {
			return "", errors.New("the rest of the sum is not the victim's vector")
		}
	}
	return "a round of m00 and two in collusion: the sum minus their own vectors is m00's", nil
}

func shrunkRosterRefused(context.Context, *scene) (string, error) {
	small := sumRound(5, 3)
	small.Members, small.Threshold = []string{"m00", "m03", "m04"}, 2
	theirs, err := inprocess.New(small, inprocess.Signatures)
	if err != nil {
		return "", err
	}
	if err := theirs.Step(secagg.KindKeys, nil); err != nil {
		return "", err
	}
	p, err := sumUpTo(5, 3, secagg.KindKeys) // the roster is the manifest's
	if err != nil {
		return "", err
	}
	_, err = p.Members["m00"].Shares(map[string][]byte{"m00": p.T.Keys["m00"], "m03": theirs.T.Keys["m03"], "m04": theirs.T.Keys["m04"]})
	first, err := refused(err, nil)
	if err != nil {
		return "", err
	}
	_, err = p.Members["m00"].Shares(map[string][]byte{"m00": p.T.Keys["m00"], "m03": p.T.Keys["m03"], "m04": p.T.Keys["m04"]})
	second, err := refused(err, nil)
	if err != nil {
		return "", err
	}
	// Everybody is shown the roster, and the convener has too many dropped.
	if p, err = sumUpTo(5, 3, secagg.KindMasked); err != nil {
		return "", err
	}
	few := map[string][]byte{"m00": p.T.Masked["m00"], "m04": p.T.Masked["m04"]}
	proposal, err := p.Propose(few)
	if err != nil {
		return "", err
	}
	_, err = p.Members["m00"].Cosign(inprocess.Convener, proposal.Bytes(), few)
	third, err := refused(err, nil)
	return fmt.Sprintf("%q; %q; %q", first, second, third), err
}

// againWithout plays a first round to the end, says that it failed, and holds a second one without m00.
func againWithout(begin func(secagg.Round, string) (*secagg.Member, error), reveal func(string, *secagg.Member, map[string][]byte) (*secagg.Message, error)) (sums [2]*secagg.Sum, err error) {
	for i := range sums {
		r := sumRound(5, 3)
		r.Number += uint64(i)
		p, err := inprocess.New(r, inprocess.Signatures)
		if err != nil {
			return sums, err
		}
		for _, n := range r.Members {
			if p.Members[n], err = begin(r, n); err != nil {
				return sums, err
			}
		}
		if i == 1 {
			p.Stops["m00"] = secagg.KindShares
		}
		if err := p.Play(secagg.KindList, inputs); err != nil {
			return sums, err
		}
		for n := range p.T.Lists {
			msg, err := reveal(n, p.Members[n], p.T.Lists)
			if err != nil {
				return sums, err
			}
			p.T.Reveals[n] = msg.Bytes()
		}
		if sums[i], err = p.Sum(); err != nil {
			return sums, err
		}
	}
	return sums, nil
}

func replayedRound(context.Context, *scene) (string, error) {
	sums, err := againWithout(
		func(r secagg.Round, n string) (*secagg.Member, error) {
			return secagg.New(r, n, inprocess.Signatures(n))
		},
		func(_ string, m *secagg.Member, lists map[string][]byte) (*secagg.Message, error) {
			return m.Reveal(lists)
		})
	if err != nil {
		return "", err
	}
	return difference(sums[0], sums[1])
}

func replayedRoundRefused(context.Context, *scene) (string, error) {
	histories := map[string]*secagg.History{}
	for _, n := range inprocess.Roster(5) {
		histories[n] = &secagg.History{}
	}
	sums, err := againWithout(
		func(r secagg.Round, n string) (*secagg.Member, error) {
			return histories[n].Begin(r, n, inprocess.Signatures(n))
		},
		func(n string, m *secagg.Member, lists map[string][]byte) (*secagg.Message, error) {
			return histories[n].Reveal(m, lists)
		})
	if sums[0] == nil {
		return "", fmt.Errorf("the first round: %w", err)
	}
	text, err := refused(err, secagg.ErrHistory)
	if err != nil {
		return "", err
	}
	// Messages of the first round in a second one.
	old, err := sumUpTo(5, 3, secagg.KindKeys)
	if err != nil {
		return "", err
	}
	r := sumRound(5, 3)
	r.Number = 2
	m, err := secagg.New(r, "m00", inprocess.Signatures("m00"))
	if err != nil {
		return "", err
	}
	mine, _ := m.Keys()
	shown := maps.Clone(old.T.Keys)
	shown["m00"] = mine.Bytes()
	if bytes.Equal(shown["m00"], old.T.Keys["m00"]) {
		return "", errors.New("two rounds have one key")
	}
	_, err = m.Shares(shown)
	replay, err := refused(err, nil)
	return fmt.Sprintf("%q; %q", text, replay), err
}
