package attack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/protocol/sum"
)

// What a convener over the link can put before a real member at the first step, and at a round that it says is to be held again.

// shownKeys shows m00 a set of keys that change has its way with: it gets what the members have really sent, of this round and of another one. The member refuses,
// and its folder convicts the convener.
func shownKeys(ctx context.Context, change func(now, other map[string][]byte) map[string][]byte) (string, error) {
	l, err := newLinks(sumRound(5, 3))
	if err != nil {
		return "", err
	}
	defer l.close()
	x := l.lies(ctx)
	f := l.live(ctx, nil, "m00")
	defer f.kill()
	now, err := x.await(secagg.KindKeys, "m00")
	if err != nil {
		return "", err
	}
	other := map[string][]byte{}
	elsewhere := x.round
	elsewhere.Number = 7
	for _, n := range l.round.Members[1:] {
		for r, into := range map[*secagg.Round]map[string][]byte{&x.round: now, &elsewhere: other} {
			m, err := secagg.New(*r, n, l.signing(n))
			if err != nil {
				return "", err
			}
			msg, err := m.Keys()
			if err != nil {
				return "", err
			}
			into[n] = msg.Bytes()
		}
	}
	x.show(secagg.KindKeys, change(now, other), "m00")
	text, err := refused(f.wait()["m00"], sum.ErrConvicted)
	if err != nil {
		return "", err
	}
	if len(x.have(secagg.KindShares)) > 0 {
		return "", errors.New("m00 has gone on")
	}
	what, err := l.judge("m00", 1)
	return fmt.Sprintf("over the link: %q; %s", text, what), err
}

// and appends what comes over the link to what happens in the process.
func and(ctx context.Context, text string, err error, change func(now, other map[string][]byte) map[string][]byte) (string, error) {
	if err != nil {
		return "", err
	}
	more, err := shownKeys(ctx, change)
	return text + "; " + more, err
}

func changedKeysConvicted(ctx context.Context, s *scene) (string, error) {
	text, err := changedKeysRefused(ctx, s)
	return and(ctx, text, err, func(now, _ map[string][]byte) map[string][]byte {
		keys, err := linked()
		if err != nil {
			panic(err)
		}
		puppet, err := secagg.New(sumRoundOne(), "m01", secagg.Signing{Sign: keys[hub].Sign})
		if err != nil {
			panic(err)
		}
		m, _ := puppet.Keys()
		now["m01"] = m.Bytes()
		return now
	})
}

// sumRoundOne is the first attempt of the round over the link.
func sumRoundOne() secagg.Round {
	r := sumRound(5, 3)
	r.Number = 1
	return r
}

func shrunkRosterConvicted(ctx context.Context, s *scene) (string, error) {
	text, err := shrunkRosterRefused(ctx, s)
	return and(ctx, text, err, func(now, _ map[string][]byte) map[string][]byte {
		delete(now, "m01")
		delete(now, "m02")
		return now
	})
}

func replayedRoundConvicted(ctx context.Context, s *scene) (string, error) {
	text, err := replayedRoundRefused(ctx, s)
	return and(ctx, text, err, func(now, other map[string][]byte) map[string][]byte {
		now["m03"] = other["m03"]
		return now
	})
}

// heldAgain plays a round over the link with everybody to its end; then the members start again, and the convener says that the round has failed and holds
// another attempt, in which m00 drops. forget: the members have lost their folders.
func heldAgain(ctx context.Context, forget bool) (sums [2]*secagg.Sum, l *links, ends map[string]error, err error) {
	if l, err = newLinks(sumRound(5, 3)); err != nil {
		return
	}
	x := l.lies(ctx)
	all := l.round.Members
	for i := range sums {
		if i == 1 {
			x.begin(2)
		}
		f := l.live(ctx, nil, all...)
		defer f.kill()
		if i == 1 && !forget {
			return sums, l, f.wait(), nil
		}
		if err = x.pass(secagg.KindKeys, secagg.KindShares, all...); err != nil {
			return
		}
		masked, err1 := x.await(secagg.KindMasked, all...)
		if err = err1; err != nil {
			return
		}
		stay := all
		if i == 1 {
			masked, stay = without(maps.Clone(masked)), all[1:]
		}
		x.show(secagg.KindMasked, masked, all...)
		if err = x.propose(masked, stay...); err != nil {
			return
		}
		if err = x.pass(secagg.KindList, secagg.KindReveal, stay...); err != nil {
			return
		}
		if sums[i], err = x.opens(masked, x.have(secagg.KindList), x.have(secagg.KindReveal)); err != nil {
			return
		}
		if i == 0 {
			for n, err1 := range f.wait() {
				if err1 != nil {
					return sums, l, nil, fmt.Errorf("the first round: %s: %w", n, err1)
				}
			}
			if forget {
				for _, n := range all {
					os.RemoveAll(l.folder(n))
				}
			}
		}
	}
	return
}

func heldAgainAfterRestart(ctx context.Context, _ *scene) (string, error) {
	sums, l, _, err := heldAgain(ctx, true)
	if l != nil {
		defer l.close()
	}
	if err != nil {
		return "", err
	}
	return difference(sums[0], sums[1])
}

func heldAgainRefused(ctx context.Context, _ *scene) (string, error) {
	_, l, ends, err := heldAgain(ctx, false)
	if l != nil {
		defer l.close()
	}
	if err != nil {
		return "", err
	}
	for _, n := range l.round.Members {
		if _, err := refused(ends[n], secagg.ErrHistory); err != nil {
			return "", fmt.Errorf("%s: %w", n, err)
		}
		if _, err := refused(ends[n], sum.ErrConvicted); err != nil {
			return "", fmt.Errorf("%s: %w", n, err)
		}
	}
	what, err := l.judge("m02", 1)
	return fmt.Sprintf("%q; %s", ends["m02"], what), err
}
