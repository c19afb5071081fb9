package attack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tacet-health/tacet/protocol/run"
)

// rerun is twice, done once for both halves of the attack.
func (s *scene) rerun(ctx context.Context) (first, second *run.Outcome, err error) {
	s.again.do(func(r *repeated) {
		if r.first == nil {
			r.first, r.second, err = s.twice(ctx)
		}
		first, second = r.first, r.second
	})
	return first, second, err
}

type repeated struct{ first, second *run.Outcome }

// twice runs one authorised run to its certificate, restores birch's disk to before it, and runs it again: the others are in collusion, put
// other figures of their own in, and show birch nothing of the first time.
func (s *scene) twice(ctx context.Context) (first, second *run.Outcome, err error) {
	n, err := s.newNetwork("rerun")
	if err != nil {
		return nil, nil, err
	}
	defer n.close()
	out, err := n.run(ctx)
	if err != nil {
		return nil, nil, err
	}
	first = out[hub]
	for name := range n.hooks {
		if err := os.RemoveAll(filepath.Join(n.dir, name)); err != nil { // birch: its backup; the others: on purpose
			return nil, nil, err
		}
	}
	n.commits = nil
	for i, name := range payers {
		if i != victim { // enough more to take the small cell over the least denominator
			n.num[name], n.den[name] = add4(n.num[name]), add4(n.den[name])
		}
	}
	if out, err = n.run(ctx); err != nil {
		return nil, nil, err
	}
	return first, out[hub], nil
}

func add4(v []int64) []int64 {
	v = append([]int64(nil), v...)
	v[small] += 4
	return v
}

func rerunAfterRestore(ctx context.Context, s *scene) (string, error) {
	first, second, err := s.rerun(ctx)
	if err != nil {
		return "", err
	}
	switch {
	case !first.Certified() || !second.Certified():
		return "", fmt.Errorf("not certified twice: %s; %s", first.Void, second.Void)
	case first.Values[small].Released || !second.Values[small].Released:
		return "", errors.New("the second release shows no more than the first")
	}
	return fmt.Sprintf("certified twice under one authorisation: a cell suppressed in the first table is released in the second, from which %s and %s, who added 8, learn %s's denominator to be at least %d",
		alder, cedar, birch, s.den[victim][small]), nil
}

// rerunStaysOneKey: what holds even then is that the second time has other keys and another transcript, so that no share of the first meets it.
func rerunStaysOneKey(ctx context.Context, s *scene) (string, error) {
	first, second, err := s.rerun(ctx)
	if err != nil {
		return "", err
	}
	if !first.Certified() || !second.Certified() || first.Transcript == second.Transcript {
		return "", errors.New("the two times are not two transcripts")
	}
	return "not refused. The second time has new keys and another transcript: two certificates of one run contradict each other for whoever sees both", nil
}
