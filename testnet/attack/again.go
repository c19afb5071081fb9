package attack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/tacet-health/tacet/crypto/mhe"
	"github.com/tacet-health/tacet/protocol/run"
	"github.com/tacet-health/tacet/protocol/wire"
)

// lives is how often the payer is made to crash: the error of the mean, 3.2/√lives, must round to 0 in every coefficient.
const lives = 1200

// shareAfterCrash: a payer that keeps its key share on disk and draws fresh noise in each life. After each crash it makes its share of round
// one again: h1 = s·a + e. The mean of the e is 0, so the mean of all shares is s·a.
func shareAfterCrash(_ context.Context, s *scene) (string, error) {
	p := s.newNaive()
	q := s.plan.Set().Q[0]
	a := s.lab.Reference(reference("crash"), 0, "relinearisation", 0)
	sa := s.each(a, s.lift(p.k, 0), mul)
	first := s.each(sa, s.lift(p.drawError(), 0), add)
	mean := make([]float64, s.plan.Set().Slots())
	for range lives {
		again := s.each(sa, s.lift(p.drawError(), 0), add)
		for i, d := range s.integers(s.each(again, first, sub)) {
			mean[i] += float64(d.Int64()) / lives // e of this life minus e of the first
		}
	}
	e := make([]int8, len(mean))
	for i, m := range mean {
		e[i] = int8(math.Round(-m))
	}
	k := s.each(first, s.lift(e, 0), sub)
	for i := range k[0] {
		k[0][i] = mul(k[0][i], inverse(a[0][i], q), q)
	}
	share, err := secretOf(s.integers(k), big.NewInt(1))
	if err != nil {
		return "", err
	}
	if !slices.Equal(share, p.k) {
		return "", errors.New("another key share than the payer's")
	}
	return fmt.Sprintf("%d shares on one polynomial, noise drawn anew: all %d coefficients of the key share, exactly, no lattice reduction", lives, len(share)), nil
}

func (p *naive) drawError() []int8 { return p.s.drawError(p.r) }

