package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/protocol/room"
)

const (
	maxAttempts  = 5 // of a sitting
	betweenLooks = time.Second
)

// keepRooms holds the sittings of all open rooms at their times until ctx ends.
func (s *Service) keepRooms(ctx context.Context) {
	tick := time.NewTicker(betweenLooks)
	defer tick.Stop()
	after := map[string]time.Time{} // sittings that have failed: not before
	failed := map[string]int{}
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		for _, a := range s.dueNow() {
			name := fmt.Sprintf("%s %d", a.Room, a.Number)
			if s.now().Before(after[name]) || s.absentFrom(&a) {
				continue
			}
			err := s.hold(ctx, a)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				failed[name]++ // somebody's log or clock may be behind: 2, 4, 8 … seconds
				after[name] = s.now().Add(time.Duration(1<<min(failed[name], 10)) * time.Second)
				s.log.Warn("sitting not held", "room", a.Room, "number", a.Number, "error", err)
			}
		}
	}
}

// dueNow are the sittings that rooms' schedules have now, with everybody who has a place.
func (s *Service) dueNow() (out []sitting) {
	s.replica.View(func(st *rules.State) {
		for _, r := range st.Rooms() {
			past := s.now().Unix() - r.First
			if past < 0 || !r.Open() {
				continue
			}
			a := sitting{matter: matter{Room: r.Room}, Number: past/r.Every + 1, Present: r.Members}
			if _, _, _, err := a.opened(st); err == nil {
				out = append(out, a)
			}
		}
	})
	return out
}

// absentFrom leaves out who is not connected and says whether too few are.
func (s *Service) absentFrom(a *sitting) bool {
	there := s.hub.Connected()
	a.Present = slices.DeleteFunc(slices.Clone(a.Present), func(n string) bool { return !slices.Contains(there, n) })
	slices.Sort(a.Present)
	few := true
	s.replica.View(func(st *rules.State) { _, _, _, err := a.opened(st); few = err != nil })
	return few
}

// errGivenUp: the attempts of a sitting are used up.
var errGivenUp = errors.New("given up after its last attempt")

// hold holds the next attempt of a sitting, or goes on with the one that a crash has left, and puts its result on record.
func (s *Service) hold(ctx context.Context, a sitting) error {
	s.sittings.Lock()
	defer s.sittings.Unlock()
	if err := s.attempt(&a); err != nil {
		return err
	}
	err := s.holdAttempt(ctx, a)
	if err != nil && ctx.Err() == nil {
		err = errors.Join(err, s.dir.Write(a.file("over"), []byte(err.Error()+"\n")))
	}
	return err
}

func (a sitting) file(name string) string {
	return fmt.Sprintf("rooms/%s/%d.%d/%s", a.folder(), a.Number, a.Attempt, name)
}

// attempt finds which attempt is at hand, and keeps what it is before anybody hears of it: a convener that comes back goes on with the very same.
func (s *Service) attempt(a *sitting) error {
	folder, err := s.dir.Folder("rooms", a.folder())
	if err != nil {
		return err
	}
	all, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, f := range all {
		number, n, ok := strings.Cut(f.Name(), ".")
		if last, err := strconv.ParseInt(n, 10, 63); ok && err == nil && number == strconv.FormatInt(a.Number, 10) {
			a.Attempt = max(a.Attempt, last)
		}
	}
	if a.Attempt > 0 {
		raw, err := os.ReadFile(s.dir.Path(a.file("announced")))
		_, over := os.Stat(s.dir.Path(a.file("over")))
		if err == nil && over != nil {
			return entry.Decode(raw, a)
		}
	}
	if a.Attempt++; a.Attempt > maxAttempts && a.Room != "" {
		return errGivenUp
	}
	raw, err := entry.Canonical(a)
	if err != nil {
		return err
	}
	if _, err := s.dir.Folder("rooms", a.folder(), fmt.Sprintf("%d.%d", a.Number, a.Attempt)); err != nil {
		return err
	}
	return s.dir.Write(a.file("announced"), raw)
}

func (s *Service) holdAttempt(ctx context.Context, a sitting) (err error) {
	h := room.Hosting{Host: s.sums, Deadline: s.opt.Sitting}
	var index uint64
	s.replica.View(func(st *rules.State) { h.Config, index, err = s.config(st, a) })
	if err != nil {
		return err
	}
	if err := s.cosigned(ctx, index, a.Present); err != nil {
		return err
	}
	if err := s.announce(ctx, a); err != nil {
		return err
	}
	h.Accept = func(res *room.Result, member string, word []byte) (err error) {
		s.replica.View(func(st *rules.State) {
			var signed []byte
			if _, _, signed, err = a.record(st, h.Sitting, res); err == nil {
				err = h.Members[member].Verify(rules.RoomContext, signed, word)
			}
		})
		return err
	}
	res, err := room.Hold(ctx, h)
	if err != nil {
		return err
	}
	var kind string
	var body any
	s.replica.View(func(st *rules.State) { kind, body, _, err = a.record(st, h.Sitting, res) })
	if err != nil {
		return err
	}
	var signatures []rules.Signature
	for _, n := range a.Present {
		if res.Words[n] == nil {
			return fmt.Errorf("%s has not signed what came out", n)
		}
		signatures = append(signatures, rules.Signature{Member: n, Signature: res.Words[n]})
	}
	switch b := body.(type) {
	case rules.StatementPost:
		b.Signatures = signatures
		body = b
	case rules.BallotTally:
		b.Signatures = signatures
		body = b
	}
	_, err = s.replica.Propose(ctx, kind, body)
	return err
}

// announce tells everybody present of a sitting; all must take part.
func (s *Service) announce(ctx context.Context, a sitting) error {
	ctx, cancel := context.WithTimeout(ctx, smallTalk)
	defer cancel()
	errs := make([]error, len(a.Present))
	var wg sync.WaitGroup
	for i, n := range a.Present {
		wg.Go(func() { errs[i] = s.announceTo(ctx, a, n) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (s *Service) announceTo(ctx context.Context, a sitting, member string) error {
	conn, err := s.hub.Dial(ctx, member, serviceSitting)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(smallTalk))
	if err := writeMessage(conn, a); err != nil {
		return err
	}
	var reply answer
	if err := readMessage(conn, maxSitting, &reply); err != nil {
		return fmt.Errorf("%s does not answer: %w", member, err)
	}
	if reply.Error != "" {
		return fmt.Errorf("%s takes no part: %.200q", member, reply.Error)
	}
	return nil
}
