package attack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
	"github.com/tacet-health/tacet/crypto/silence"
)

// What the convener and three of five members in collusion see of a silent room: of m00 and m04, who are honest, one says something.

// guesses counts how often they name the speaker, in trials sittings, from the order of the slots that are not their own. move may put a member's key elsewhere.
func guesses(trials int, move func(v []int64, member int)) (right int, err error) {
	honest := []int{0, 4}
	for trial := range trials {
		speaker := honest[(trial*5/3)%2]
		for collided := true; collided; {
			members, x := map[string]*silence.Member{}, map[string][]int64{}
			for i, n := range silent.Members {
				text := ""
				if i == speaker {
					text = whisper
				}
				if members[n], err = silence.NewMember(silent, text); err != nil {
					return 0, err
				}
				if x[n], err = members[n].Reserve(); err != nil {
					return 0, err
				}
				if move != nil {
					move(x[n], i)
				}
			}
			own := votes(map[string][]int64{"m00": make([]int64, len(x["m00"])), "m01": x["m01"], "m02": x["m02"], "m03": x["m03"]})
			sum := votes(x)
			keys, err := silent.ReadReserve(sum)
			if collided = errors.Is(err, silence.ErrCollision); collided {
				continue
			} else if err != nil {
				return 0, err
			}
			theirs := map[string]bool{} // keys of those in collusion, which they know
			for at := 0; at < len(own); at += len(own) / (4 * len(silent.Members) * len(silent.Members)) {
				if own[at] == 1 {
					for k, key := range keys {
						if bytes.Equal(keyAt(sum[at+1:]), key) {
							theirs[fmt.Sprint(k)] = true
						}
					}
				}
			}
			for n, m := range members {
				if x[n], err = m.Speak(keys); err != nil {
					return 0, err
				}
			}
			said := votes(x)
			size, place := len(said)/len(keys), 0
			for k := range keys {
				if theirs[fmt.Sprint(k)] {
					continue
				}
				if said[k*size+1] > 0 && honest[place] == speaker { // the length of what the owner of this slot says
					right++
				}
				place++
			}
			if place != 2 {
				return 0, fmt.Errorf("%d slots are not their own", place)
			}
		}
	}
	return right, nil
}

// keyAt reads a key's 32 bytes out of words of 32 bits.
func keyAt(words []int64) []byte {
	var b []byte
	for _, w := range words[:8] {
		b = append(b, byte(w>>24), byte(w>>16), byte(w>>8), byte(w))
	}
	return b
}

const trials = 40

// slotsInOrder: every member takes the slot of its place in the roster, as one would who only wants no collisions.
func slotsInOrder(context.Context, *scene) (string, error) {
	right, err := guesses(trials, func(v []int64, member int) {
		at := slices.Index(v, 1)
		const words = 13
		at -= at % words
		moved := slices.Clone(v[at : at+words])
		clear(v)
		copy(v[member*words:], moved)
	})
	if err == nil && right != trials {
		err = fmt.Errorf("the speaker is named in %d of %d sittings", right, trials)
	}
	return fmt.Sprintf("the speaker is named in %d of %d sittings", right, trials), err
}

// slotsAtRandom: with random slots the same is a coin. 37 of 40 or 3 of 40 come about by chance once in some 50,000,000 runs.
func slotsAtRandom(context.Context, *scene) (string, error) {
	right, err := guesses(trials, nil)
	if err == nil && (right >= 37 || right <= 3) {
		err = fmt.Errorf("the speaker is named in %d of %d sittings", right, trials)
	}
	return fmt.Sprintf("named in %d of %d sittings, by the convener and all members but two: what a coin does", right, trials), err
}

// onlySpeakersSend: who has nothing to say saves its bytes. The list, which is public, has the speakers.
func onlySpeakersSend(context.Context, *scene) (string, error) {
	p, err := inprocess.New(sumRound(5, 3), inprocess.Signatures)
	if err != nil {
		return "", err
	}
	p.Stops["m01"], p.Stops["m03"] = secagg.KindShares, secagg.KindShares
	if err := p.Play(secagg.KindReveal, inputs); err != nil {
		return "", err
	}
	sum, err := p.Sum()
	if err != nil || !slices.Equal(sum.Present, []string{"m00", "m02", "m04"}) {
		return "", fmt.Errorf("the list does not name who spoke: %w", err)
	}
	return "the list of those present names the three who spoke: " + strings.Join(sum.Present, ", "), nil
}

// shapes are what every member sends in the second round, message for message, when speaker says something.
func shapes(speaker string) (out map[string]string, err error) {
	members, keys, err := seatedWith(speaker)
	if err != nil {
		return nil, err
	}
	p, err := inprocess.New(silent.Speak(keys), inprocess.Signatures)
	if err != nil {
		return nil, err
	}
	out = map[string]string{}
	p.Watch = func(k secagg.Kind, member string, sent int) { out[member] += fmt.Sprintf("%s %d, ", k, sent) }
	x := map[string][]int64{}
	for n, m := range members {
		if x[n], err = m.Speak(keys); err != nil {
			return nil, err
		}
	}
	return out, p.Play(secagg.KindReveal, func(n string) []int64 { return x[n] })
}

func everybodySends(ctx context.Context, _ *scene) (string, error) {
	seen := map[string]bool{}
	for _, speaker := range []string{"m00", "m03", ""} {
		all, err := shapes(speaker)
		if err != nil {
			return "", err
		}
		for _, shape := range all {
			seen[shape] = true
		}
	}
	if len(seen) != 1 {
		return "", fmt.Errorf("%d shapes of traffic", len(seen))
	}
	// And who leaves early ends the round.
	_, keys, err := seated()
	if err != nil {
		return "", err
	}
	p, err := inprocess.New(silent.Speak(keys), inprocess.Signatures)
	if err != nil {
		return "", err
	}
	p.Stops["m01"] = secagg.KindShares
	x := make([]int64, silent.Speak(keys).Length)
	text, err := refused(p.Play(secagg.KindReveal, func(string) []int64 { return x }), nil)
	for shape := range seen {
		text = fmt.Sprintf("m00 speaks, m03 speaks, nobody does: everybody sends %s; without one of them: %q", strings.TrimSuffix(shape, ", "), text)
	}
	if err != nil {
		return "", err
	}
	wire, err := sameOnTheLink(ctx)
	return text + "; " + wire, err
}
