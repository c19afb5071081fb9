package node

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/tacet-health/tacet/governance/rules"
)

// slip is what this member has to say in a room, or its ballot, with how far that has come. Every member of a room has one, said something or not, and
// writes it at the same moments in the same size: nothing on the wire waits for a disk longer at those who speak.
type slip struct {
	Text []byte `json:"text"` // padded to MaxRoomText
	Size int    `json:"size"` // of the text; 0: nothing to say
	// Number and Attempt are the sitting that this member was in last; a member takes part in none twice.
	Number  int64 `json:"number"`
	Attempt int64 `json:"attempt"`
	// Opening is the number of the sitting in which the text may have been opened, 0: in none. Until the log says what came of it, the text is not said again.
	Opening int64  `json:"opening"`
	State   string `json:"state"` // of the last text: waiting, opening, said, unclear; empty: there was none
	Said    int64  `json:"said"`  // number of the sitting that has it on record
}

// States of a slip.
const (
	slipWaiting = "waiting"
	slipOpening = "opening"
	slipSaid    = "said"
	slipUnclear = "unclear"
)

const slipSize = 8192 // of the record before it is sealed, whatever is in it

func (x *slip) text() string { return string(x.Text[:min(x.Size, len(x.Text))]) }

func (x *slip) put(text string) {
	x.Text = make([]byte, rules.MaxRoomText)
	x.Size = copy(x.Text, text)
}

// slip reads a member's slip of a matter; a new one says nothing.
func (s *Service) slip(matter string) (x slip, err error) {
	sealed, err := os.ReadFile(s.dir.Path("rooms", matter, "slip.sealed"))
	if errors.Is(err, fs.ErrNotExist) {
		x.put("")
		return x, nil
	}
	if err == nil {
		var b []byte
		if b, err = s.sealer.Open(sealed); err == nil {
			err = json.Unmarshal(b, &x)
		}
	}
	if err != nil {
		return x, fmt.Errorf("what this member has to say in %s: %w", matter, err)
	}
	return x, nil
}

func (s *Service) keepSlip(matter string, x slip) error {
	if _, err := s.dir.Folder("rooms", matter); err != nil {
		return err
	}
	b, err := json.Marshal(x)
	if err != nil || len(b) > slipSize {
		return fmt.Errorf("what this member has to say in %s cannot be kept", matter)
	}
	sealed, err := s.sealer.Seal(append(b, bytes.Repeat([]byte{' '}, slipSize-len(b))...))
	if err != nil {
		return err
	}
	return s.dir.Write("rooms/"+matter+"/slip.sealed", sealed)
}

// settle compares a slip with the log: a text that was about to be opened is on record, or it is not and a person decides.
func (x *slip) settle(st *rules.State, a matter) {
	if x.State != slipOpening {
		return
	}
	if a.Room == "" { // a ballot counts in the attempt that is on record, and in no other
		if d, ok := a.vote(st); !ok || d.Sealed == nil || d.Sealed.Result == nil {
			return
		}
		x.State, x.Said = slipSaid, x.Opening
		x.put("")
		return
	}
	room, ok := st.Room(a.Room)
	if !ok || room.Sat < x.Opening && room.Open() {
		return
	}
	x.State = slipUnclear
	for _, r := range st.Statements() {
		if r.Room == a.Room && r.Number == x.Opening && slices.Contains(r.Statements, x.text()) {
			x.State, x.Said = slipSaid, r.Number
			x.put("")
			return
		}
	}
}
