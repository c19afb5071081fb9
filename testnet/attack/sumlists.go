package attack

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/protocol/sum"
)

// Two lists, over the link: to halves of the members, and to members whose folder was put back.

// linkHalves: m00 and m01 are shown everybody, m02 and m03 all but m00; m04 is in collusion and signs both lists.
func linkHalves(ctx context.Context, threshold int) (with, less *secagg.Sum, l *links, ends map[string]error, err error) {
	if l, err = newLinks(sumRound(5, threshold)); err != nil {
		return
	}
	honest, one, two := []string{"m00", "m01", "m02", "m03"}, []string{"m00", "m01"}, []string{"m02", "m03"}
	f := l.live(ctx, nil, honest...)
	defer f.kill()
	x := l.lies(ctx)
	friend, err := secagg.New(x.round, "m04", l.signing("m04"))
	if err != nil {
		return
	}
	m, err := friend.Keys()
	if err = x.put(secagg.KindKeys, "m04", m, err); err != nil {
		return
	}
	if err = x.pass(secagg.KindKeys, secagg.KindKeys, honest...); err != nil {
		return
	}
	m, err = friend.Shares(x.have(secagg.KindKeys))
	if err = x.put(secagg.KindShares, "m04", m, err); err != nil {
		return
	}
	if err = x.pass(secagg.KindShares, secagg.KindShares, honest...); err != nil {
		return
	}
	m, v, err := friend.Masked(x.have(secagg.KindShares), inputs("m04"))
	if err = x.put(secagg.KindMasked, "m04", m, err, v); err != nil {
		return
	}
	all, err := x.await(secagg.KindMasked, honest...)
	if err != nil {
		return
	}
	lists := map[int]map[string][]byte{0: {}, 1: {}}
	for i, half := range [][]string{one, two} {
		set := all
		if i == 1 {
			set = without(all)
		}
		x.show(secagg.KindMasked, set, half...)
		if err = x.propose(set, half...); err != nil {
			return
		}
		p, _ := secagg.Propose(x.round, l.signing(hub), hub, x.have(secagg.KindShares), set)
		again := *friend
		m, err = again.Cosign(hub, p.Bytes(), set)
		if err != nil {
			return
		}
		lists[i]["m04"] = m.Bytes()
		signed, err1 := x.await(secagg.KindList, half...)
		if err = err1; err != nil {
			return
		}
		for _, n := range half {
			lists[i][n] = signed[n]
		}
		x.show(secagg.KindList, lists[i], half...)
		if threshold > 3 {
			continue // no half says anything
		}
		r, err1 := again.Reveal(lists[i])
		reveals, err2 := x.await(secagg.KindReveal, half...)
		if err = errors.Join(err1, err2); err != nil {
			return
		}
		mine := map[string][]byte{"m04": r.Bytes(), half[0]: reveals[half[0]], half[1]: reveals[half[1]]}
		s, err1 := x.opens(set, lists[i], mine)
		if err = err1; err != nil {
			return
		}
		if with == nil {
			with = s
		} else {
			less = s
		}
	}
	if threshold > 3 {
		ends = f.wait()
	}
	return
}

func listsOverLink(ctx context.Context, _ *scene) (string, error) {
	with, less, l, _, err := linkHalves(ctx, 3)
	if l != nil {
		defer l.close()
	}
	if err != nil {
		return "", err
	}
	return difference(with, less)
}

func listsOverLinkRefused(ctx context.Context, _ *scene) (string, error) {
	_, _, l, ends, err := linkHalves(ctx, 4)
	if l != nil {
		defer l.close()
	}
	if err != nil {
		return "", err
	}
	text := ""
	for _, n := range []string{"m00", "m01", "m02", "m03"} {
		if text, err = refused(ends[n], sum.ErrConvicted); err != nil {
			return "", fmt.Errorf("%s: %w", n, err)
		}
	}
	var pieces [4][]byte
	for i, file := range []string{"1/proposal.shown", "1/masked.set"} {
		for j, n := range []string{"m00", "m02"} {
			if pieces[2*i+j], err = l.shown(n, file); err != nil {
				return "", err
			}
		}
	}
	lists, err := l.judged(pieces[0], pieces[1])
	if err != nil {
		return "", err
	}
	sets, err := l.judged(pieces[2], pieces[3])
	return fmt.Sprintf("m03: %q; m00's folder beside m02's: %s; and: %s", text, lists, sets), err
}

