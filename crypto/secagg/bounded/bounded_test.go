package bounded_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
)

func vectorRound(n, length, bits int, low int64) bounded.Round {
	return bounded.Round{Manifest: [32]byte{4}, Number: 1, Members: inprocess.Roster(n), Form: bounded.Vector, Length: length, Bits: bits, Low: low}
}

func begin(t *testing.T, r bounded.Round) *inprocess.Proven {
	t.Helper()
	p, err := inprocess.NewProven(r, inprocess.Signatures)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestExact: honest sums are the plain sums, of every form, also at the ends of the range.
func TestExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, r := range []bounded.Round{
		vectorRound(3, 1, 1, 0), vectorRound(3, 7, 5, -9), vectorRound(6, 20, 16, 0), vectorRound(4, 3, 40, -1<<39),
		{Manifest: [32]byte{4}, Number: 1, Members: inprocess.Roster(5), Form: bounded.Histogram, Length: 12},
	} {
		x, want := map[string][]int64{}, make([]int64, r.Length)
		for i, n := range r.Members {
			v := make([]int64, r.Length)
			if r.Form == bounded.Histogram {
				v[rng.IntN(r.Length)] = 1
			} else {
				for j := range v {
					v[j] = r.Low + rng.Int64N(1<<r.Bits)
				}
				v[0] = r.Low + int64(i%2)*(1<<r.Bits-1)
			}
			x[n] = v
			for j := range v {
				want[j] += v[j]
			}
		}
		p := begin(t, r)
		if errs := p.Play(secagg.KindOpen, func(n string) []int64 { return x[n] }); errs != nil {
			t.Fatal(errs)
		}
		got, err := p.Sum()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%d members, %d elements of %d bits: %v, want %v, %v", len(r.Members), r.Length, r.Bits, got, want, err)
		}
	}
}

// TestOwnVector: a member refuses a vector of its own that is out of range, and can send another one.
func TestOwnVector(t *testing.T) {
	r := vectorRound(3, 3, 4, -3)
	p := begin(t, r)
	p.Play(secagg.KindKeys, nil)
	for _, x := range [][]int64{{0, 0, 13}, {-4, 0, 0}, {0, 0}} {
		if _, err := p.Members["m00"].Report(p.T[secagg.KindKeys], x); err == nil {
			t.Errorf("%v is taken", x)
		}
	}
	if _, err := p.Members["m00"].Report(p.T[secagg.KindKeys], []int64{0, 0, 12}); err != nil {
		t.Error(err)
	}
	if _, err := p.Members["m00"].Report(p.T[secagg.KindKeys], []int64{0, 0, 12}); !errors.Is(err, secagg.ErrOrder) {
		t.Error("a step twice:", err)
	}
	h := bounded.Round{Members: inprocess.Roster(3), Form: bounded.Histogram, Length: 3}
	p = begin(t, h)
	p.Play(secagg.KindKeys, nil)
	for _, x := range [][]int64{{1, 1, 0}, {0, 0, 0}, {2, 0, 0}, {1, -1, 1}} {
		if _, err := p.Members["m00"].Report(p.T[secagg.KindKeys], x); err == nil {
			t.Errorf("histogram %v is taken", x)
		}
	}
}

// TestChangedMessages: whatever one member changes in whatever it sends, under its own signature, no wrong sum comes out. Each change of one byte at
// random places of every step's message, and of every part of the structure.
func TestChangedMessages(t *testing.T) {
	r := vectorRound(4, 3, 4, 0)
	x := func(n string) []int64 { return []int64{int64(n[2]-'0') + 1, 15, 0} }
	rng := rand.New(rand.NewPCG(3, 4))
	for _, k := range []secagg.Kind{secagg.KindKeys, secagg.KindReport, secagg.KindPrep, secagg.KindCommit, secagg.KindTags, secagg.KindOpen} {
		ended := map[string]int{}
		for range 8 {
			p := begin(t, r)
			p.Change = func(at secagg.Kind, n string, m *secagg.Message) *secagg.Message {
				if at != k || n != "m02" {
					return m
				}
				body := slices.Clone(m.Body)
				from := min(32, len(body)-33) // beyond the hash of the step before, whose change is seen at once
				body[from+rng.IntN(len(body)-from)] ^= 1 << rng.IntN(8)
				return secagg.Sign(inprocess.Signatures("m02"), k, p.Round.Base(), "m02", body)
			}
			errs := p.Play(secagg.KindOpen, x)
			if errs != nil {
				ended["refused by members"]++
				continue
			}
			if sum, err := p.Sum(); err == nil {
				t.Errorf("a changed %s: the sum %v comes out", k, sum)
			} else {
				ended["no sum"]++
			}
		}
		t.Log(k, ended)
	}
}

