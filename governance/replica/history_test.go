package replica

import (
	"crypto/sha256"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/tacet-health/tacet/governance/entry"
)

// A history is what members asked of their replicas and were told, with the order of calls and answers. It is held against a log in one place: an
// acknowledged entry takes its position at one moment between its call and its answer; an entry of unknown outcome may do so at any moment
// after its call, or never; a refusal speaks of the log at one moment of its call; what a member reads at home is a beginning of the
// log, which may lag, and is never less than it has read or been told before.
type history struct {
	clock atomic.Int64
	mu    sync.Mutex // guards all below
	ops   []porcupine.Operation
	ids   map[string]string   // what an entry says: its name, of two bytes
	read  map[[32]byte]string // names by the hash of an entry's bytes
}

type told int

const (
	toldNothing told = iota // the outcome is unknown
	toldDone
	toldMissing // refused: the measure voted on is not in the log
	toldThere   // refused: the vote is in the log already
	toldRead
)

type question struct {
	member    int
	id, about string // the entry, and for a vote the entry that proposed the measure
}

type reply struct {
	told told
	log  string // before the entry, or all that was read
}

// logState is the one log, names behind one another, and how much of it each member knows of.
type logState struct {
	log  string
	seen [8]int
}

func (s logState) knows(member, n int) logState {
	s.seen[member] = max(s.seen[member], n)
	return s
}

// step is the log in one place: the states that may follow, none when the reply is impossible.
func (s logState) step(q question, r reply) []any {
	switch r.told {
	case toldDone:
		end := r.log + q.id
		switch {
		case s.log == r.log:
			s.log = end
		case !strings.HasPrefix(s.log, end): // the same vote, given before, had an unknown outcome and took the place
			return nil
		}
		return []any{s.knows(q.member, len(end))}
	case toldNothing:
		if has(s.log, q.id) {
			return []any{s}
		}
		then := s
		then.log += q.id
		return []any{s, then}
	case toldMissing:
		if has(s.log, q.about) {
			return nil
		}
	case toldThere:
		if !has(s.log, q.id) {
			return nil
		}
	case toldRead:
		if !strings.HasPrefix(s.log, r.log) || len(r.log) < s.seen[q.member] {
			return nil
		}
		return []any{s.knows(q.member, len(r.log))}
	}
	return []any{s}
}

func has(log, id string) bool {
	for ; log != ""; log = log[2:] {
		if log[:2] == id {
			return true
		}
	}
	return false
}

func newHistory() *history {
	return &history{ids: map[string]string{}, read: map[[32]byte]string{}}
}

