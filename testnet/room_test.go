package testnet

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
)

// rooms starts a network without data, whose sittings do not wait long for somebody who is gone.
func rooms(t *testing.T, ctx context.Context, payers int) *network {
	t.Helper()
	o, _ := small(t)
	o.Payers = payers
	must(t, o.check())
	must(t, o.prepareOut())
	n := newNetwork(&o)
	must(t, n.initialise())
	t.Cleanup(func() { n.stop() })
	c := n.members[0]
	n.seat(t, ctx, c)
	st, err := c.client.Status(ctx)
	must(t, err)
	for _, m := range n.payers() {
		m.cfg.Address = st.Address
		must(t, node.WriteConfig(m.cfg))
		n.seat(t, ctx, m)
	}
	for _, m := range n.members {
		for {
			if st, err := m.client.Status(ctx); err == nil && st.Connected {
				break
			}
			pause(t, ctx)
		}
	}
	return n
}

// loaded is a network whose members have their data and keys and are not started yet, and the run that they can make together.
func loaded(t *testing.T, ctx context.Context, o *Options) (*network, node.Draft, rules.RunAuthorise, rules.RosterSet) {
	t.Helper()
	must(t, o.check())
	must(t, o.prepareOut())
	src, err := o.open()
	must(t, err)
	profiles, err := o.profiles()
	must(t, err)
	n := newNetwork(o)
	t.Cleanup(func() { n.stop() })
	must(t, n.loadData(ctx, src))
	_, practices, err := o.expect(src, profiles)
	must(t, err)
	draft := o.draft(src, practices, profiles)
	body, roster, _, err := node.Authorise(draft)
	must(t, err)
	must(t, n.initialise())
	return n, draft, body, roster
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func pause(t *testing.T, ctx context.Context) {
	t.Helper()
	select {
	case <-time.After(20 * time.Millisecond):
	case <-ctx.Done():
		t.Fatal(ctx.Err())
	}
}

// seat starts a member as startMember does, for short steps.
func (n *network) seat(t *testing.T, ctx context.Context, m *member) {
	t.Helper()
	s, err := node.Start(ctx, m.cfg.Dir, node.Options{Sitting: 4 * time.Second})
	must(t, err)
	m.stop = s.Close
	m.client, err = admin.Dial(m.cfg.Dir)
	must(t, err)
}

func (n *network) open(t *testing.T, ctx context.Context, room string, every int64, least int) {
	t.Helper()
	_, err := n.members[0].client.Propose(ctx, rules.KindRoomOpen, body(t, rules.RoomOpen{
		Room: room, Topic: "attribution", Members: n.o.payerNames(), Least: int64(least), MaxText: 200, First: time.Now().Unix() + 2, Every: every, Sittings: 1000,
	}))
	must(t, err)
	for _, m := range n.payers() {
		for {
			l, err := m.client.Rooms(ctx)
			must(t, err)
			if slices.ContainsFunc(l, func(r admin.Room) bool { return r.Room == room }) {
				break
			}
			pause(t, ctx)
		}
	}
}

func body(t *testing.T, v any) json.RawMessage {
	t.Helper()
	b, err := entry.Canonical(v)
	must(t, err)
	return b
}

// room waits until a member sees a room as it should be.
func (n *network) room(t *testing.T, ctx context.Context, m *member, room string, ok func(admin.Room) bool) admin.Room {
	t.Helper()
	for {
		l, err := m.client.Rooms(ctx)
		must(t, err)
		for _, r := range l {
			if r.Room == room && ok(r) {
				return r
			}
		}
		pause(t, ctx)
	}
}

func said(r admin.Room) (all []string) {
	for _, x := range r.Said {
		all = append(all, x.Statements...)
	}
	return all
}

// TestRoom: services hold a room at its time; what was said is on record with all present and no author; what must not be said does not leave a member.
func TestRoom(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	n := rooms(t, ctx, 3)
	n.open(t, ctx, "attribution", 3600, 3)
	a, b := n.payers()[0], n.payers()[1]
	for _, text := range []string{"we pay $40", "payer-2 is slow", "forty dollars", "payer 2 again", "20 percent of the market"} {
		if _, err := a.client.Say(ctx, admin.Words{Room: "attribution", Text: text}); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if _, err := a.client.Say(ctx, admin.Words{Room: "attribution", Text: "a fee schedule of 5 percent", Anyway: true}); err == nil {
		t.Error("a price is taken anyway")
	}
	const text = "The exclusion for hospice is too narrow."
	s, err := b.client.Say(ctx, admin.Words{Room: "attribution", Text: text})
	must(t, err)
	if s.State != "waiting" || s.Least != 3 || len(s.Members) != 3 {
		t.Errorf("%+v", s)
	}
	for _, m := range n.members {
		r := n.room(t, ctx, m, "attribution", func(r admin.Room) bool { return len(r.Said) > 0 })
		if !slices.Equal(said(r), []string{text}) || !slices.Equal(r.Said[0].Present, n.o.payerNames()) {
			t.Errorf("%s: %+v", m.cfg.Name, r)
		}
		if want := map[bool]string{true: "said", false: ""}[m == b]; r.Own != want || r.OwnText != "" {
			t.Errorf("%s: its own statement is %q %q", m.cfg.Name, r.Own, r.OwnText)
		}
	}
	if _, err := n.members[0].client.Say(ctx, admin.Words{Room: "attribution", Text: text}); err == nil {
		t.Error("the convener speaks")
	}
	one, other := slipOf(t, a), slipOf(t, b)
	if one != other {
		t.Errorf("what a speaker keeps has %d bytes, what the others keep %d", other, one)
	}
	_, err = n.members[0].client.Propose(ctx, rules.KindRoomClose, body(t, rules.RoomClose{Room: "attribution", Reason: "all is said"}))
	must(t, err)
	n.room(t, ctx, b, "attribution", func(r admin.Room) bool { return !r.Open })
	if _, err := b.client.Say(ctx, admin.Words{Room: "attribution", Text: text}); err == nil {
		t.Error("a closed room is spoken in")
	}
}

func slipOf(t *testing.T, m *member) int64 {
	t.Helper()
	st, err := os.Stat(filepath.Join(m.cfg.Dir, "rooms", "room-attribution", "slip.sealed"))
	must(t, err)
	return st.Size()
}

// TestRoomCrash: a member dies in the middle of a sitting, another comes back, the convener dies too: what was to be said is said once, or a person is
// told that it is unclear.
func TestRoomCrash(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	n := rooms(t, ctx, 4)
	n.open(t, ctx, "attribution", 20, 3)
	speaker, victim := n.payers()[0], n.payers()[2]
	const text = "Denominators under 30 should wait a year."
	_, err := speaker.client.Say(ctx, admin.Words{Room: "attribution", Text: text})
	must(t, err)
	for { // in the middle: its first message is made
		if all, _ := filepath.Glob(filepath.Join(victim.cfg.Dir, "rooms", "room-attribution", "*.*", "*", "1", "*.message")); len(all) > 0 {
			break
		}
		pause(t, ctx)
	}
	victim.client.Close()
	must(t, victim.stop())
	first := n.room(t, ctx, speaker, "attribution", func(r admin.Room) bool { return r.Own == "said" || r.Own == "unclear" })
	n.seat(t, ctx, victim)
	want := 1
	if first.Own == "unclear" {
		want = 0 // it was about to be opened when the victim died
		if first.OwnText != text {
			t.Errorf("the statement is lost: %+v", first)
		}
	}
	// The convener dies in a sitting and comes back.
	sat := first.Sat
	for {
		if all, _ := filepath.Glob(filepath.Join(n.members[0].cfg.Dir, "rooms", "room-attribution", "*", "announced")); int64(len(all)) > sat+1 {
			break
		}
		pause(t, ctx)
	}
	n.members[0].client.Close()
	must(t, n.members[0].stop())
	n.members[0].cfg.Address = n.payers()[0].cfg.Address
	must(t, node.WriteConfig(n.members[0].cfg))
	n.seat(t, ctx, n.members[0])
	last := n.room(t, ctx, victim, "attribution", func(r admin.Room) bool { return r.Sat > sat })
	if got := said(last); len(got) != want {
		t.Errorf("said %d times, want %d: %q", len(got), want, got)
	}
}

// TestSealedVote: everybody's ballot, one abstains; the count is on record, the motion is decided by it, and no entry says who voted how.
func TestSealedVote(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	n := rooms(t, ctx, 3)
	c := n.members[0].client
	propose := func(kind string, v any) error {
		_, err := c.Propose(ctx, kind, body(t, v))
		return err
	}
	must(t, propose(rules.KindMotionPropose, rules.MotionPropose{ID: "m1", Subject: rules.SubjectCharter, Body: body(t, rules.Charter{Version: 1, QuorumPercent: 51, MajorityPercent: 50})}))
	must(t, propose(rules.KindBallotOpen, rules.BallotOpen{Motion: "m1"}))
	if _, err := c.Count(ctx, "m2"); err == nil {
		t.Error("a vote that nobody asked for")
	}
	for i, choice := range []string{"yes", "yes"} {
		for n.payers()[i].client.Ballot(ctx, admin.Ballot{Matter: "m1", Choice: choice}) != nil { // until its log has the motion
			pause(t, ctx)
		}
	}
	if err := n.payers()[0].client.Ballot(ctx, admin.Ballot{Matter: "m1", Choice: "perhaps"}); err == nil {
		t.Error("a ballot that is none")
	}
	tally, err := c.Count(ctx, "m1")
	must(t, err)
	if tally.Yes != 2 || tally.No != 0 || tally.Abstain != 1 || len(tally.Present) != 3 {
		t.Errorf("%+v", tally)
	}
	if _, err := c.Count(ctx, "m1"); err == nil {
		t.Error("counted twice")
	}
	must(t, propose(rules.KindMotionCarry, rules.MotionCarry{ID: "m1"}))
}
