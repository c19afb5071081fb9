package attack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// An Attack has two halves. Without carries it out against a member that lacks the defence and says what was really broken; an error means
// that nothing was. With carries it out against the real code and says, in its own words, how that refuses; an error means that the defence
// failed. Of an attack that is Open, With shows what is still refused, and Open says what is not.
type Attack struct {
	Name    string
	Breaks  string // what the attacker gains without the defence
	Defence string // what refuses it
	Open    string // a gap that no defence closes yet
	Without func(context.Context, *scene) (string, error)
	With    func(context.Context, *scene) (string, error)
}

// Statuses of a Result.
const (
	Refused = "refused" // worked without the defence, refused with it
	Open    = "open"    // worked, and the real code does not stop it
	Failed  = "failed"  // one of the halves does not hold
)

// Result is one line of the table.
type Result struct {
	Name    string  `json:"name"`
	Status  string  `json:"status"`
	Breaks  string  `json:"breaks"`
	Broken  string  `json:"broken"`  // what the half without the defence really did
	Defence string  `json:"defence"` // which defence
	Refusal string  `json:"refusal"` // what the half with it saw, verbatim where it is an error's text
	Open    string  `json:"open,omitempty"`
	Error   string  `json:"error,omitempty"`
	Seconds float64 `json:"seconds"`
}

// ErrUnknown: no attack has this name.
var ErrUnknown = errors.New("unknown attack")

// ErrFailed: a defence failed, or an attack did not work where it should.
var ErrFailed = errors.New("attack suite failed")

// Names lists the attacks in the order of the table.
func Names() []string {
	var out []string
	for _, a := range suite {
		out = append(out, a.Name)
	}
	return out
}

// Run carries out the named attacks (all when none is named), one after the other, calling each after every result. The error is ErrUnknown
// before anything is run, ErrFailed with the names of what failed, or the context's.
func Run(ctx context.Context, names []string, each func(Result)) error {
	todo := suite
	if len(names) > 0 {
		todo = nil
		for _, name := range names {
			i := slices.IndexFunc(suite, func(a Attack) bool { return a.Name == name })
			if i < 0 {
				return fmt.Errorf("%w %q: known are %s", ErrUnknown, name, strings.Join(Names(), ", "))
			}
			todo = append(todo, suite[i])
		}
	}
	s, err := newScene()
	if err != nil {
		return err
	}
	if os.Getenv(childVariable) != "" {
		return child(s)
	}
	var failed []string
	for _, a := range todo {
		r := a.run(ctx, s)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if r.Status == Failed {
			failed = append(failed, r.Name)
		}
		each(r)
	}
	if failed != nil {
		return fmt.Errorf("%w: %s", ErrFailed, strings.Join(failed, ", "))
	}
	return nil
}

func (a *Attack) run(ctx context.Context, s *scene) Result {
	r := Result{Name: a.Name, Status: Refused, Breaks: a.Breaks, Defence: a.Defence, Open: a.Open}
	if a.Open != "" {
		r.Status = Open
	}
	begin := time.Now()
	var off, on error
	r.Broken, off = guarded(func() (string, error) { return a.Without(ctx, s) })
	r.Refusal, on = guarded(func() (string, error) { return a.With(ctx, s) })
	r.Seconds = time.Since(begin).Seconds()
	if off != nil {
		off = fmt.Errorf("the attack did not work without the defence: %w", off)
	}
	if on != nil {
		on = fmt.Errorf("the defence failed: %w", on)
	}
	if err := errors.Join(off, on); err != nil {
		r.Status, r.Error = Failed, err.Error()
	}
	return r
}

// guarded turns a panic into a failed half: one attack must not hide the others.
func guarded(half func() (string, error)) (text string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return half()
}

// refused demands that err is an error of a kind and returns its text.
func refused(err, kind error) (string, error) {
	switch {
	case err == nil:
		return "", errors.New("accepted")
	case kind != nil && !errors.Is(err, kind):
		return "", fmt.Errorf("refused for another reason than %q: %w", kind, err)
	}
	return err.Error(), nil
}
