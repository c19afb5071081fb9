package attack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/wire"
)

// rerun is twice, done once for both halves of the attack.
func (s *scene) rerun(ctx context.Context) (first, second *run.Outcome, err error) {
	s.again.do(func(r *repeated) {
		if r.first == nil {
			r.first, r.second, _, err = s.twice(ctx, noLog)
		}
		first, second = r.first, r.second
	})
	return first, second, err
}

type repeated struct{ first, second *run.Outcome }

// What birch has of the log the second time.
type witness int

const (
	noLog     witness = iota // it never wrote to one
	logKept                  // all of it
	logForked                // what was there before the run, and whatever the others show
)

// twice runs one authorised run to its certificate, restores birch's disk to before it, and runs it again: the others are in collusion, put
// other figures of their own in, and show birch nothing of the first time. text is why birch refused, or how the two logs differ.
func (s *scene) twice(ctx context.Context, w witness) (first, second *run.Outcome, text string, err error) {
	n, err := s.newNetwork("rerun")
	if err != nil {
		return nil, nil, "", err
	}
	defer n.close()
	var before int // entries of the log
	if w != noLog {
		if n.books[birch], err = s.newBook(n.manifest.Run); err != nil {
			return nil, nil, "", err
		}
		before = len(n.books[birch].entries)
	}
	out, err := n.run(ctx)
	if err != nil {
		return nil, nil, "", err
	}
	first = out[hub]
	if first == nil || !first.Certified() {
		return nil, nil, "", errors.New("the first time was not certified")
	}
	for name := range n.hooks {
		if err := os.RemoveAll(filepath.Join(n.dir, name)); err != nil { // birch: its backup; the others: on purpose
			return nil, nil, "", err
		}
	}
	n.forget()
	kept := n.books[birch]
	if w == logForked {
		if n.books[birch], err = kept.copied(before); err != nil {
			return nil, nil, "", err
		}
	}
	for i, name := range payers {
		if i != victim { // enough more to take the small cell over the least denominator
			n.num[name], n.den[name] = add4(n.num[name]), add4(n.den[name])
		}
	}
	if out, err = n.run(ctx); err != nil {
		return nil, nil, "", err
	}
	switch {
	case w == logKept:
		text, _, err = n.whyEnded(birch)
	case w == logForked && kept.head() != n.books[birch].head():
		text = fmt.Sprintf("%s has signed entry %d of the log twice, with another word about run %s", birch, before+1, n.manifest.Run)
	}
	if slices.Contains(n.revealed.v["keys-1"], birch) && w == logKept {
		err = errors.Join(err, fmt.Errorf("%s revealed a key share", birch))
	}
	return first, out[hub], text, err
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

// rerunRefused: birch's directory was put back, its log was not, or it has been read again from anybody honest.
func rerunRefused(ctx context.Context, s *scene) (string, error) {
	_, second, text, err := s.twice(ctx, logKept)
	if err != nil {
		return "", err
	}
	if second.Certified() || second.Code != wire.Restored || second.By != birch {
		return "", fmt.Errorf("the second time ended otherwise: %+v", second)
	}
	return fmt.Sprintf("%q; no key share of the second time leaves", text), nil
}

// rerunOnFork: the log was put back too, and everybody else shows birch one in which it has said nothing.
func rerunOnFork(ctx context.Context, s *scene) (string, error) {
	first, second, text, err := s.twice(ctx, logForked)
	if err != nil {
		return "", err
	}
	if !first.Certified() || !second.Certified() || first.Transcript == second.Transcript {
		return "", errors.New("the two times are not two certified transcripts")
	}
	return "not refused. The second time has new keys, and contradicts the first for whoever sees both: " + text, nil
}
