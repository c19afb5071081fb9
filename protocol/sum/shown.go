package sum

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"

	"github.com/tacet-health/tacet/crypto/secagg"
)

// What a member was shown, and by whose signature. Statements and the proposal are in its journal before it acts on them: another one, in this life or a later
// one, is evidence.

const setFile, proposalFile = ".set", "proposal.shown"

// convicted keeps what proves something against the convener.
func (p *part) convicted(number uint64, what string, pieces ...[]byte) error {
	name := fmt.Sprintf("%s.attempt-%d", p.Convener, number)
	return errors.Join(fmt.Errorf("%w: %s", ErrConvicted, what), p.journal.evidence(name, pieces...))
}

// begins reads the convener's word that an attempt is begun, in its hello behind the manifest.
func (p *part) begins(b []byte) error {
	x, err := readStatement(p.scheme, p.Round, p.sign, p.Convener, b[8:])
	if err == nil && (x.kind != begun || x.number != binary.BigEndian.Uint64(b)) {
		err = errStatement
	}
	p.begun = b[8:]
	return err
}

// again refuses an attempt behind a sum that this member has opened: with the lists that were fixed before, the word that it is begun is evidence.
func (p *part) again() error {
	err := fmt.Errorf("%w: it has opened a sum for this manifest; a second one needs an authorisation of its own", secagg.ErrHistory)
	last := p.journal.past.Last
	lists, rerr := os.ReadFile(p.journal.path(last, p.opening().String()+setFile))
	if what, ok := convicts(p.scheme, p.Round, p.sign, p.Convener, lists, p.begun); rerr == nil && ok {
		err = errors.Join(err, p.convicted(last, what, lists, p.begun))
	}
	return fatal{err}
}

// proposed takes the convener's list, once.
func (p *part) proposed(raw []byte) error {
	if _, err := secagg.Open(p.sign, p.round, secagg.KindProposal, p.Convener, raw); err != nil {
		return fatal{err}
	}
	before, err := p.journal.shown(p.round.Number, proposalFile, raw)
	if err != nil {
		return fatal{err}
	}
	if before != nil && !bytes.Equal(before, raw) {
		if what, ok := convicts(p.scheme, p.Round, p.sign, p.Convener, before, raw); ok {
			return fatal{p.convicted(p.round.Number, what, before, raw)}
		}
	}
	p.sets[secagg.KindProposal] = map[string][]byte{p.Convener: raw}
	return nil
}

// fix takes a set, once, with the convener's statement that it is the set.
func (p *part) fix(k secagg.Kind, set map[string][]byte, raw []byte) error {
	x, err := readStatement(p.scheme, p.Round, p.sign, p.Convener, raw)
	if err != nil {
		return err
	}
	if !bytes.Equal(x.body, statementBody(p.round, k, set)) {
		return fmt.Errorf("the convener says otherwise about the set of %s than it shows", k)
	}
	before, err := p.journal.shown(p.round.Number, k.String()+setFile, raw)
	if err != nil {
		return fatal{err}
	}
	if before != nil && !bytes.HasPrefix(before, x.body) {
		if what, ok := convicts(p.scheme, p.Round, p.sign, p.Convener, before, raw); ok {
			return fatal{errors.Join(p.convicted(p.round.Number, what, before, raw), p.authors(k, set))}
		}
	}
	if p.sets[k] != nil {
		return nil
	}
	if own := set[p.Keys.Name()]; own != nil {
		m, err := p.open(p.sign, p.round, k, p.Keys.Name(), own)
		if err == nil && !p.journal.said(m, p.scheme, p.round, p.sign) {
			return fatal{fmt.Errorf("%w: a %s message of attempt %d", ErrRestored, k, p.round.Number)}
		}
	}
	p.sets[k], p.stated[k] = set, raw
	return nil
}

// authors keeps what members have said twice, when a set is shown that differs from the one before.
func (p *part) authors(k secagg.Kind, set map[string][]byte) (all error) {
	for name, raw := range set {
		old := p.sets[k][name]
		if who, ok := p.conflict(p.sign, p.round, k, old, raw); ok {
			all = errors.Join(all, fmt.Errorf("%w: %s of %s", ErrContradiction, k, who), p.journal.evidence(fmt.Sprintf("%s.%s", who, k), old, raw))
		}
	}
	return all
}

// blame says why a step cannot be done, and keeps what in the sets before it convicts the convener, which has signed them.
func (p *part) blame(err error) error {
	for k, raw := range p.stated {
		if raw == nil {
			continue
		}
		pieces := [][]byte{nil}
		for _, n := range p.round.Members {
			pieces = append(pieces, p.sets[k][n])
		}
		for _, piece := range pieces {
			if what, ok := convicts(p.scheme, p.Round, p.sign, p.Convener, raw, piece); ok {
				return errors.Join(err, p.convicted(p.round.Number, what, raw, piece))
			}
		}
	}
	return err
}
