package node

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tacet-health/tacet/crypto/identity"
	"github.com/tacet-health/tacet/crypto/silence"
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/protocol/room"
)

// matter is a room, or a motion or measure that is voted on by sealed ballots.
type matter struct {
	Room   string           `json:"room"`
	Ballot rules.BallotOpen `json:"ballot"`
}

// folder is the matter's in the data directory.
func (m matter) folder() string {
	switch {
	case m.Room != "":
		return "room-" + m.Room
	case m.Ballot.Motion != "":
		return "motion-" + m.Ballot.Motion
	}
	return "measure-" + m.Ballot.Measure
}

// vote is the discussion of what is voted on.
func (m matter) vote(st *rules.State) (d rules.Deliberation, ok bool) {
	if m.Ballot.Motion != "" {
		x, ok := st.Motion(m.Ballot.Motion)
		return x.Deliberation, ok
	}
	x, ok := st.Measure(m.Ballot.Measure)
	return x.Deliberation, ok
}

// sitting is one attempt to hold one sitting of a room, or a vote, as the convener announces it. Every member holds it against the log.
type sitting struct {
	matter
	Number  int64    `json:"number"` // of the sitting; of a vote 1
	Attempt int64    `json:"attempt"`
	Present []string `json:"present"`
}

// early is how much sooner than the schedule says a member takes part: clocks differ.
const early = 5 * time.Second

// errSitting: the log does not have this sitting, or not now.
var errSitting = errors.New("not a sitting that the log has now")

// opened is the entry that a sitting rests on, the longest text, and who may be present.
func (a sitting) opened(st *rules.State) (index uint64, maxText int, members []string, err error) {
	if a.Room != "" {
		r, ok := st.Room(a.Room)
		if !ok || !r.Open() || a.Number <= r.Sat || a.Number > r.Sittings || int64(len(a.Present)) < r.Least {
			return 0, 0, nil, errSitting
		}
		return r.Index, int(r.MaxText), r.Members, nil
	}
	d, ok := a.vote(st)
	if !ok || d.Sealed == nil || d.Sealed.Result != nil || a.Number != 1 {
		return 0, 0, nil, errSitting
	}
	if r := st.EnoughFor(a.Ballot, a.Present); r != nil {
		return 0, 0, nil, fmt.Errorf("%w: %w", errSitting, r)
	}
	if a.Ballot.Motion != "" {
		return d.Sealed.Opened, silence.MinText, st.MotionVoters(a.Ballot.Motion), nil
	}
	return d.Sealed.Opened, silence.MinText, st.MeasureVoters(), nil
}

// due says whether a room's schedule has this sitting now. A vote is held when the convener asks for it.
func (a sitting) due(st *rules.State, now time.Time) bool {
	r, ok := st.Room(a.Room)
	if a.Room == "" || !ok {
		return a.Room == ""
	}
	from := time.Unix(r.First+(a.Number-1)*r.Every, 0)
	return !now.Before(from.Add(-early)) && now.Before(from.Add(time.Duration(r.Every)*time.Second))
}

// config is the sitting as the protocol holds it; entries that it rests on are the same for everybody, and so is its name.
func (s *Service) config(st *rules.State, a sitting) (c room.Config, index uint64, err error) {
	index, maxText, members, err := a.opened(st)
	if err != nil {
		return c, 0, err
	}
	if a.Attempt < 1 || a.Attempt > 1<<20 || !slices.IsSorted(a.Present) || slices.ContainsFunc(a.Present, func(n string) bool { return !slices.Contains(members, n) }) {
		return c, 0, errSitting
	}
	text, err := entry.Canonical(a)
	if err != nil {
		return c, 0, err
	}
	id := sha256.Sum256(fmt.Appendf(nil, "tacet/sitting/v1\n%s\n%d\n%s", st.Ledger(), index, text))
	c = room.Config{
		Sitting: silence.Sitting{ID: id, Members: a.Present, MaxText: maxText}, Keys: s.keys, Members: map[string]identity.Public{}, Log: s.log,
		Dir: s.dir.Path("rooms", a.folder(), fmt.Sprintf("%d.%d", a.Number, a.Attempt)),
	}
	for _, n := range append(slices.Clone(a.Present), s.cfg.Convener) {
		m, ok := st.Member(n)
		if !ok {
			return c, 0, errSitting
		}
		c.Members[n] = m.Public
	}
	return c, index, c.Sitting.Check()
}

// record is what everybody present signs about a sitting's result, and what the log gets.
func (a sitting) record(st *rules.State, v silence.Sitting, res *room.Result) (kind string, body any, signed []byte, err error) {
	transcript := hex.EncodeToString(res.Transcript[:])
	if a.Room != "" {
		b := rules.Sitting{Room: a.Room, Number: a.Number, Present: a.Present, Transcript: transcript}
		b.Statements, b.Withheld = st.Sift(res.Texts, int64(v.MaxText))
		b.Withheld += int64(res.Spoiled)
		signed, err = b.Canonical()
		return rules.KindStatementPost, rules.StatementPost{Sitting: b}, signed, err
	}
	t, err := silence.Vote{Sitting: v, Options: 2}.Tally(res.Keys, res.Sum)
	if err != nil {
		return "", nil, nil, err
	}
	b := rules.Ballot{
		BallotOpen: a.Ballot, Number: a.Attempt, Present: a.Present, Transcript: transcript,
		Yes: int64(t.Counts[0]), No: int64(t.Counts[1]), Abstain: int64(t.Abstained), Invalid: int64(t.Invalid),
	}
	signed, err = b.Canonical()
	return rules.KindBallotTally, rules.BallotTally{Ballot: b}, signed, err
}
