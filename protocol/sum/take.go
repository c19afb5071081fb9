package sum

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/run/objects"
)

// Part is a member's part in a round.
type Part struct {
	Keys     *identity.Keys
	Members  map[string]identity.Public // of the round, and the convener
	Endpoint link.Endpoint
	Convener string
	Round    secagg.Round     // its Number is not used
	Proven   *bounded.Round   // not nil: bounds are proven in it, and it is the round in place of Round
	Dir      string           // of this manifest alone
	Sealing  *objects.Sealing // nil: a crash is a dropout

	// Vector gives what this member adds; it is called once for an attempt, before its first message exists, and may wait for a person.
	Vector func(context.Context) ([]int64, error)
	// Bind puts on record outside this member's reach which list, or which tags, it is about to open on, once for a manifest; ErrRestored when there is another on record.
	// Nil: no record.
	Bind func(ctx context.Context, list [32]byte) error
	// Word is what this member says about the outcome, at most MaxWord bytes; nil: nothing.
	Word func(*Outcome) []byte

	Crash func(p Point, k secagg.Kind) bool // of tests: true stops the member there
	// Cheat is of attacks: this member runs a program of its own, which adds what the function makes of the vector, whatever the bounds. Where they are
	// proven it has no proof for it.
	Cheat func(x []int64) []int64
	Log   *slog.Logger // nil: none
}

// Point is where a member can be stopped in a step.
type Point string

// The points of a step.
const (
	Entered Point = "entered" // nothing of the step is done
	Kept    Point = "kept"    // the message is in the journal, and has not left
	Sent    Point = "sent"
)

// Points are all of them.
var Points = []Point{Entered, Kept, Sent}

// part is a Part at work.
type part struct {
	Part
	scheme
	sign    secagg.Signing
	journal *journal
	begun   []byte // the convener's word for the attempt at hand

	// of the attempt at hand
	round  secagg.Round
	member speaker // nil: it watches
	x      []int64
	said   [secagg.KindObjection + 1][]byte // this life's messages, as they are sent
	masked []byte                           // the vector beside one
	sets   sets
	stated [secagg.KindObjection + 1][]byte // what the convener has signed about them
	fault  *bounded.Fault                   // whom this member names; it says no more than that

	out   *Outcome  // once it is there; what is left is to say so
	since time.Time // when it came, or the fault
}

// farewell is how long a member that has the sum tries to tell the convener so.
const farewell = 30 * time.Second

// Take takes part in a round until it has the sum, or there will be none. When ctx ends it stops as by a crash, and Take on the same folder goes on.
func Take(ctx context.Context, c Part) (*Outcome, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	sc, err := schemeOf(&c.Round, c.Proven)
	if err != nil {
		return nil, err
	}
	j, err := openJournal(c.Dir, c.Sealing)
	if err != nil {
		return nil, err
	}
	p := &part{Part: c, scheme: sc, sign: signing(c.Keys, c.Members), journal: j}
	pause := 20 * time.Millisecond
	for {
		out, err := p.session(ctx)
		if p.fault != nil && err != nil && time.Since(p.since) > farewell {
			err = fatal{p.fault} // the convener does not end the round
		}
		var stop fatal
		switch {
		case err == nil:
			return out, j.erase(p.round.Number)
		case errors.As(err, &stop):
			if !errors.Is(err, ErrCrashed) && ctx.Err() == nil && p.round.Number > 0 {
				err = errors.Join(stop.error, j.erase(p.round.Number))
			}
			return nil, err
		}
		if p.out != nil && time.Since(p.since) > farewell {
			return p.out, j.erase(p.round.Number)
		}
		c.Log.Debug("round: stream", "why", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		pause = min(2*pause, 2*time.Second)
	}
}

// fatal ends the member's part; other errors are of the stream, which is opened again.
type fatal struct{ error }

func (f fatal) Unwrap() error { return f.error }

// session is the life of one stream.
func (p *part) session(ctx context.Context) (*Outcome, error) {
	dial, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := p.Endpoint.Dial(dial, p.Convener, Service)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := writeFrame(conn, hello(p.Round.Manifest, 0, nil)); err != nil {
		return nil, err
	}
	conn.SetReadDeadline(time.Now().Add(helloTimeout))
	f, err := readFrame(conn, nil, secagg.Round{})
	if err != nil {
		return nil, err
	}
	conn.SetReadDeadline(time.Time{})
	if f.t == tRefused {
		return nil, p.refused(f)
	}
	if f.t != tHello || [32]byte(f.payload[:32]) != p.Round.Manifest {
		return nil, errors.New("the convener speaks of another round")
	}
	if err := p.begins(f.payload[32:]); err != nil {
		return nil, err
	}
	if err := p.enter(ctx, binary.BigEndian.Uint64(f.payload[32:])); err != nil {
		return nil, err
	}
	if err := p.speak(ctx, conn, secagg.KindKeys); err != nil {
		return nil, err
	}
	return p.listen(ctx, conn)
}

func (p *part) refused(f frame) error {
	err := fmt.Errorf("%w: %s", ErrOver, printable(f.payload))
	if p.fault != nil {
		err = fmt.Errorf("%w (this member: %w)", err, p.fault)
	}
	if f.kind == 1 {
		return fatal{err}
	}
	return err
}

// enter begins an attempt, or goes on with it: within this life, or from the journal.
func (p *part) enter(ctx context.Context, number uint64) (err error) {
	switch last := p.journal.past; {
	case number == 0 || number > maxAttempts:
		return errors.New("a number that no attempt has")
	case number == p.round.Number:
		return nil
	case number < last.Last:
		return fmt.Errorf("the convener holds attempt %d; this member has been in attempt %d", number, last.Last)
	case number > last.Last && last.Opened:
		return p.again()
	}
	if p.round.Number > 0 { // given up
		if err := p.journal.erase(p.round.Number); err != nil {
			return fatal{err}
		}
	}
	r := p.Round
	r.Number = number
	*p = part{Part: p.Part, scheme: p.scheme, sign: p.sign, journal: p.journal, begun: p.begun, round: r}
	name := p.Keys.Name()
	seed, x, ok, err := p.journal.recorded(number, r.Length)
	switch {
	case err != nil:
		return fatal{err}
	case ok:
		p.member, err = p.begin(p.sign, r, name, &seed)
		p.x = x
	case number <= p.journal.past.Last:
		return nil // begun in a life whose secrets are gone: it watches
	default:
		if p.x, err = p.Vector(ctx); err != nil {
			return fatal{err}
		}
		if len(p.x) != r.Length {
			return fatal{fmt.Errorf("a vector of %d elements where the round has %d", len(p.x), r.Length)}
		}
		if p.member, err = p.begin(p.sign, r, name, nil); err == nil {
			err = p.journal.record(number, p.member.Seed(), p.x)
		}
	}
	if err == nil && number > p.journal.past.Last {
		err = p.journal.remember(past{Last: number})
	}
	if err != nil {
		return fatal{err}
	}
	return nil
}

// dies says whether a test stops the member here.
func (p *part) dies(at Point, k secagg.Kind) error {
	if p.Crash != nil && p.Crash(at, k) {
		return fatal{ErrCrashed}
	}
	return nil
}
