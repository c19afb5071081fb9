package mhe

import (
	"fmt"
	"io"
)

// tally counts the shares of one aggregate and refuses a share that comes twice. Not safe for concurrent use.
type tally struct {
	want   int
	seen   map[[32]byte]bool
	broken bool
}

func newTally(want int) tally { return tally{want: want, seen: map[[32]byte]bool{}} }

func (t *tally) complete() bool { return !t.broken && len(t.seen) == t.want }

func (t *tally) need(what string) error {
	switch {
	case t.broken:
		return fmt.Errorf("%s: %w", what, ErrBroken)
	case len(t.seen) != t.want:
		return fmt.Errorf("%s: %w: %d of %d", what, ErrIncomplete, len(t.seen), t.want)
	}
	return nil
}

// take runs one guarded addition. A share is added while it streams (an aggregate has no room for a second copy), so a share that turns out
// malformed after its header leaves the aggregate void.
func (t *tally) take(c *Context, r io.Reader, f frame, add func(*reader) error) (err error) {
	name := kindName[f.kind]
	if t.broken {
		return fmt.Errorf("%s: %w", name, ErrBroken)
	}
	if len(t.seen) == t.want {
		return fmt.Errorf("%s: all %d were added already", name, t.want)
	}
	rd, err := c.open(r, f, 0)
	if err != nil {
		return err // nothing was added
	}
	done := false
	defer func() {
		if !done {
			t.broken = true
		}
	}()
	defer guard(name, &err)
	if err := add(rd); err != nil {
		return err
	}
	sum, err := rd.close()
	if err != nil {
		return err
	}
	if t.seen[sum] {
		return fmt.Errorf("%s: %w", name, ErrDuplicate)
	}
	t.seen[sum] = true
	done = true
	return nil
}
