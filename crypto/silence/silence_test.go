package silence_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
	"github.com/tacet-health/tacet/crypto/silence"
)

func sitting(n int) silence.Sitting {
	return silence.Sitting{ID: [32]byte{5}, Members: inprocess.Roster(n), MaxText: 200}
}

// traffic is what each member sends, by step: kind and bytes.
type traffic map[string][]string

func sum(t *testing.T, r secagg.Round, x map[string][]int64, seen traffic) []int64 {
	t.Helper()
	p, err := inprocess.New(r, inprocess.Signatures)
	if err != nil {
		t.Fatal(err)
	}
	p.Watch = func(k secagg.Kind, member string, sent int) {
		if seen != nil {
			seen[member] = append(seen[member], fmt.Sprintf("%s %d", k, sent))
		}
	}
	if err := p.Play(secagg.KindReveal, func(n string) []int64 { return x[n] }); err != nil {
		t.Fatal(err)
	}
	s, err := p.Sum()
	if err != nil {
		t.Fatal(err)
	}
	return s.Values
}

// reserve holds the first round until the keys are there.
func reserve(t *testing.T, s silence.Sitting, members map[string]*silence.Member, seen traffic) silence.Keys {
	t.Helper()
	for attempt := range uint64(50) {
		x := map[string][]int64{}
		for n, m := range members {
			v, err := m.Reserve()
			if err != nil {
				t.Fatal(err)
			}
			x[n] = v
		}
		keys, err := s.ReadReserve(sum(t, s.Reserve(attempt), x, seen))
		if errors.Is(err, silence.ErrCollision) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	t.Fatal("50 collisions")
	return nil
}

// hold is a whole sitting. spoil may change the vectors of the second round.
func hold(t *testing.T, s silence.Sitting, say map[string]string, seen traffic, spoil func(silence.Keys, map[string][]int64)) (silence.Keys, []int64) {
	t.Helper()
	members := map[string]*silence.Member{}
	for _, n := range s.Members {
		m, err := silence.NewMember(s, say[n])
		if err != nil {
			t.Fatal(err)
		}
		members[n] = m
	}
	keys := reserve(t, s, members, seen)
	x := map[string][]int64{}
	for n, m := range members {
		v, err := m.Speak(keys)
		if err != nil {
			t.Fatal(err)
		}
		x[n] = v
	}
	if spoil != nil {
		spoil(keys, x)
	}
	return keys, sum(t, s.Speak(keys), x, seen)
}

func TestStatements(t *testing.T) {
	s := sitting(5)
	for _, want := range [][]string{nil, {"the exclusion for hospice is too narrow"}, {strings.Repeat("x", 200), "b", "c", "d", "e"}} {
		say := map[string]string{}
		for i, text := range want {
			say[s.Members[i]] = text
		}
		keys, values := hold(t, s, say, nil, nil)
		got, spoiled, err := s.ReadSpeak(keys, values)
		slices.Sort(got)
		slices.Sort(want)
		if err != nil || spoiled != 0 || !slices.Equal(got, want) {
			t.Errorf("%d statements: %q, %d spoiled, %v", len(want), got, spoiled, err)
		}
	}
}

// TestShape: what a speaker sends and what a silent member sends are the same messages in the same order with the same number of bytes, whoever
// speaks and whatever it says. (A repeated first round is the same for all.)
func TestShape(t *testing.T) {
	s := sitting(4)
	shapes := map[string]bool{}
	for _, say := range []map[string]string{{}, {"m00": "a"}, {"m01": strings.Repeat("y", 200)}, {"m00": "a", "m03": "b"}} {
		seen := traffic{}
		hold(t, s, say, seen, nil)
		for _, n := range s.Members {
			if !slices.Equal(seen[n], seen["m00"]) {
				t.Errorf("%v: %s sends %v, m00 %v", say, n, seen[n], seen["m00"])
			}
		}
		steps := seen["m00"]
		shapes[strings.Join(steps[len(steps)-10:], ", ")] = true // the last two rounds: what comes before are repetitions
	}
	if len(shapes) != 1 {
		t.Errorf("the shape depends on what is said: %v", shapes)
	}
}

// TestCollision: two keys in one slot are seen, and say nothing else.
func TestCollision(t *testing.T) {
	s := sitting(3)
	x := map[string][]int64{}
	var first int
	for i, n := range s.Members {
		m, _ := silence.NewMember(s, "")
		v, err := m.Reserve()
		if err != nil {
			t.Fatal(err)
		}
		at := slices.Index(v, 1)
		if i == 0 {
			first = at
		} else if i == 1 { // the second moves to the slot of the first
			moved := make([]int64, len(v))
			copy(moved[first:first+13], v[at:at+13])
			v = moved
		}
		x[n] = v
	}
	if _, err := s.ReadReserve(sum(t, s.Reserve(0), x, nil)); !errors.Is(err, silence.ErrCollision) {
		t.Error(err)
	}
}

// TestRateLimit: a member that takes two slots, one that takes none and one that writes over others' slots end the sitting; nobody has two statements.
func TestRateLimit(t *testing.T) {
	s := sitting(4)
	for what, change := range map[string]func(mine, other []int64){
		"two keys":  func(mine, other []int64) { add(mine, other) },
		"no key":    func(mine, _ []int64) { clear(mine) },
		"count":     func(mine, _ []int64) { mine[0]-- },
		"noise":     func(mine, _ []int64) { mine[1] += 12345 },
		"two, less": func(mine, other []int64) { add(mine, other); mine[slices.Index(other, 0)/13*13] -= 1 },
	} {
		for {
			x := map[string][]int64{}
			for _, n := range s.Members {
				m, _ := silence.NewMember(s, "")
				x[n], _ = m.Reserve()
			}
			m, _ := silence.NewMember(s, "")
			other, _ := m.Reserve()
			change(x["m02"], other)
			_, err := s.ReadReserve(sum(t, s.Reserve(0), x, nil))
			if errors.Is(err, silence.ErrCollision) {
				continue
			}
			if !errors.Is(err, silence.ErrJammed) {
				t.Errorf("%s: %v", what, err)
			}
			break
		}
	}
	m, _ := silence.NewMember(s, "")
	if _, err := m.Reserve(); err != nil {
		t.Fatal(err)
	}
	other := make(silence.Keys, 4)
	for i := range other {
		other[i] = bytes.Repeat([]byte{byte(i)}, 32)
	}
	if _, err := m.Speak(other); !errors.Is(err, silence.ErrJammed) {
		t.Error("keys without this member's:", err)
	}
}

func add(v, w []int64) {
	for i := range v {
		v[i] += w[i]
	}
}

// TestSpoiled: noise on somebody's slot is seen; a ballot that the attacker knows cannot be turned into another one.
func TestSpoiled(t *testing.T) {
	v := silence.Vote{Sitting: sitting(3), Options: 2}
	no, _ := v.Ballot(0)
	yes, _ := v.Ballot(1)
	say := map[string]string{"m00": no, "m01": no, "m02": no}
	keys, values := hold(t, v.Sitting, say, nil, func(keys silence.Keys, x map[string][]int64) {
		size := len(x["m02"]) / 3
		for slot := range 3 { // m02 adds the difference of two ballots to every slot that is not its own
			if x["m02"][slot*size] == 0 {
				for i := range len(no) / 4 {
					for b := range 4 {
						x["m02"][slot*size+2+i] += (int64(yes[4*i+b]) - int64(no[4*i+b])) << (24 - 8*b)
					}
				}
				last := len(no) - 1
				x["m02"][slot*size+2+last/4] += (int64(yes[last]) - int64(no[last])) << (24 - 8*(last%4)) * int64(min(1, len(no)%4))
			}
		}
	})
	texts, spoiled, err := v.Sitting.ReadSpeak(keys, values)
	if err != nil || spoiled != 2 || len(texts) != 1 {
		t.Errorf("%q, %d spoiled, %v", texts, spoiled, err)
	}
	if _, err := v.Tally(keys, values); !errors.Is(err, silence.ErrJammed) {
		t.Error("a tally of spoiled ballots:", err)
	}
}

func TestTally(t *testing.T) {
	v := silence.Vote{Sitting: sitting(5), Options: 3}
	say := map[string]string{}
	for i, option := range []int{2, 0, 2, silence.Abstain} {
		text, err := v.Ballot(option)
		if err != nil {
			t.Fatal(err)
		}
		say[v.Sitting.Members[i]] = text
	}
	say["m04"] = "ballot/1 of another vote 2"
	got, err := v.Tally(hold(t, v.Sitting, say, nil, nil))
	if err != nil || got.Present != 5 || !slices.Equal(got.Counts, []int{1, 0, 2}) || got.Abstained != 1 || got.Invalid != 1 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := v.Ballot(3); err == nil {
		t.Error("an option that is none")
	}
}

func TestFilter(t *testing.T) {
	names := []string{"Blue Ridge Health", "Acme"}
	for _, text := range []string{
		"we pay $40", "forty dollars a visit", "12 % more", "5 percent", "five per cent", "20 basis points", "PMPM of 31", "between 1,200 and 1,300", "1.5 times",
		"over 12000", "15k a year", "two hundred", "as blue ridge-health does", "as B.L.U.E  R I D G E health does", "4cme says no", "ACMÉ", "а cyrillic letter", "a\x00b", "\xff",
		"the fee schedule", "９９ in full width",
	} {
		if err := silence.Filter(text, names); !errors.Is(err, silence.ErrFilter) {
			t.Errorf("%q is let through: %v", text, err)
		}
	}
	for _, text := range []string{
		"The hospice exclusion of qp-crc is too narrow.", "Denominators under 30 should wait a year", "E11.9 belongs in the value set", "niñas y niños", "BP under 140 over 90 is too strict",
	} {
		if err := silence.Filter(text, names); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestRefused(t *testing.T) {
	s := sitting(3)
	if _, err := silence.NewMember(s, strings.Repeat("x", 201)); err == nil {
		t.Error("a text beyond the slot")
	}
	s.MaxText = 70
	if s.Check() == nil {
		t.Error("a text size that is no multiple of 4")
	}
	if r := sitting(4).Reserve(0); r.Tolerates() != 3 {
		t.Errorf("a sitting of 4 tolerates %d in collusion", r.Tolerates())
	}
}
