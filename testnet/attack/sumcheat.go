package attack

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
	"github.com/tacet-health/tacet/protocol/sum"
)

// An out-of-range input into a sum over the link: real members and an honest convener; m04 runs a program of its own.

// cheated holds a round in which m04 adds an excess to one element.
func cheated(ctx context.Context, proven *bounded.Round) (l *links, out *sum.Outcome, errs map[string]error, err error) {
	if l, err = newLinks(sumRound(5, 4)); err != nil {
		return nil, nil, nil, err
	}
	host := sum.NewHost(l.hub)
	defer host.Close()
	f := l.live(ctx, func(p *sum.Part) {
		if p.Proven = proven; p.Keys.Name() == "m04" {
			p.Cheat = func(x []int64) []int64 {
				y := slices.Clone(x)
				y[2] += excess
				return y
			}
		}
	}, l.round.Members...)
	out, err = host.Hold(ctx, sum.Holding{
		Keys: l.keys[hub], Members: l.public, Round: l.round, Proven: proven, Dir: l.folder(hub), Deadline: 30 * time.Second, Grace: time.Second, Linger: 5 * time.Second,
	})
	return l, out, f.wait(), err
}

func linkOverstated(ctx context.Context, _ *scene) (string, error) {
	l, out, errs, err := cheated(ctx, nil)
	if l != nil {
		defer l.close()
	}
	if err != nil {
		return "", err
	}
	want := int64(excess)
	for _, n := range l.round.Members {
		want += inputs(n)[2]
		if errs[n] != nil {
			return "", fmt.Errorf("%s: %w", n, errs[n])
		}
	}
	if out.Sum.Values[2] != want || !slices.Contains(out.Sum.Present, "m04") {
		return "", errors.New("the sum is not shifted")
	}
	return fmt.Sprintf("m04 adds %d times its bound to an element: all %d members and the convener end with the shifted sum, and with no complaint", excess>>31, len(errs)), nil
}

func linkOverstatedRefused(ctx context.Context, _ *scene) (string, error) {
	r := bounded.Round{Manifest: [32]byte{1}, Members: sumRound(5, 4).Members, Form: bounded.Vector, Length: len(prize), Low: -1 << 30, Bits: 32}
	l, _, errs, err := cheated(ctx, &r)
	if l == nil {
		return "", err
	}
	defer l.close()
	text, err := refused(err, sum.ErrOver)
	if err != nil {
		return "", err
	}
	for _, n := range []string{"m00", "m01", "m02", "m03"} {
		if said, err := refused(errs[n], sum.ErrOver); err != nil || !strings.Contains(said, "the report of m04") {
			return "", fmt.Errorf("%s does not name m04: %q %w", n, said, err)
		}
	}
	if opened, _ := filepath.Glob(filepath.Join(l.dir, "*", "*", secagg.KindOpen.String()+".*")); len(opened) > 0 {
		return "", errors.New("something was opened")
	}
	if _, err := l.shown(hub, "2"); err == nil || !strings.Contains(err.Error(), "no such file") {
		return "", errors.New("another attempt was begun with m04")
	}
	// What m00 has kept, before somebody with the public keys.
	t := bounded.Transcript{}
	for _, k := range []secagg.Kind{secagg.KindKeys, secagg.KindReport, secagg.KindPrep} {
		t[k] = map[string][]byte{}
		for _, n := range r.Members {
			if t[k][n], err = l.shown("m00", fmt.Sprintf("evidence/refused-1/%s.%s", k, n)); err != nil {
				return "", err
			}
		}
	}
	r.Number = 1
	judged, err := refused(bounded.Judge(r, l.signing("m03"), t), bounded.ErrRange)
	return fmt.Sprintf("%q; evidence, judged with public keys: %q", text, judged), err
}
