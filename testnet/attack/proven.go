package attack

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
	"github.com/tacet-health/tacet/crypto/secagg/inprocess"
)

// Attack on what enters a sum: m04's own vector.

// excess is what m04 adds to an element: far beyond its own bound, within the bound of the whole sum.
const excess = 3 << 31

// overstated: m04 runs a program of its own, which masks a vector out of range. Masks add up whatever is under them.
func overstated(context.Context, *scene) (string, error) {
	p, err := sumUpTo(5, 4, secagg.KindMasked)
	if err != nil {
		return "", err
	}
	v := p.T.Vectors["m04"]
	binary.LittleEndian.PutUint64(v[16:], binary.LittleEndian.Uint64(v[16:])+excess)
	h := sha256.Sum256(v)
	raw := p.T.Masked["m04"]
	body := append(bytes.Clone(raw[bytes.Index(raw, []byte("m04"))+3+4:][:32]), h[:]...)
	p.T.Masked["m04"] = secagg.Sign(inprocess.Signatures("m04"), secagg.KindMasked, p.Round, "m04", body).Bytes()
	others := map[string]*secagg.Member{}
	for _, n := range []string{"m00", "m01", "m02", "m03"} {
		others[n] = p.Members[n]
	}
	sum, err := opened(p, p.T.Masked, others)
	if err != nil {
		return "", err
	}
	want := int64(0)
	for _, n := range p.Round.Members {
		want += inputs(n)[2]
	}
	if sum.Values[2]-want != excess {
		return "", errors.New("the sum is not shifted")
	}
	return fmt.Sprintf("m04 adds %d times its bound to an element: the sum of five comes out that much too high, and nobody can tell", excess>>31), nil
}

func provenRound() (*inprocess.Proven, error) {
	r := bounded.Round{Manifest: [32]byte{1}, Number: 1, Members: inprocess.Roster(5), Form: bounded.Vector, Length: len(prize), Low: -1 << 30, Bits: 32}
	return inprocess.NewProven(r, inprocess.Signatures)
}

func overstatedRefused(context.Context, *scene) (string, error) {
	p, err := provenRound()
	if err != nil {
		return "", err
	}
	x := func(n string) []int64 { return inputs(n)[:len(prize)] }
	if errs := p.Play(secagg.KindKeys, nil); errs != nil {
		return "", inprocess.First(p.Round, errs)
	}
	// Every aggregator's share is one that m04 is bound to, and what they add up to is no vector of small numbers.
	two, err := bounded.Resume(p.Round, "m04", inprocess.Signatures("m04"), p.Members["m04"].Seed())
	if err != nil {
		return "", err
	}
	if _, err := two.Keys(); err != nil {
		return "", err
	}
	other, err := two.Misreport(p.T[secagg.KindKeys])
	if err != nil {
		return "", err
	}
	p.Change = func(k secagg.Kind, n string, m *secagg.Message) *secagg.Message {
		if k != secagg.KindReport || n != "m04" {
			return m
		}
		return other
	}
	if errs := p.Step(secagg.KindReport, secagg.KindKeys, x); len(errs) > 0 {
		return "", inprocess.First(p.Round, errs)
	}
	if errs := p.Step(secagg.KindPrep, secagg.KindReport, x); len(errs) > 0 {
		return "", inprocess.First(p.Round, errs)
	}
	errs := p.Step(secagg.KindCommit, secagg.KindPrep, x)
	text := ""
	for _, n := range []string{"m00", "m01", "m02", "m03"} {
		if text, err = refused(errs[n], bounded.ErrRange); err != nil {
			return "", fmt.Errorf("%s: %w", n, err)
		}
	}
	return fmt.Sprintf("%q, by each of the four", text), nil
}
