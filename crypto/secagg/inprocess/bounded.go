package inprocess

import (
	"fmt"

	"github.com/tacet-health/tacet/crypto/secagg"
	"github.com/tacet-health/tacet/crypto/secagg/bounded"
)

// Proven is a round with proven ranges and its members. Not safe for concurrent use.
type Proven struct {
	Round   bounded.Round
	Members map[string]*bounded.Member
	T       bounded.Transcript
	// Change takes over what a member sends: nil leaves it.
	Change func(k secagg.Kind, member string, m *secagg.Message) *secagg.Message
	// Around is told of every member's step, and does it: for measuring. nil just does it.
	Around func(member string, do func() error) error

	sign func(string) secagg.Signing
}

// NewProven begins a round with a new part for every member.
func NewProven(r bounded.Round, sign func(name string) secagg.Signing) (*Proven, error) {
	p := &Proven{Round: r, Members: map[string]*bounded.Member{}, T: bounded.Transcript{}, sign: sign}
	for _, n := range r.Members {
		m, err := bounded.New(r, n, sign(n))
		if err != nil {
			return nil, err
		}
		p.Members[n] = m
	}
	return p, nil
}

// Step has every member do one step. before is the kind of the step before. The errors are by member: those who refuse.
func (p *Proven) Step(k, before secagg.Kind, x func(name string) []int64) map[string]error {
	errs := map[string]error{}
	p.T[k] = map[string][]byte{}
	for _, n := range p.Round.Members {
		var msg *secagg.Message
		var err error
		m, raw := p.Members[n], p.T[before]
		do := func() error {
			switch k {
			case secagg.KindKeys:
				msg, err = m.Keys()
			case secagg.KindReport:
				msg, err = m.Report(raw, x(n))
			case secagg.KindPrep:
				msg, err = m.Prep(raw)
			case secagg.KindCommit:
				msg, err = m.Commit(raw)
			case secagg.KindTags:
				msg, err = m.Tags(raw)
			case secagg.KindOpen:
				msg, err = m.Open(raw)
			}
			return err
		}
		if p.Around != nil {
			err = p.Around(n, do)
		} else {
			err = do()
		}
		if err != nil {
			errs[n] = err
			continue
		}
		if p.Change != nil {
			msg = p.Change(k, n, msg)
		}
		p.T[k][n] = msg.Bytes()
	}
	return errs
}

// Play goes through all steps up to and with last. The errors are those of the first step that not everybody does.
func (p *Proven) Play(last secagg.Kind, x func(name string) []int64) map[string]error {
	var before secagg.Kind
	for _, k := range []secagg.Kind{secagg.KindKeys, secagg.KindReport, secagg.KindPrep, secagg.KindCommit, secagg.KindTags, secagg.KindOpen} {
		if errs := p.Step(k, before, x); len(errs) > 0 {
			return errs
		}
		if before = k; k == last {
			break
		}
	}
	return nil
}

// Sum is what everybody recovers from the transcript.
func (p *Proven) Sum() ([]int64, error) {
	return bounded.Recover(p.Round, p.sign(p.Round.Members[0]), p.T)
}

// First is one of the errors, by name.
func First(r bounded.Round, errs map[string]error) error {
	for _, n := range r.Members {
		if errs[n] != nil {
			return fmt.Errorf("%s: %w", n, errs[n])
		}
	}
	return nil
}