func shareAfterCrashRefused(ctx context.Context, s *scene) (string, error) {
	ref, rot := reference("crash"), s.plan.Rotations()
	p, err := s.c.NewParty(ref, rot)
	if err != nil {
		return "", err
	}
	before, err := p.State()
	if err != nil {
		return "", err
	}
	var first, again bytes.Buffer
	if err := p.KeyRoundOne(&first); err != nil {
		return "", err
	}
	if _, err := refused(p.KeyRoundOne(io.Discard), mhe.ErrShareUsed); err != nil {
		return "", err
	}
	after, err := p.State()
	if err != nil {
		return "", err
	}
	// a crash after the share was stored, and one before
	q, err := s.c.Resume(ref, rot, after)
	if err != nil {
		return "", err
	}
	once, err := refused(q.KeyRoundOne(io.Discard), mhe.ErrShareUsed)
	if err != nil {
		return "", err
	}
	if q, err = s.c.Resume(ref, rot, before); err == nil {
		err = q.KeyRoundOne(&again)
	}
	if err != nil {
		return "", err
	}
	if !bytes.Equal(first.Bytes(), again.Bytes()) {
		return "", errors.New("a party that lost the share made another one")
	}
	text, err := s.restarted(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%q; a crash before the share is stored: the identical bytes; the member after a crash: %q", once, text), nil
}

// restarted crashes birch when it is about to reveal its key share, and starts it again on what is on its disk.
func (s *scene) restarted(ctx context.Context) (string, error) {
	return s.relive(ctx, "crash", func(n *network, dir string) error {
		return os.CopyFS(dir, os.DirFS(filepath.Join(n.dir, birch)))
	}, wire.Restarted)
}

// relive runs until birch is about to reveal its shares of keys-1, lets restore make the folder of its second life, and shows that life
// everything that was signed in the first. It must end the run with a code and reveal nothing.
func (s *scene) relive(ctx context.Context, name string, restore func(n *network, dir string) error, code wire.Code) (string, error) {
	n, err := s.newNetwork(name)
	if err != nil {
		return "", err
	}
	defer n.close()
	first, crash := context.WithCancel(ctx)
	defer crash()
	second := filepath.Join(n.dir, "second life")
	var once sync.Once
	var failed locked[error]
	n.reveal = func(member string, at run.Step) {
		if member == birch && at.Kind == run.KeysOne {
			once.Do(func() {
				failed.do(func(e *error) { *e = restore(n, second) })
				crash()
			})
		}
	}
	if _, err := n.run(first); err != nil {
		return "", err
	}
	if failed.v != nil {
		return "", failed.v
	}
	n.revealed.v = map[string][]string{}
	n.reveal = nil
	d, err := n.driver(birch, second)
	if err != nil {
		return "", err
	}
	n.queues[birch] = make(chan run.Event, 4096)
	dctx, stop := context.WithCancel(ctx)
	defer stop()
	signed := slices.Clone(n.commits)
	go func() {
		for _, c := range signed { // the convener's relay sends the whole run to whoever connects
			d.Deliver(dctx, run.Received{Commit: c})
		}
	}()
	o, _ := d.Run(ctx, seat{n, birch})
	for step, who := range n.revealed.v {
		if slices.Contains(who, birch) {
			return "", fmt.Errorf("the second life revealed an object of step %s", step)
		}
	}
	if o.Certified() || o.Code != code {
		return "", fmt.Errorf("the second life ended with code %q: %s", o.Code, o.Void)
	}
	return o.Void, nil
}

// shareAfterRestore: noise from a seed and a label, so that a crash gives the same bytes; but the restored payer is asked about another
// ciphertext under the same label, and answers with the same noise.
func shareAfterRestore(_ context.Context, s *scene) (string, error) {
	r := rand.New(rand.NewChaCha8([32]byte{2}))
	k := s.drawSecret(r)
	noise := s.lift(s.drawError(r), 0) // of the label "decrypt/0", in both lives
	q := s.plan.Set().Q[0]
	c := s.lab.Reference(reference("first question"), 0, "input", 0)
	d := s.lab.Reference(reference("second question"), 0, "input", 0)
	one := s.each(s.each(c, s.lift(k, 0), mul), noise, add)
	two := s.each(s.each(d, s.lift(k, 0), mul), noise, add)
	ks := s.each(s.each(one, two, sub), s.each(c, d, sub), func(x, y, q uint64) uint64 { return mul(x, inverse(y, q), q) })
	share, err := secretOf(s.integers(ks), big.NewInt(1))
	if err != nil {
		return "", err
	}
	if !slices.Equal(share, k) {
		return "", errors.New("another key share than the payer's")
	}
	return fmt.Sprintf("two shares with the same noise on two ciphertexts: all %d coefficients of the key share, modulo one prime of %d bits", len(share), bitLen(q)), nil
}

func bitLen(q uint64) int { return new(big.Int).SetUint64(q).BitLen() }

func shareAfterRestoreRefused(ctx context.Context, s *scene) (string, error) {
	// the same experiment on the real party: a State from before the share, and another result
	n, _, err := s.contributed("restore")
	if err != nil {
		return "", err
	}
	p := n.parties[victim]
	backup, err := p.State()
	if err != nil {
		return "", err
	}
	set := s.plan.Set()
	level := set.DecryptLevel()
	scale := new(big.Float).SetMantExp(big.NewFloat(1), set.LogHigh)
	zero := s.constant(big.NewInt(0), level)
	c := s.lab.Reference(reference("first question"), level, "input", 0)
	d := s.lab.Reference(reference("second question"), level, "input", 0)
	var one, two bytes.Buffer
	if err := p.Decrypt(0, s.lab.Ciphertext(zero, c, scale, true), &one); err != nil {
		return "", err
	}
	q, err := s.c.Resume(n.ref, s.plan.Rotations(), backup)
	if err == nil {
		err = q.Decrypt(0, s.lab.Ciphertext(zero, d, scale, true), &two)
	}
	if err != nil {
		return "", err
	}
	diff := s.each(s.polynomial(one.Bytes(), 0), s.polynomial(two.Bytes(), 0), sub)
	ks := s.each(diff, s.each(c[:1], d[:1], sub), func(x, y, q uint64) uint64 { return mul(x, inverse(y, q), q) })
	if _, err := secretOf(s.integers(ks), big.NewInt(1)); !errors.Is(err, errNoSecret) {
		return "", errors.New("two answers of one label show the key share")
	}
	// and the member: its folder is older than the run, so it knows nothing of it and draws another key share
	text, err := s.relive(ctx, "restore", func(_ *network, dir string) error { return os.Mkdir(dir, 0o700) }, wire.Restored)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("two answers of one label carry independent noise; the member, shown its own commits: %q", text), nil
}
