package attack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/driver"
	"github.com/tacet-health/tacet/protocol/wire"
)

// shareAfterRestore: birch's sealed journal is put back to before its answer of round two, and what it has said since is on no record but
// the convener's, who is in collusion. Its first key share is known from its first life, and it is the same in the second: so the others
// choose theirs by it now, which the commitments before round one had prevented.
func shareAfterRestore(ctx context.Context, s *scene) (string, error) {
	if _, again, err := s.putBack(ctx, false); err != nil {
		return "", err
	} else if !again {
		return "", errors.New("the restored member gave no second answer")
	}
	n, err := s.newSession("restore")
	if err != nil {
		return "", err
	}
	backup, err := n.parties[victim].State()
	if err != nil {
		return "", err
	}
	if err := n.key(); err != nil { // the first life goes on to its input
		return "", err
	}
	if _, err := n.contribute(nil); err != nil {
		return "", err
	}
	one := slices.Clone(n.one)
	one[attacker] = s.rushed(n.one[attacker], n.one[0], n.one[victim])
	k, err := n.sum(one)
	if err != nil {
		return "", err
	}
	p, err := s.c.Resume(n.ref, s.plan.Rotations(), backup)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := p.KeyRoundTwo(k, &b); err != nil {
		return "", err
	}
	share, err := secretOf(s.integers(s.polynomial(b.Bytes(), 0)), s.third(0))
	if err != nil {
		return "", err
	}
	return n.opens(share, "a second answer of round two, on a sum chosen by the first life's share")
}

// putBack runs birch on a sealed journal until it reveals its answer of round two, stops everybody, puts birch's folder back to where it had
// signed nothing but its commitment, and begins again with others who keep all they have seen back. again says whether it gave a second
// answer. With a witness, birch has the log: its own words of the first life are in it.
func (s *scene) putBack(ctx context.Context, witness bool) (text string, again bool, err error) {
	n, err := s.newNetwork("put-back")
	if err != nil {
		return "", false, err
	}
	defer n.close()
	if err := n.seal(birch); err != nil {
		return "", false, err
	}
	if witness {
		if n.books[birch], err = s.newBook(n.manifest.Run); err != nil {
			return "", false, err
		}
	}
	folder, backup := filepath.Join(n.dir, birch), filepath.Join(n.dir, "backup")
	var failed error
	n.hooks[birch].Crash = func(p run.Point, at run.Step) bool {
		if p == run.Bound && at.Kind == run.Prepare {
			failed = os.CopyFS(backup, os.DirFS(folder)) // read after the run
		}
		return false
	}
	life := func() (*run.Outcome, bool, error) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		answered := make(chan struct{}, 2)
		n.reveal = func(member string, at run.Step) {
			if member == birch && at.Kind == run.KeysTwo {
				answered <- struct{}{}
				stop()
			}
		}
		out, err := n.run(ctx)
		return out[birch], len(answered) > 0, err
	}
	_, first, err := life()
	if err = errors.Join(err, failed); err != nil {
		return "", false, err
	}
	if !first {
		return "", false, errors.New("the first life gave no answer of round two")
	}
	for name := range n.hooks {
		if err := os.RemoveAll(filepath.Join(n.dir, name)); err != nil {
			return "", false, err
		}
	}
	if err := os.CopyFS(folder, os.DirFS(backup)); err != nil {
		return "", false, err
	}
	n.hooks[birch].Crash = nil
	n.forget()
	o, second, err := life()
	if err != nil {
		return "", false, err
	}
	if shown := n.shown[birch+" keys-1"]; len(shown) != 2 || shown[0] != shown[1] {
		return "", false, errors.New("the second life did not show the first key share again")
	}
	if second || !witness {
		return "", second, nil
	}
	if o == nil || o.Code != wire.Restored {
		return "", false, fmt.Errorf("the second life ended otherwise: %+v", o)
	}
	return n.whyEnded(birch)
}

// whyEnded is what a member's own operator reads; it must name the way out.
func (n *network) whyEnded(member string) (string, bool, error) {
	err := n.errs[member]
	if !errors.Is(err, driver.ErrRestored) || !strings.Contains(err.Error(), "do not use it; the run is void; start a new run") {
		return "", false, fmt.Errorf("the way out is not named: %w", err)
	}
	return strings.ReplaceAll(err.Error(), "\n", ": "), false, nil
}

func shareAfterRestoreRefused(ctx context.Context, s *scene) (string, error) {
	var texts []string
	for _, put := range []struct {
		what    string
		restore func(folder, backup string) error
	}{
		{"whole folder, relay honest", func(folder, backup string) error {
			return errors.Join(os.RemoveAll(folder), os.CopyFS(folder, os.DirFS(backup)))
		}},
		{"sealed file alone", func(folder, backup string) error {
			b, err := os.ReadFile(filepath.Join(backup, "older", "secrets.sealed"))
			return errors.Join(err, os.WriteFile(filepath.Join(folder, "older", "secrets.sealed"), b, 0o600))
		}},
	} {
		text, err := s.older(ctx, put.restore)
		if err != nil {
			return "", fmt.Errorf("%s: %w", put.what, err)
		}
		texts = append(texts, fmt.Sprintf("%s: %q", put.what, text))
	}
	text, again, err := s.putBack(ctx, true)
	if err != nil {
		return "", err
	}
	if again {
		return "", errors.New("it answered again")
	}
	return strings.Join(append(texts, fmt.Sprintf("whole folder, everybody else in collusion: %q", text)), "; "), nil
}

// older lets birch die with its input committed and not shown, puts what restore says back from a copy of before its first key share left,
// and starts it again. It must show nothing, and everybody must be told.
func (s *scene) older(ctx context.Context, restore func(folder, backup string) error) (string, error) {
	n, err := s.newNetwork("older")
	if err != nil {
		return "", err
	}
	defer n.close()
	if err := n.seal(birch); err != nil {
		return "", err
	}
	folder, backup := filepath.Join(n.dir, birch), filepath.Join(n.dir, "backup")
	var failed error
	lives := 0
	n.hooks[birch].Crash = func(p run.Point, at run.Step) bool {
		if lives == 0 && p == run.Bound && at.Kind == run.KeysOne {
			failed = os.CopyFS(backup, os.DirFS(folder))
		}
		return lives == 0 && p == run.Agreed && at.Kind == run.Input
	}
	n.reborn = func(string) error {
		lives++
		return errors.Join(failed, restore(folder, backup))
	}
	out, err := n.run(ctx)
	if err != nil {
		return "", err
	}
	if lives != 1 {
		return "", fmt.Errorf("%s died %d times", birch, lives)
	}
	for name := range n.hooks {
		if _, err := n.ended(out, name, wire.Restored, "input"); err != nil {
			return "", err
		}
	}
	text, _, err := n.whyEnded(birch)
	return text, err
}
