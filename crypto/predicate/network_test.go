package predicate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/tacet-health/tacet/crypto/mhe"
)

// network is a whole run of a plan in one process, through mhe's public calls: every payer has its own key
// share; what the payers would each do with everybody's shares is done once.
type network struct {
	t       testing.TB
	p       *Plan
	c       *mhe.Context
	ref     mhe.Reference
	parties []*mhe.Party
	keys    *mhe.Keys
}

func newNetwork(t testing.TB, p *Plan) *network {
	t.Helper()
	c, err := mhe.NewContext(p.Set(), p.Payers())
	must(t, err)
	n := &network{t: t, p: p, c: c, ref: mhe.NewReference(p.Hash(), sha256.Sum256([]byte("checkpoint")))}
	return n.withRotations(p.Rotations())
}

// withRotations draws the payers' key shares and runs both key rounds.
func (n *network) withRotations(rot []mhe.Rotation) *network {
	n.t.Helper()
	sum := n.c.NewKeySum(n.ref, rot)
	for range n.p.Payers() {
		party, err := n.c.NewParty(n.ref, rot)
		must(n.t, err)
		n.parties = append(n.parties, party)
		var b bytes.Buffer
		must(n.t, party.KeyRoundOne(&b))
		must(n.t, sum.AddRoundOne(&b))
	}
	two := make([]bytes.Buffer, len(n.parties))
	for i, party := range n.parties {
		must(n.t, party.KeyRoundTwo(sum, &two[i]))
	}
	for i := range two {
		must(n.t, sum.AddRoundTwo(&two[i]))
	}
	var err error
	n.keys, err = sum.Keys()
	must(n.t, err)
	return n
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// contribute encrypts and adds up every payer's slots. spoil may change them first.
func (n *network) contribute(num, den [][]int64, spoil func(payer, ciphertext int, slots []float64)) []*mhe.Ciphertext {
	n.t.Helper()
	sum := n.c.NewInputSum(n.ref, n.p.Ciphertexts())
	for j, party := range n.parties {
		for i := range n.p.Ciphertexts() {
			slots, err := n.p.Encode(j, i, num[j], den[j])
			must(n.t, err)
			if spoil != nil {
				spoil(j, i, slots)
			}
			var b bytes.Buffer
			must(n.t, party.Input(i, slots, &b))
			must(n.t, sum.Add(i, &b))
		}
	}
	cts, err := sum.Ciphertexts()
	must(n.t, err)
	return cts
}

// refresh answers a stage.
func (n *network) refresh(requests []mhe.RefreshRequest) []*mhe.Ciphertext {
	n.t.Helper()
	var out []*mhe.Ciphertext
	for _, q := range requests {
		sum := n.c.NewRefreshSum(n.ref, q)
		for _, party := range n.parties {
			var b bytes.Buffer
			must(n.t, party.Refresh(q, &b))
			must(n.t, sum.Add(&b))
		}
		ct, err := sum.Finish()
		must(n.t, err)
		out = append(out, ct)
	}
	return out
}

// evaluate runs all stages and returns the results and the digests.
func (n *network) evaluate(inputs []*mhe.Ciphertext) (result []*mhe.Ciphertext, digests [][32]byte) {
	n.t.Helper()
	e, err := NewEvaluation(n.c, n.p, n.keys, inputs)
	must(n.t, err)
	var refreshed []*mhe.Ciphertext
	var total time.Duration
	for i := range len(n.p.Stages()) + 1 {
		start := time.Now()
		st, err := e.Next(context.Background(), refreshed)
		must(n.t, err)
		took := time.Since(start)
		total += took
		if !n.p.Set().Insecure {
			n.t.Logf("stage %d: %.2f s", i, took.Seconds())
		}
		digests = append(digests, st.Digest)
		if st.Result != nil {
			if i != len(n.p.Stages()) {
				n.t.Fatalf("result after stage %d", i)
			}
			if !n.p.Set().Insecure {
				n.t.Logf("evaluation of %d ciphertexts: %.2f s; %.2f s of processor time, predicted %.2f", n.p.Ciphertexts(), total.Seconds(), e.CPU().Seconds(), float64(n.p.tally().micros)/1e6)
			}
			return st.Result, digests
		}
		if shape := n.p.Stages()[i]; len(st.Refresh) != shape.Refreshes || st.Refresh[0].High != shape.High {
			n.t.Fatalf("stage %d asks for %d refreshes, high %v; the plan says %+v", i, len(st.Refresh), st.Refresh[0].High, shape)
		}
		refreshed = n.refresh(st.Refresh)
	}
	n.t.Fatal("no result")
	return nil, nil
}

// open decrypts results with flooding.
func (n *network) open(result []*mhe.Ciphertext) [][]float64 {
	n.t.Helper()
	var out [][]float64
	for i, ct := range result {
		sum := n.c.NewDecryptSum(ct)
		for _, party := range n.parties {
			var b bytes.Buffer
			must(n.t, party.Decrypt(i, ct, &b))
			must(n.t, sum.Add(&b))
		}
		v, err := sum.Slots()
		must(n.t, err)
		out = append(out, v)
	}
	return out
}

// compare fails unless the run released exactly what was wanted, and returns the number of releases.
func (r *run) compare(t testing.TB, got []Value) (released int) {
	t.Helper()
	wrong := 0
	for i, v := range got {
		if v != r.want[i] {
			wrong++
			t.Errorf("cell %d: got %v, want %v", i, v, r.want[i])
		}
		if v.Released {
			released++
		}
	}
	if wrong > 0 {
		t.Fatalf("%d of %d cells wrong", wrong, len(got))
	}
	return released
}

// example draws a problem outside of a rapid run, reproducibly.
func example(payers, count, seed int, profiles ...profile) *run {
	return problems(payers, count, profiles...).Example(seed)
}

func name(parts ...any) string { return fmt.Sprint(parts...) }
