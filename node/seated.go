package node

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tacet-health/tacet/crypto/silence"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/protocol/link"
	"github.com/tacet-health/tacet/protocol/room"
)

const (
	serviceSitting = "room/sitting"
	maxSitting     = 16 << 10
	sittingLimit   = 5 * time.Minute // of a sitting, for a member that hears nothing any more
)

// seated are the sittings that this member is in, one for a matter at most. Safe for concurrent use.
type seated struct {
	mu   sync.Mutex // guards the rest, and the slips
	ends map[string]func()
	life context.Context
}

// answer says whether a member takes part in a sitting.
type answer struct {
	Error string `json:"error"`
}

// openSeat offers a member's part in sittings. They end with ctx.
func (s *Service) openSeat(ctx context.Context) {
	s.seated.life, s.seated.ends = ctx, map[string]func(){}
	s.payer.Handle(serviceSitting, s.serveSitting)
}

// serveSitting takes the convener's announcement of a sitting and takes part, whether this member has anything to say or not.
func (s *Service) serveSitting(_ context.Context, from string, conn link.Conn) {
	if from != s.cfg.Convener {
		return
	}
	conn.SetDeadline(time.Now().Add(smallTalk))
	var a sitting
	if err := readMessage(conn, maxSitting, &a); err != nil {
		return
	}
	text := ""
	if err := s.sit(a); err != nil {
		text = err.Error()
		s.log.Warn("takes no part in a sitting", "matter", a.folder(), "number", a.Number, "attempt", a.Attempt, "error", err)
	}
	if err := writeMessage(conn, answer{text}); err != nil {
		s.log.Warn("the convener does not hear this member's answer", "error", err)
	}
}

// sit begins this member's part in a sitting. The caller is answered before it ends.
func (s *Service) sit(a sitting) (err error) {
	var part room.Part
	var index uint64
	s.replica.View(func(st *rules.State) {
		if part.Config, index, err = s.config(st, a); err == nil && !a.due(st, s.now()) {
			err = errSitting
		}
	})
	if err != nil {
		return err
	}
	if _, ok := part.Members[s.cfg.Name]; !ok || s.cfg.Role == Convener {
		return errSitting
	}
	s.seated.mu.Lock()
	defer s.seated.mu.Unlock()
	life := s.seated.life
	if life.Err() != nil {
		return errors.New("it is being stopped")
	}
	folder := a.folder()
	x, err := s.slip(folder)
	if err != nil {
		return err
	}
	s.replica.View(func(st *rules.State) { x.settle(st, a.matter) })
	if a.Number < x.Number || a.Number == x.Number && a.Attempt < x.Attempt {
		return fmt.Errorf("this member was in attempt %d of sitting %d", x.Attempt, x.Number)
	}
	if end := s.seated.ends[folder]; end != nil {
		end()
	}
	x.Number, x.Attempt = a.Number, a.Attempt
	if err := s.keepSlip(folder, x); err != nil {
		return err
	}
	if part.Text, err = x.says(a, part.Sitting); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(life, sittingLimit)
	s.seated.ends[folder] = cancel
	part.Endpoint, part.Convener = s.endpoint(), s.cfg.Convener
	part.Opening = func() error { return s.opening(a) }
	part.Word = func(res *room.Result) (signature []byte) {
		s.replica.View(func(st *rules.State) {
			if _, _, signed, err := a.record(st, part.Sitting, res); err == nil {
				signature = s.keys.Sign(rules.RoomContext, signed)
			}
		})
		return signature
	}
	s.wg.Go(func() {
		defer cancel()
		if err := s.cosigned(ctx, index, a.Present); err != nil {
			s.log.Warn("sitting not begun", "matter", folder, "error", err)
			return
		}
		res, err := room.Take(ctx, part)
		if err != nil {
			s.log.Warn("sitting ended without a result", "matter", folder, "number", a.Number, "attempt", a.Attempt, "error", err)
			return
		}
		s.log.Info("sitting held", "matter", folder, "number", a.Number, "statements", len(res.Texts))
	})
	return nil
}

// cosigned waits until everybody present has cosigned the entry that a sitting rests on: no two of them sit in different rooms.
func (s *Service) cosigned(ctx context.Context, index uint64, present []string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err := s.replica.WaitCosigned(ctx, index, append([]string{s.cfg.Convener}, present...))
	return err
}

// says is the text for a sitting. What may have been opened already is not said a second time; a ballot is, since only one count is on record.
func (x *slip) says(a sitting, v silence.Sitting) (string, error) {
	if a.Room != "" {
		if x.State != slipWaiting {
			return "", nil
		}
		return x.text(), nil
	}
	option := silence.Abstain
	switch rules.Choice(x.text()) {
	case rules.Yes:
		option = 0
	case rules.No:
		option = 1
	}
	return silence.Vote{Sitting: v, Options: 2}.Ballot(option)
}

// opening notes that this member's slot may be open to all from now on. Everybody writes the same, whether there is a text in it or not.
func (s *Service) opening(a sitting) error {
	s.seated.mu.Lock()
	defer s.seated.mu.Unlock()
	x, err := s.slip(a.folder())
	if err != nil {
		return err
	}
	if x.Size > 0 && (x.State == slipWaiting || a.Room == "") {
		x.State, x.Opening = slipOpening, a.Number
	}
	return s.keepSlip(a.folder(), x)
}
