package sum

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
)

// A statement is what the convener signs: that it has begun an attempt, and of every set that this is the set, with the very bytes of each message. Members act
// on what it has signed alone, so that whoever shows two of them different things, or as somebody's message what that member has not said, has signed that.
//
//	"tss1" | number 8 | round 32 | kind 1 (0: begun) | of each member SHA-256 of its message 32, zeros when it is not in the set | signature
const setContext, setMagic = "tacet/sum/set/v1", "tss1"

const (
	begun        = secagg.Kind(0)
	maxSignature = 8192
)

func statementHead(members int) int { return len(setMagic) + 8 + 32 + 1 + 32*members }

// state signs a statement.
func state(r secagg.Round, s secagg.Signing, k secagg.Kind, set map[string][]byte) []byte {
	b := statementBody(r, k, set)
	return append(b, s.Sign(setContext, b)...)
}

func statementBody(r secagg.Round, k secagg.Kind, set map[string][]byte) []byte {
	id := r.ID()
	b := binary.BigEndian.AppendUint64([]byte(setMagic), r.Number)
	b = append(append(b, id[:]...), byte(k))
	for _, n := range r.Members {
		var h [32]byte
		if set[n] != nil {
			h = sha256.Sum256(set[n])
		}
		b = append(b, h[:]...)
	}
	return b
}

// statement is one that was read.
type statement struct {
	number uint64
	kind   secagg.Kind
	body   []byte
}

var errStatement = errors.New("not a statement of the convener about this round")

// readStatement reads a statement about a round; the number is the statement's own.
func readStatement(sc scheme, r secagg.Round, s secagg.Signing, convener string, raw []byte) (statement, error) {
	head := statementHead(len(r.Members))
	if len(raw) <= head || len(raw) > head+maxSignature || !bytes.HasPrefix(raw, []byte(setMagic)) {
		return statement{}, errStatement
	}
	x := statement{binary.BigEndian.Uint64(raw[len(setMagic):]), secagg.Kind(raw[len(setMagic)+8+32]), raw[:head]}
	r.Number = x.number
	if id := r.ID(); !bytes.Equal(raw[len(setMagic)+8:][:32], id[:]) || x.kind != begun && !slices.Contains(sc.steps(), x.kind) {
		return statement{}, errStatement
	}
	if err := s.Verify(convener, setContext, x.body, raw[head:]); err != nil {
		return statement{}, fmt.Errorf("signature of the convener: %w", err)
	}
	return x, nil
}

// place is the hash of the i-th member's message, nil when it is not in the set.
func (x statement) place(i int) []byte {
	h := x.body[len(x.body)-32*(members(x)-i):][:32]
	if bytes.Equal(h, make([]byte, 32)) {
		return nil
	}
	return h
}

func members(x statement) int { return (len(x.body) - statementHead(0)) / 32 }

// Convicts says what two pieces of a member's evidence about a round prove against the convener, to anybody who has the members' keys; ok is false when they
// prove nothing. Each is a statement, or a message the convener has passed on or proposed; b may be nil. The round's Number is not used.
func Convicts(r secagg.Round, s secagg.Signing, convener string, a, b []byte) (what string, ok bool) {
	return convicts(masked{}, r, s, convener, a, b)
}

// ConvictsProven is Convicts about a round with proven bounds.
func ConvictsProven(r bounded.Round, s secagg.Signing, convener string, a, b []byte) (what string, ok bool) {
	var base secagg.Round
	sc, err := schemeOf(&base, &r)
	if err != nil {
		return "", false
	}
	return convicts(sc, base, s, convener, a, b)
}

func convicts(sc scheme, r secagg.Round, s secagg.Signing, convener string, a, b []byte) (what string, ok bool) {
	x, err := readStatement(sc, r, s, convener, a)
	if err != nil {
		return twoLists(r, s, convener, a, b)
	}
	there := 0
	for i := range r.Members {
		if x.place(i) != nil {
			there++
		}
	}
	r.Number = x.number
	if y, err := readStatement(sc, r, s, convener, b); err == nil {
		if x.number > y.number {
			x, y = y, x
		}
		switch {
		case x.number == y.number && x.kind == y.kind && !bytes.Equal(x.body, y.body):
			return fmt.Sprintf("%s has signed two sets of %s messages in one attempt", convener, x.kind), true
		case x.number < y.number && slices.Index(sc.steps(), x.kind) >= slices.Index(sc.steps(), sc.opening()):
			return fmt.Sprintf("%s has begun attempt %d after the %ss of attempt %d were out, behind which members may have opened a sum", convener, y.number, strings.TrimSuffix(sc.opening().String(), "s"), x.number), true
		}
	}
	switch {
	case x.kind == secagg.KindKeys && there < len(r.Members):
		return fmt.Sprintf("%s has signed a set of keys messages of %d members where the roster has %d", convener, there, len(r.Members)), true
	case x.kind > secagg.KindKeys && there < r.Threshold:
		return fmt.Sprintf("%s has signed a set of %s messages of %d members where the threshold is %d", convener, x.kind, there, r.Threshold), true
	case b == nil || x.kind == begun:
		return "", false
	}
	h := sha256.Sum256(b)
	for i, n := range r.Members {
		if bytes.Equal(x.place(i), h[:]) {
			if _, err := sc.open(s, r, x.kind, n, b); err != nil {
				return fmt.Sprintf("%s has signed that %s sent a %s message which is not one: %v", convener, n, x.kind, err), true
			}
		}
	}
	return "", false
}

// twoLists holds two proposals of one attempt against each other. Which attempt, they do not say: all that there can have been are tried.
func twoLists(r secagg.Round, s secagg.Signing, convener string, a, b []byte) (string, bool) {
	for r.Number = 1; r.Number <= maxAttempts; r.Number++ {
		if who, ok := secagg.Conflict(s, r, secagg.KindProposal, a, b); ok && who == convener {
			return fmt.Sprintf("%s has proposed two lists in attempt %d", convener, r.Number), true
		}
	}
	return "", false
}

// maxAttempts bounds the number of an attempt.
const maxAttempts = 1000
