package silence

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Vote is one question put to a sitting of its own; its ID is the sitting's.
type Vote struct {
	Sitting Sitting
	Options int // 2 to 64; a ballot names one by number, from 0
}

// Abstain is the ballot that names no option.
const Abstain = -1

// Tally is the result.
type Tally struct {
	Present   int   // members of the sitting, who all took part: the turnout
	Counts    []int // by option
	Abstained int
	Invalid   int // ballots that are none
}

func (v Vote) prefix() string { return "ballot/1 " + hex.EncodeToString(v.Sitting.ID[:8]) + " " }

// Ballot is the text of a member's ballot, for NewMember.
func (v Vote) Ballot(option int) (string, error) {
	if v.Options < 2 || v.Options > 64 || option < Abstain || option >= v.Options {
		return "", fmt.Errorf("silence: option %d of %d", option, v.Options)
	}
	if option == Abstain {
		return "", nil // a member that abstains sends the same bytes
	}
	return v.prefix() + strconv.Itoa(option), nil
}

// Tally counts the ballots in the sum of the sitting's second round. A spoiled slot may be a ballot that somebody wrote over: then there is no tally,
// and the vote is held again under a new ID.
func (v Vote) Tally(keys Keys, sum []int64) (Tally, error) {
	texts, spoiled, err := v.Sitting.ReadSpeak(keys, sum)
	if err != nil {
		return Tally{}, err
	}
	if spoiled > 0 {
		return Tally{}, fmt.Errorf("%w: %d ballots cannot be read", ErrJammed, spoiled)
	}
	t := Tally{Present: len(keys), Counts: make([]int, v.Options), Abstained: len(keys) - len(texts)}
	for _, text := range texts {
		number, ok := strings.CutPrefix(text, v.prefix())
		n, err := strconv.Atoi(number)
		if !ok || err != nil || n < 0 || n >= v.Options || strconv.Itoa(n) != number {
			t.Invalid++
			continue
		}
		t.Counts[n]++
	}
	return t, nil
}
