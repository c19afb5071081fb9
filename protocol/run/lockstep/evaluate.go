package lockstep

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/wire"
)

// state hashes what a member holds: a label, the manifest, the step's name, and
// hashes of fixed length.
func (l *Member) state(s run.Step, parts ...[32]byte) wire.Hash {
	h := sha256.New()
	h.Write([]byte("tacet/state/v1\x00"))
	h.Write(l.m.Hash[:])
	h.Write([]byte(s.String() + "\x00"))
	for _, p := range parts {
		h.Write(p[:])
	}
	return wire.Hash(h.Sum(nil))
}

// planState binds the circuit, the reference string and the number of payers:
// members that were built differently part here, before any key exists.
func (l *Member) planState(s run.Step) wire.Hash {
	return l.state(s, l.m.Plan.Hash(), l.m.Reference)
}

// next evaluates up to the next point where the payers are needed and returns
// the state over the very ciphertexts that shares will be made on.
func (l *Member) next(ctx context.Context, s run.Step) (wire.Hash, error) {
	refreshed, err := l.refreshed()
	if err != nil {
		return wire.Hash{}, err
	}
	if l.eval == nil {
		if err := l.beginEvaluation(); err != nil {
			return wire.Hash{}, err
		}
	}
	if l.stage, err = l.eval.Next(ctx, refreshed); err != nil {
		return wire.Hash{}, err
	}
	if h := l.cfg.Hooks.Stage; h != nil {
		if err := h(s, l.stage); err != nil {
			return wire.Hash{}, err
		}
	}
	if s.Kind == run.Result {
		if len(l.stage.Refresh) != 0 || len(l.stage.Result) != l.m.Plan.Results() {
			return wire.Hash{}, fmt.Errorf("the circuit asks for %d refreshes and gives %d results where the plan ends", len(l.stage.Refresh), len(l.stage.Result))
		}
		return l.resultState(s), nil
	}
	shape := l.m.Plan.Stages()[s.Stage-1]
	if len(l.stage.Refresh) != shape.Refreshes {
		return wire.Hash{}, fmt.Errorf("the circuit asks for %d refreshes in stage %d, the plan for %d", len(l.stage.Refresh), s.Stage, shape.Refreshes)
	}
	parts := [][32]byte{l.stage.Digest}
	for _, q := range l.stage.Refresh {
		if q.High != shape.High {
			return wire.Hash{}, fmt.Errorf("the circuit and the plan disagree on the scale of stage %d", s.Stage)
		}
		parts = append(parts, requestLabel(q), q.Ciphertext.Hash())
		l.refresh = append(l.refresh, l.c.NewRefreshSum(l.m.Reference, q).Within(l.spill))
	}
	return l.state(s, parts...), nil
}

// requestLabel is the part of a refresh request beside its ciphertext.
func requestLabel(q mhe.RefreshRequest) (b [32]byte) {
	binary.BigEndian.PutUint64(b[0:], uint64(q.Stage))
	binary.BigEndian.PutUint64(b[8:], uint64(q.Index))
	if q.High {
		b[16] = 1
	}
	return b
}

func (l *Member) resultState(s run.Step) wire.Hash {
	parts := [][32]byte{l.stage.Digest}
	for _, ct := range l.stage.Result {
		parts = append(parts, ct.Hash())
	}
	return l.state(s, parts...)
}

// refreshed finishes the refreshes of the stage before, none before the first.
func (l *Member) refreshed() ([]*mhe.Ciphertext, error) {
	var out []*mhe.Ciphertext
	for i, r := range l.refresh {
		ct, err := r.Finish()
		if err != nil {
			return nil, err
		}
		out = append(out, ct)
		l.stage.Refresh[i].Ciphertext.Free()
		l.refresh[i], l.stage.Refresh[i].Ciphertext = nil, nil
	}
	l.refresh = nil
	return out, nil
}

func (l *Member) beginEvaluation() error {
	keys, err := l.keys.Keys()
	if err != nil {
		return err
	}
	inputs, err := l.inputs.Ciphertexts()
	if err != nil {
		return err
	}
	l.keys, l.inputs = nil, nil // the evaluation owns what remains of them
	if l.eval, err = predicate.NewEvaluation(l.c, l.m.Plan, keys, inputs); err == nil {
		l.eval.Within(l.memory.Workers, l.spill)
	}
	return err
}
