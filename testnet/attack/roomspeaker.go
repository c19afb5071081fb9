package attack

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
	"github.com/tacet-health/tacet/crypto/silence"
)

// Attacks on a silent room of five, in which m00 says something.

const whisper = "the hospice exclusion is too narrow"

var silent = silence.Sitting{ID: [32]byte{8}, Members: inprocess.Roster(5), MaxText: 64}

// seated is a sitting in which the keys are there.
func seated() (map[string]*silence.Member, silence.Keys, error) { return seatedWith("m00") }

func seatedWith(speaker string) (map[string]*silence.Member, silence.Keys, error) {
	return seatedWithText(speaker, whisper)
}

func seatedWithText(speaker, words string) (map[string]*silence.Member, silence.Keys, error) {
	for range 100 {
		members, x := map[string]*silence.Member{}, make([]int64, silent.Reserve(0).Length)
		for _, n := range silent.Members {
			text := ""
			if n == speaker {
				text = words
			}
			m, err := silence.NewMember(silent, text)
			if err != nil {
				return nil, nil, err
			}
			v, err := m.Reserve()
			if err != nil {
				return nil, nil, err
			}
			for i := range x {
				x[i] += v[i]
			}
			members[n] = m
		}
		keys, err := silent.ReadReserve(x)
		if errors.Is(err, silence.ErrCollision) {
			continue
		}
		return members, keys, err
	}
	return nil, nil, errors.New("a hundred collisions")
}

// nameSpeaker: the convener and m04 open the second round with m00 and without it (see halves); the difference is m00's slot, in clear.
func nameSpeaker(threshold int) (string, error) {
	members, keys, err := seated()
	if err != nil {
		return "", err
	}
	r := silent.Speak(keys)
	if threshold > 0 {
		r.Threshold = threshold
	}
	p, err := inprocess.New(r, inprocess.Signatures)
	if err != nil {
		return "", err
	}
	x := map[string][]int64{}
	for n, m := range members {
		if x[n], err = m.Speak(keys); err != nil {
			return "", err
		}
	}
	if err := p.Play(secagg.KindMasked, func(n string) []int64 { return x[n] }); err != nil {
		return "", err
	}
	a, b := copies(p, "m04"), copies(p, "m04")
	a["m00"], a["m01"], b["m02"], b["m03"] = p.Members["m00"], p.Members["m01"], p.Members["m02"], p.Members["m03"]
	with, err := opened(p, p.T.Masked, a)
	if err != nil {
		return "", err
	}
	less, err := opened(p, without(p.T.Masked), b)
	if err != nil {
		return "", err
	}
	sum := slices.Clone(with.Values)
	for i := range sum {
		sum[i] -= less.Values[i]
	}
	texts, _, err := silent.ReadSpeak(keys, sum)
	if err != nil || !slices.Equal(texts, []string{whisper}) {
		return "", fmt.Errorf("the difference does not say it: %w", err)
	}
	return "m00 says: " + whisper, nil
}

func speakerNamed(context.Context, *scene) (string, error) { return nameSpeaker(3) }

func speakerHidden(context.Context, *scene) (string, error) {
	_, err := nameSpeaker(0)
	return refused(err, nil)
}

// votes sums five members' vectors in the clear: what anonymity rests on is not attacked here.
func votes(x map[string][]int64) []int64 {
	sum := make([]int64, len(x["m00"]))
	for _, v := range x {
		for i := range v {
			sum[i] += v[i]
		}
	}
	return sum
}

// twoBallots: m04 puts a second key of its own into the first round. Where nobody counts the keys against the members, it has two ballots.
func twoBallots(context.Context, *scene) (string, error) {
	// The room that does not count thinks it has six members: m04 sits in it twice.
	uncounted := silence.Vote{Sitting: silent, Options: 2}
	uncounted.Sitting.Members = append(slices.Clone(silent.Members), "m04, again")
	for range 100 {
		members, x := map[string]*silence.Member{}, map[string][]int64{}
		for i, n := range uncounted.Sitting.Members {
			ballot, err := uncounted.Ballot(i / 4) // m00 to m03 say 0, m04 says 1, twice
			if err != nil {
				return "", err
			}
			if members[n], err = silence.NewMember(uncounted.Sitting, ballot); err != nil {
				return "", err
			}
			if x[n], err = members[n].Reserve(); err != nil {
				return "", err
			}
		}
		keys, err := uncounted.Sitting.ReadReserve(votes(x))
		if errors.Is(err, silence.ErrCollision) {
			continue
		} else if err != nil {
			return "", err
		}
		for n, m := range members {
			if x[n], err = m.Speak(keys); err != nil {
				return "", err
			}
		}
		t, err := uncounted.Tally(keys, votes(x))
		if err != nil || t.Counts[1] != 2 {
			return "", fmt.Errorf("the second ballot does not count: %w", err)
		}
		return fmt.Sprintf("five members, %d ballots: option 1 has %d of m04 alone", t.Present, t.Counts[1]), nil
	}
	return "", errors.New("a hundred collisions")
}

func twoBallotsRefused(context.Context, *scene) (string, error) {
	x := map[string][]int64{}
	for _, n := range append(slices.Clone(silent.Members), "m04, again") {
		m, err := silence.NewMember(silent, "")
		if err != nil {
			return "", err
		}
		if x[n], err = m.Reserve(); err != nil {
			return "", err
		}
	}
	_, err := silent.ReadReserve(votes(x))
	return refused(err, silence.ErrJammed)
}