// name is the name of an entry.
func (h *history) name(author, kind string, body any) string {
	b, err := entry.Canonical(body)
	if err != nil {
		panic(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.named(author + " " + kind + " " + string(b))
}

func (h *history) named(what string) string {
	if h.ids[what] == "" {
		n := len(h.ids)
		h.ids[what] = string([]byte{byte(n >> 8), byte(n)})
	}
	return h.ids[what]
}

// log is the first n entries of a replica by their names, the genesis left out; all of them when n is 0.
func (h *history) log(t *testing.T, r *Replica, n uint64) string {
	if n == 0 {
		n = r.ledger.Size()
	}
	all, err := r.Entries(1, n)
	if err != nil {
		t.Error(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var out strings.Builder
	for _, b := range all {
		sum := sha256.Sum256(b)
		if h.read[sum] == "" {
			e, err := entry.Open(b)
			if err != nil {
				t.Error(err)
				return ""
			}
			h.read[sum] = h.named(e.Author + " " + e.Kind + " " + string(e.Body))
		}
		out.WriteString(h.read[sum])
	}
	return out.String()
}

// ask records one question; answer is called between the two instants.
func (h *history) ask(q question, answer func() reply) reply {
	call := h.clock.Add(1)
	r := answer()
	back := h.clock.Add(1)
	if r.told == toldNothing {
		back = math.MaxInt64 // it may take effect as long as anybody looks
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: q.member, Input: q, Call: call, Output: r, Return: back})
	return r
}

// count is how many questions were told so.
func (h *history) count(what told) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range h.ops {
		if o.Output.(reply).told == what {
			n++
		}
	}
	return n
}

// check asks porcupine for an order of the operations that the log in one place could have had.
func (h *history) check(t *testing.T) porcupine.CheckResult {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	// An entry of unknown outcome that nobody ever saw might as well not have been asked for: without it there is less to search.
	seen := map[string]bool{}
	for _, o := range h.ops {
		r := o.Output.(reply)
		for log := r.log; log != ""; log = log[2:] {
			seen[log[:2]] = true
		}
		if r.told == toldThere {
			seen[o.Input.(question).id] = true
		}
	}
	ops := slices.DeleteFunc(slices.Clone(h.ops), func(o porcupine.Operation) bool {
		return o.Output.(reply).told == toldNothing && !seen[o.Input.(question).id]
	})
	m := porcupine.NondeterministicModel{
		Init: func() []any { return []any{logState{}} },
		Step: func(s, in, out any) []any { return s.(logState).step(in.(question), out.(reply)) },
	}
	return porcupine.CheckOperationsTimeout(m.ToModel(), ops, 30*time.Second)
}

// TestHistoryModel: short histories whose verdict is plain, so that a check that says yes says something.
func TestHistoryModel(t *testing.T) {
	type op struct {
		q          question
		r          reply
		call, back int64
	}
	const forever = math.MaxInt64
	for _, c := range []struct {
		name string
		ops  []op
		want porcupine.CheckResult
	}{
		{"in line", []op{{question{0, "aa", ""}, reply{toldDone, ""}, 1, 2}, {question{1, "bb", ""}, reply{toldDone, "aa"}, 3, 4}}, porcupine.Ok},
		{"at once, the later before", []op{{question{0, "aa", ""}, reply{toldDone, "bb"}, 1, 4}, {question{1, "bb", ""}, reply{toldDone, ""}, 2, 3}}, porcupine.Ok},
		{"an acknowledged entry is lost", []op{{question{0, "aa", ""}, reply{toldDone, ""}, 1, 2}, {question{1, "bb", ""}, reply{toldDone, ""}, 3, 4}}, porcupine.Illegal},
		{"two at one place", []op{{question{0, "aa", ""}, reply{toldDone, ""}, 1, 4}, {question{1, "bb", ""}, reply{toldDone, ""}, 2, 3}}, porcupine.Illegal},
		{"unknown, came late", []op{{question{0, "aa", ""}, reply{toldNothing, ""}, 1, forever}, {question{1, "bb", ""}, reply{toldDone, ""}, 2, 3}, {question{2, "", ""}, reply{toldRead, "bbaa"}, 4, 5}}, porcupine.Ok},
		{"unknown, never came", []op{{question{0, "aa", ""}, reply{toldNothing, ""}, 1, forever}, {question{1, "bb", ""}, reply{toldDone, ""}, 2, 3}, {question{2, "", ""}, reply{toldRead, "bb"}, 4, 5}}, porcupine.Ok},
		{"unknown, there before it was asked", []op{{question{2, "", ""}, reply{toldRead, "aa"}, 1, 2}, {question{0, "aa", ""}, reply{toldNothing, ""}, 3, forever}}, porcupine.Illegal},
		{"a read goes back", []op{{question{0, "aa", ""}, reply{toldDone, ""}, 1, 2}, {question{0, "", ""}, reply{toldRead, ""}, 3, 4}}, porcupine.Illegal},
		{"a read elsewhere lags", []op{{question{0, "aa", ""}, reply{toldDone, ""}, 1, 2}, {question{1, "", ""}, reply{toldRead, ""}, 3, 4}}, porcupine.Ok},
		{"a read of another order", []op{{question{0, "aa", ""}, reply{toldDone, ""}, 1, 2}, {question{0, "bb", ""}, reply{toldDone, "aa"}, 3, 4}, {question{1, "", ""}, reply{toldRead, "bb"}, 5, 6}}, porcupine.Illegal},
		{"a refusal from the past", []op{{question{0, "aa", ""}, reply{toldDone, ""}, 1, 2}, {question{1, "vv", "aa"}, reply{toldMissing, ""}, 3, 4}}, porcupine.Illegal},
		{"a refusal meanwhile", []op{{question{0, "aa", ""}, reply{toldDone, ""}, 1, 3}, {question{1, "vv", "aa"}, reply{toldMissing, ""}, 2, 4}}, porcupine.Ok},
		{"a vote that is not there", []op{{question{1, "vv", "aa"}, reply{toldThere, ""}, 1, 2}}, porcupine.Illegal},
	} {
		h := newHistory()
		for _, o := range c.ops {
			h.ops = append(h.ops, porcupine.Operation{ClientId: o.q.member, Input: o.q, Output: o.r, Call: o.call, Return: o.back})
		}
		if got := h.check(t); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
