package sum

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
)

// maxHearing is how long what the others say is waited for once somebody objects, or the convener sees for itself that a proof fails.
const maxHearing = 10 * time.Second

// wait waits for a set.
func (a *attempt) wait(ctx context.Context, c *Holding, k secagg.Kind) error {
	deadline, grace, hearing := time.NewTimer(c.Deadline), (<-chan time.Time)(nil), (<-chan time.Time)(nil)
	defer deadline.Stop()
	for {
		a.mu.Lock()
		there, expected, grown, objection := a.there(k), a.expected(k), a.grown, a.objection()
		spoken := slices.AppendSeq(slices.Clone(there), maps.Keys(a.got[secagg.KindObjection]))
		a.mu.Unlock()
		missing := slices.DeleteFunc(slices.Clone(expected), func(n string) bool { return slices.Contains(spoken, n) })
		if len(missing) == 0 {
			return objection
		}
		if c.Progress != nil {
			c.Progress(k, missing)
		}
		enough := objection == nil && len(there) >= a.round.Threshold && k != secagg.KindKeys
		if enough && grace == nil {
			t := time.NewTimer(c.Grace)
			defer t.Stop()
			grace = t.C
		}
		if objection != nil && hearing == nil {
			t := time.NewTimer(min(c.Grace, maxHearing))
			defer t.Stop()
			hearing = t.C
		}
		select {
		case <-grown:
		case <-hearing:
			return objection
		case <-grace:
			return nil
		case <-deadline.C:
			if enough {
				return nil
			}
			return tooFew{fmt.Sprintf("step %s was not finished in time, waiting for %v", k, missing)}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// objection is why the round cannot go on: whom members name for what, and what the convener sees for itself. It ends the round and not only the attempt,
// since the next one would end the same way. a.mu is held.
func (a *attempt) objection() error {
	said := map[string][]string{} // what, and who says so
	var order []string
	hear := func(f *bounded.Fault, who string) {
		what := strings.TrimPrefix(f.Error(), "bounded: ")
		if said[what] == nil {
			order = append(order, what)
		}
		said[what] = append(said[what], who)
	}
	if f, ok := errors.AsType[*bounded.Fault](a.verdict); ok {
		hear(f, a.name)
	} else if a.verdict != nil {
		return a.verdict
	}
	for _, n := range a.round.Members {
		if raw := a.got[secagg.KindObjection][n]; raw != nil {
			if f, err := a.accused(a.sign, a.round, n, raw); err == nil { // it was looked at when it came
				hear(f, n)
			}
		}
	}
	var text []string
	for _, what := range order {
		text = append(text, fmt.Sprintf("%s, say %s", what, strings.Join(said[what], ", ")))
	}
	if text == nil {
		return nil
	}
	return errors.New(strings.Join(text, "; "))
}