// putBack plays a round with everybody; then m01 to m03 are restored from copies of their folders that were made when they had sent their masked vectors,
// and are shown that m00 has dropped. record has what each has bound itself to, outside its reach; nil: there is no such record.
func putBack(ctx context.Context, record *locked[map[string][32]byte]) (with, less *secagg.Sum, ends map[string]error, err error) {
	l, err := newLinks(sumRound(5, 3))
	if err != nil {
		return nil, nil, nil, err
	}
	defer l.close()
	all, victims := l.round.Members, []string{"m01", "m02", "m03"}
	bind := func(p *sum.Part) {
		if record == nil {
			return
		}
		name := p.Keys.Name()
		p.Bind = func(_ context.Context, list [32]byte) (err error) {
			record.do(func(m *map[string][32]byte) {
				if before, ok := (*m)[name]; ok && before != list {
					err = sum.ErrRestored
					return
				}
				(*m)[name] = list
			})
			return err
		}
	}
	x := l.lies(ctx)
	first := l.live(ctx, bind, "m00", "m04")
	defer first.kill()
	before := l.live(ctx, func(p *sum.Part) {
		bind(p)
		p.Crash = func(at sum.Point, k secagg.Kind) bool { return at == sum.Sent && k == secagg.KindMasked }
	}, victims...)
	defer before.kill()
	if err := x.pass(secagg.KindKeys, secagg.KindShares, all...); err != nil {
		return nil, nil, nil, err
	}
	before.wait() // they stop by themselves
	for _, n := range victims {
		if err := os.CopyFS(l.folder(n)+".backup", os.DirFS(l.folder(n))); err != nil {
			return nil, nil, nil, err
		}
	}
	second := l.live(ctx, bind, victims...)
	defer second.kill()
	if err := x.pass(secagg.KindMasked, secagg.KindReveal, all...); err != nil {
		return nil, nil, nil, err
	}
	masked := x.have(secagg.KindMasked)
	if with, err = x.opens(masked, x.have(secagg.KindList), x.have(secagg.KindReveal)); err != nil {
		return nil, nil, nil, err
	}
	second.kill()
	first.kill()
	for _, n := range victims {
		if err := errors.Join(os.RemoveAll(l.folder(n)), os.Rename(l.folder(n)+".backup", l.folder(n))); err != nil {
			return nil, nil, nil, err
		}
	}
	x.again(secagg.KindList)
	third := l.live(ctx, bind, victims...)
	defer third.kill()
	x.show(secagg.KindKeys, x.have(secagg.KindKeys), victims...)
	x.show(secagg.KindShares, x.have(secagg.KindShares), victims...)
	x.show(secagg.KindMasked, without(masked), victims...)
	if err := x.propose(without(masked), victims...); err != nil {
		return nil, nil, nil, err
	}
	lists, err := x.await(secagg.KindList, victims...)
	if err != nil {
		return nil, nil, nil, err
	}
	x.show(secagg.KindList, lists, victims...)
	if record != nil {
		return with, nil, third.wait(), nil
	}
	reveals, err := x.await(secagg.KindReveal, victims...)
	if err != nil {
		return nil, nil, nil, err
	}
	less, err = x.opens(without(masked), lists, reveals)
	return with, less, nil, err
}

func restoredMembers(ctx context.Context, _ *scene) (string, error) {
	with, less, _, err := putBack(ctx, nil)
	if err != nil {
		return "", err
	}
	return difference(with, less)
}

func restoredMembersRefused(ctx context.Context, _ *scene) (string, error) {
	_, _, ends, err := putBack(ctx, &locked[map[string][32]byte]{v: map[string][32]byte{}})
	if err != nil {
		return "", err
	}
	text := ""
	for _, n := range []string{"m01", "m02", "m03"} {
		if text, err = refused(ends[n], sum.ErrRestored); err != nil {
			return "", fmt.Errorf("%s: %w", n, err)
		}
	}
	return fmt.Sprintf("each of the three, after it has signed the second list and before it opens it: %q", text), nil
}
