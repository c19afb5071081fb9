package attack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/run/objects"
	"github.com/tacet-health/tacet/protocol/wire"
)

// equivocation: recipients that do not compare what they opened. cedar seals its decryption share to the convener as it is, and to alder with
// ten steps added in one cell. Both shares are valid objects.
func equivocation(ctx context.Context, s *scene) (string, error) {
	n, cts, err := s.contributed("equivocation")
	if err != nil {
		return "", err
	}
	ct, err := n.evaluate(ctx, cts, nil)
	if err != nil {
		return "", err
	}
	var shares [][]byte
	for _, p := range n.parties {
		var b bytes.Buffer
		if err := p.Decrypt(0, ct, &b); err != nil {
			return "", err
		}
		shares = append(shares, b.Bytes())
	}
	tables := map[string][]predicate.Value{}
	for _, recipient := range []string{hub, alder} {
		sum := s.c.NewDecryptSum(ct)
		for i, b := range shares {
			if i == attacker && recipient == alder {
				if b, err = s.shifted(b, ct, 1, 10); err != nil {
					return "", err
				}
			}
			if err := sum.Add(bytes.NewReader(b)); err != nil {
				return "", err
			}
		}
		slots, err := sum.Slots()
		if err != nil {
			return "", err
		}
		if tables[recipient], err = s.plan.Decode([][]float64{slots}); err != nil {
			return "", err
		}
	}
	truth, lie := tables[hub][1], tables[alder][1]
	if truth != s.want[1] || lie.Steps != truth.Steps+10 {
		return "", fmt.Errorf("opened %v and %v", truth, lie)
	}
	return fmt.Sprintf("one practice is %d %% in the table of %s and %d %% in that of %s; every share and every value passes its checks", truth.Steps, hub, lie.Steps, alder), nil
}

// shifted adds steps to one cell in a decryption share.
func (s *scene) shifted(share []byte, ct *mhe.Ciphertext, cell int, steps float64) ([]byte, error) {
	level := s.plan.Set().DecryptLevel()
	m, err := s.plain(map[int]float64{cell * predicate.BlockSlots: steps}, ct.Scale(), level)
	if err != nil {
		return nil, err
	}
	out := bytes.Clone(share)
	s.addTo(out, headerSize, m)
	return out, nil
}

// addTo adds a polynomial to the one that begins at a place of an object, and returns the place behind it.
func (s *scene) addTo(object []byte, at int, m [][]uint64) int {
	for j, v := range m {
		q := s.plan.Set().Q[j]
		have, _ := vector(object[at:], q, len(v))
		for i := range have {
			have[i] = add(have[i], v[i], q)
		}
		replace(object[at:], q, have)
		at += len(v) * width(q)
	}
	return at
}

// equivocationRefused: cedar and the convener show birch another input of cedar than everybody else, with a commit that cedar signed for it.
// Both inputs are valid objects. Then birch is shown both. Last, the
// recipients hold different tables at the end.
func equivocationRefused(ctx context.Context, s *scene) (string, error) {
	split, err := s.equivocate(ctx, false, wire.Mismatch)
	if err != nil {
		return "", err
	}
	if !strings.Contains(split, "in the transcript") { // the states differ too, one step later
		return "", fmt.Errorf("not noticed in the transcript: %s", split)
	}
	both, err := s.equivocate(ctx, true, wire.Equivocation)
	if err != nil {
		return "", err
	}
	tables, err := s.differentTables(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("each shown one: %q; shown both: %q; different tables: %q", split, both, tables), nil
}

func (s *scene) differentTables(ctx context.Context) (string, error) {
	n, err := s.newNetwork("tables")
	if err != nil {
		return "", err
	}
	defer n.close()
	n.table = func(member string, v []predicate.Value) ([]byte, error) {
		if member == alder {
			v = slices.Clone(v)
			v[1].Steps += 10
		}
		return json.Marshal(v)
	}
	out, err := n.run(ctx)
	if err != nil {
		return "", err
	}
	for name, o := range out {
		if o.Certified() || o.Signatures != nil {
			return "", fmt.Errorf("%s has a certificate", name)
		}
	}
	return n.ended(out, alder, wire.Mismatch, "certify")
}

func (s *scene) equivocate(ctx context.Context, both bool, code wire.Code) (string, error) {
	n, err := s.newNetwork("equivocation")
	if err != nil {
		return "", err
	}
	defer n.close()
	var failed error
	input := n.step("input")
	n.show = func(to string, c *wire.SignedCommit) []*wire.SignedCommit { // under n.mu
		b := c.Body()
		if to != birch || b.Member != cedar || b.Step != input.Index {
			return []*wire.SignedCommit{c}
		}
		object, err := os.ReadFile(filepath.Join(n.dir, cedar, n.manifest.Run, input.String()+".object"))
		if err != nil {
			failed = err
			return nil
		}
		object[headerSize] ^= 1
		b.Object = objects.Sum(object)
		other, err := wire.SignCommit(s.keys[cedar], b)
		if err != nil {
			failed = err
			return nil
		}
		n.put(b.Object, object)
		if both {
			return []*wire.SignedCommit{c, other}
		}
		return []*wire.SignedCommit{other}
	}
	out, err := n.run(ctx)
	if err = errors.Join(err, failed); err != nil {
		return "", err
	}
	text, err := n.ended(out, birch, code, "refresh-1")
	if err != nil {
		return "", err
	}
	if len(out[birch].Evidence) == 0 {
		return "", errors.New("no evidence was kept")
	}
	for _, e := range out[birch].Evidence {
		if e.Kind == wire.KindCommit && run.Kind(e.Step) < run.Input {
			return "", errors.New("the evidence is of another step")
		}
	}
	return text, nil
}
