package room

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/silence"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/sum"
)

// MaxReserves bounds how often the first round is held: honest members collide about one time in eight.
const MaxReserves = 20

// Config is what a sitting is, for the convener and for a member.
type Config struct {
	Sitting silence.Sitting
	Keys    *identity.Keys
	Members map[string]identity.Public // of the sitting, and the convener
	Dir     string                     // of this sitting alone
	Log     *slog.Logger               // nil: none
}

// Result is what a sitting came to, the same for everybody.
type Result struct {
	Texts      []string // in alphabetical order
	Spoiled    int      // slots that somebody filled with something else
	Keys       silence.Keys
	Sum        []int64  // of the second round: what a vote is counted from
	Transcript [32]byte // binds to all rounds
	Words      map[string][]byte
}

// ErrSpoiled: somebody has written over others' slots; the sitting is void.
var ErrSpoiled = errors.New("somebody has written over what others said, and nobody can tell who: the sitting is void")

// Hosting is a sitting as the convener holds it.
type Hosting struct {
	Config
	Host     *sum.Host
	Deadline time.Duration // of a step; default 30 s
	// Accept judges what a member says about the result.
	Accept func(res *Result, member string, word []byte) error
}

// Part is a member's part in a sitting.
type Part struct {
	Config
	Endpoint link.Endpoint
	Convener string
	Text     string // what it says, filtered; empty: nothing
	// Opening is called before this member's slot can be opened, once, and must be durable when it returns; it is called alike whether there is a text or not.
	Opening func() error
	// Word is what this member says about the result: its signature.
	Word func(*Result) []byte
}

// rounds is how one side holds a round.
type rounds func(name string, r secagg.Round, speak bool, result func(*sum.Outcome) (*Result, error)) (*sum.Outcome, error)

// play holds the rounds of a sitting, the first of them until no two have chosen one slot.
func (c Config) play(hold rounds, seated func(silence.Keys)) (*Result, error) {
	if err := c.Sitting.Check(); err != nil {
		return nil, err
	}
	h := sha256.New()
	h.Write([]byte("tacet/room/v1"))
	h.Write(c.Sitting.ID[:])
	for attempt := range uint64(MaxReserves) {
		out, err := hold(fmt.Sprintf("reserve-%d", attempt), c.Sitting.Reserve(attempt), false, nil)
		if err != nil {
			return nil, err
		}
		h.Write(out.Transcript[:])
		keys, err := c.Sitting.ReadReserve(out.Sum.Values)
		if errors.Is(err, silence.ErrCollision) {
			continue
		} else if err != nil {
			return nil, err
		}
		before := h.Sum(nil)
		result := func(out *sum.Outcome) (*Result, error) {
			texts, spoiled, err := c.Sitting.ReadSpeak(keys, out.Sum.Values)
			if err != nil {
				return nil, err
			}
			slices.Sort(texts)
			return &Result{
				Texts: texts, Spoiled: spoiled, Keys: keys, Sum: out.Sum.Values, Transcript: sha256.Sum256(append(slices.Clone(before), out.Transcript[:]...)), Words: out.Words,
			}, nil
		}
		seated(keys)
		if out, err = hold("speak", c.Sitting.Speak(keys), true, result); err != nil {
			return nil, err
		}
		return result(out)
	}
	return nil, fmt.Errorf("%d collisions one after the other: %w", MaxReserves, silence.ErrCollision)
}

// Hold holds a sitting to its end. When ctx ends the convener stops as by a crash, and Hold on the same folder goes on.
func Hold(ctx context.Context, c Hosting) (*Result, error) {
	if c.Deadline == 0 {
		c.Deadline = 30 * time.Second
	}
	return c.play(func(name string, r secagg.Round, speak bool, result func(*sum.Outcome) (*Result, error)) (*sum.Outcome, error) {
		h := sum.Holding{Keys: c.Keys, Members: c.Members, Round: r, Dir: filepath.Join(c.Dir, name), Deadline: c.Deadline, Linger: c.Deadline, Attempts: 1, Log: c.Log}
		if speak && c.Accept != nil {
			h.Accept = func(out *sum.Outcome, member string, word []byte) error {
				res, err := result(out)
				if err != nil {
					return err
				}
				return c.Accept(res, member, word)
			}
		}
		return c.Host.Hold(ctx, h)
	}, func(silence.Keys) {})
}

// Take takes part in a sitting until its result is there, or there will be none.
func Take(ctx context.Context, c Part) (*Result, error) {
	m, err := silence.NewMember(c.Sitting, c.Text)
	if err != nil {
		return nil, err
	}
	var keys silence.Keys
	return c.play(func(name string, r secagg.Round, speak bool, result func(*sum.Outcome) (*Result, error)) (*sum.Outcome, error) {
		p := sum.Part{
			Keys: c.Keys, Members: c.Members, Endpoint: c.Endpoint, Convener: c.Convener, Round: r, Dir: filepath.Join(c.Dir, name), Log: c.Log,
			Vector: func(context.Context) ([]int64, error) {
				if speak {
					return m.Speak(keys)
				}
				return m.Reserve()
			},
		}
		if speak {
			p.Bind = func(context.Context, [32]byte) error {
				if c.Opening == nil {
					return nil
				}
				return c.Opening()
			}
			p.Word = func(out *sum.Outcome) []byte {
				res, err := result(out)
				if err != nil || c.Word == nil {
					return nil
				}
				return c.Word(res)
			}
		}
		return sum.Take(ctx, p)
	}, func(k silence.Keys) { keys = k })
}