// TestTwoVersions: a member that shows two of its messages is found out in the next step, before anything is opened.
func TestTwoVersions(t *testing.T) {
	r := vectorRound(3, 2, 3, 0)
	p := begin(t, r)
	if errs := p.Play(secagg.KindCommit, func(string) []int64 { return []int64{0, 1} }); errs != nil {
		t.Fatal(errs)
	}
	msgs, err := secagg.Collect(inprocess.Signatures("m00"), r.Base(), secagg.KindCommit, p.T[secagg.KindCommit], 64)
	if err != nil {
		t.Fatal(err)
	}
	body := slices.Clone(msgs[2].Body)
	body[40]++
	second := secagg.Sign(inprocess.Signatures("m02"), secagg.KindCommit, r.Base(), "m02", body).Bytes()
	tags := map[string][]byte{}
	for _, n := range r.Members {
		shown := maps.Clone(p.T[secagg.KindCommit])
		if n == "m00" {
			shown["m02"] = second
		}
		msg, err := p.Members[n].Tags(shown)
		if err != nil {
			t.Fatal(err)
		}
		tags[n] = msg.Bytes()
	}
	for _, n := range r.Members {
		if _, err := p.Members[n].Open(tags); err == nil || !strings.Contains(err.Error(), "was shown other messages") {
			t.Errorf("%s: %v", n, err)
		}
	}
	if who, ok := secagg.Conflict(inprocess.Signatures("m00"), r.Base(), secagg.KindCommit, p.T[secagg.KindCommit]["m02"], second); !ok || who != "m02" {
		t.Error("two commitments are no evidence")
	}
}

func TestRefusedRounds(t *testing.T) {
	good := vectorRound(3, 4, 8, 0)
	for what, f := range map[string]func(*bounded.Round){
		"two members":  func(r *bounded.Round) { r.Members = r.Members[:2] },
		"no form":      func(r *bounded.Round) { r.Form = 0 },
		"no bits":      func(r *bounded.Round) { r.Bits = 0 },
		"too long":     func(r *bounded.Round) { r.Length = 1 << 14 },
		"too low":      func(r *bounded.Round) { r.Low = -1 << 50 },
		"one bucket":   func(r *bounded.Round) { r.Form, r.Bits, r.Length = bounded.Histogram, 0, 1 },
		"a low bucket": func(r *bounded.Round) { r.Form, r.Bits, r.Low = bounded.Histogram, 0, 1 },
	} {
		r := good
		f(&r)
		if _, err := bounded.New(r, "m00", inprocess.Signatures("m00")); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
	if _, err := bounded.New(good, "m09", inprocess.Signatures("m09")); err == nil {
		t.Error("a stranger")
	}
	a, b := good, good
	b.Low = 1
	pa, pb := begin(t, a), begin(t, b)
	pa.Play(secagg.KindKeys, nil)
	pb.Play(secagg.KindKeys, nil)
	if _, err := pa.Members["m00"].Report(pb.T[secagg.KindKeys], make([]int64, 4)); err == nil {
		t.Error("keys of a round of another range")
	}
}

// FuzzMessages: hostile bytes in the place of a message of every step end in an error.
func FuzzMessages(f *testing.F) {
	r := vectorRound(3, 2, 2, 0)
	p, err := inprocess.NewProven(r, inprocess.Signatures)
	if err != nil {
		f.Fatal(err)
	}
	p.Play(secagg.KindOpen, func(string) []int64 { return []int64{1, 2} })
	for _, k := range []secagg.Kind{secagg.KindKeys, secagg.KindReport, secagg.KindPrep, secagg.KindCommit, secagg.KindTags, secagg.KindOpen} {
		f.Add(byte(k), p.T[k]["m01"][:40])
	}
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		k := secagg.Kind(kind)
		good, ok := p.T[k]["m01"]
		if !ok || slices.Equal(good, b) {
			return
		}
		p.T[k]["m01"] = b
		defer func() { p.T[k]["m01"] = good }()
		if sum, err := p.Sum(); err == nil {
			t.Errorf("%v out of bytes that nobody signed", sum)
		}
	})
}
